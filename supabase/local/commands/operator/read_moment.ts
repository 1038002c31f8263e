import { readMomentText } from "../../../functions/_shared/read_moment_text.ts";
import { UsageError } from "../usage_error.ts";

/**
 * The moment that `flag` names.
 *
 * @throws {UsageError} when it is none, or leaves open in which zone.
 */
export function readMoment(flag: string, text: string): Date {
  const moment = readMomentText(text);
  if (moment !== null) return moment;
  throw new UsageError(
    `Cannot use ${flag} "${text}": give a time with its offset, such as 2026-12-01T09:00+05:30`,
  );
}

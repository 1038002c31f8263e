import { z } from "zod";
import { UsageError } from "../usage_error.ts";

// Without seconds, which zod asks for otherwise, or with them.
const moment = z.union([
  z.iso.datetime({ offset: true, precision: -1 }),
  z.iso.datetime({ offset: true }),
]);

/**
 * The moment that `flag` names.
 *
 * @throws {UsageError} when it is none, or leaves open in which zone.
 */
export function readMoment(flag: string, text: string): Date {
  if (moment.safeParse(text).success) return new Date(text);
  throw new UsageError(
    `Cannot use ${flag} "${text}": give a time with its offset, such as 2026-12-01T09:00+05:30`,
  );
}

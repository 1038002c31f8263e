import { isLeadId } from "../operator/is_lead_id.ts";
import { UsageError } from "../usage_error.ts";

const SOURCES = ["seed", "recall", "manual"];

/** What is paused: the calls of one source, those of one lead, or all where both are null. */
export interface PausedScope {
  source: string | null;
  lead: string | null;
}

/**
 * Reads `--source` and `--lead`.
 *
 * @throws {UsageError} for both at once, and for what neither can be.
 */
export function readScope({ source, lead }: PausedScope): PausedScope {
  if (source !== null && lead !== null) {
    throw new UsageError("Cannot use --source with --lead: a pause is for one of them");
  }
  if (source !== null && !SOURCES.includes(source)) {
    throw new UsageError(`Cannot use --source "${source}": give ${SOURCES.join(", ")}`);
  }
  if (lead !== null && !isLeadId(lead)) {
    throw new UsageError(`Cannot use --lead "${lead}": give the id of a lead`);
  }
  return { source, lead };
}

/** The calls that are meant, as the beginning of a sentence. */
export function describeScope({ source, lead }: PausedScope): string {
  if (lead !== null) return `Calls to the lead ${lead}`;
  return source === null ? "All calls" : `Calls of the source ${source}`;
}

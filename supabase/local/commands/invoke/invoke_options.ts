import { readMoment } from "../operator/read_moment.ts";
import { parseFlags } from "../parse_flags.ts";
import { UsageError } from "../usage_error.ts";

/** What `invoke` is asked to do. */
export interface InvokeOptions {
  help: boolean;
  json: boolean;
  dryRun: boolean;
  /** The moment that a dry run is asked about; null = now. */
  at: Date | null;
  respondAsync: boolean;
  /** Of the project; null = from the environment. */
  url: string | null;
}

const FLAGS = {
  switches: ["help", "json", "dry-run", "async"],
  values: ["url", "at"],
} as const;

/**
 * Reads the arguments of `invoke`.
 *
 * @throws {UsageError} for an argument that is not known or not understood.
 */
export function parseInvokeOptions(args: string[]): InvokeOptions {
  const flags = parseFlags(args, FLAGS);
  if (flags["dry-run"] && flags.async) {
    throw new UsageError("Cannot use --dry-run with --async: a dry run has nothing to go on with");
  }
  if (flags.at !== null && !flags["dry-run"]) {
    throw new UsageError(
      "Cannot use --at without --dry-run: a run calls now, and at no other time",
    );
  }
  return {
    help: flags.help,
    json: flags.json,
    dryRun: flags["dry-run"],
    at: flags.at === null ? null : readMoment("--at", flags.at),
    respondAsync: flags.async,
    url: flags.url,
  };
}

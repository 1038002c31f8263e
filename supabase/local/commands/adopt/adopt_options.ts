import { parseFlags } from "../parse_flags.ts";
import { UsageError } from "../usage_error.ts";

/** What `adopt` is asked. */
export interface AdoptOptions {
  json: boolean;
  databaseUrl: string | null;
  asked: "check" | "shadow-report";
}

/**
 * Reads the arguments of `adopt`.
 *
 * @throws {UsageError} for an argument that is not known, and when not exactly one thing is asked.
 */
export function parseAdoptOptions(args: string[]): AdoptOptions | "help" {
  const flags = parseFlags(args, {
    switches: ["help", "json", "check", "shadow-report"],
    values: ["database-url"],
  });
  if (flags.help) return "help";
  if (flags.check === flags["shadow-report"]) {
    throw new UsageError("Cannot tell what is asked: give --check or --shadow-report. See --help");
  }
  return {
    json: flags.json,
    databaseUrl: flags["database-url"],
    asked: flags.check ? "check" : "shadow-report",
  };
}

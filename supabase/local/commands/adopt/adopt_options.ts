import { parseFlags } from "../parse_flags.ts";
import { UsageError } from "../usage_error.ts";

/** What `adopt` is asked. */
export interface AdoptOptions {
  json: boolean;
  databaseUrl: string | null;
}

/**
 * Reads the arguments of `adopt`.
 *
 * @throws {UsageError} for an argument that is not known, and when nothing is asked.
 */
export function parseAdoptOptions(args: string[]): AdoptOptions | "help" {
  const flags = parseFlags(args, {
    switches: ["help", "json", "check"],
    values: ["database-url"],
  });
  if (flags.help) return "help";
  if (!flags.check) throw new UsageError("Nothing is asked: give --check. See --help");
  return { json: flags.json, databaseUrl: flags["database-url"] };
}

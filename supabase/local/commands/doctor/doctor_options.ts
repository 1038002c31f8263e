import { parseFlags } from "../parse_flags.ts";

/** What `doctor` is to examine. */
export interface DoctorOptions {
  json: boolean;
  databaseUrl: string | null;
  /** Of the project. */
  url: string | null;
}

const FLAGS = { switches: ["help", "json"], values: ["database-url", "url"] } as const;

/**
 * Reads the arguments of `doctor`.
 *
 * @throws {UsageError} for an argument that is not known.
 */
export function parseDoctorOptions(args: string[]): DoctorOptions | "help" {
  const flags = parseFlags(args, FLAGS);
  if (flags.help) return "help";
  return { json: flags.json, databaseUrl: flags["database-url"], url: flags.url };
}

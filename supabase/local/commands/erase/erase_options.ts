import { readSubject } from "../operator/read_subject.ts";
import { parseFlags } from "../parse_flags.ts";

/** What `erase` is asked to do. */
export interface EraseOptions {
  json: boolean;
  /** Without asking. */
  yes: boolean;
  databaseUrl: string | null;
  /** A phone number as written, or the id of a lead. */
  subject: string;
}

const FLAGS = { switches: ["help", "json", "yes"], values: ["database-url"] } as const;

/**
 * Reads the arguments of `erase`.
 *
 * @throws {UsageError} for an argument that is not known or not understood.
 */
export function parseEraseOptions(args: string[]): EraseOptions | "help" {
  const { subject, rest } = readSubject(args, FLAGS.values);
  const { help, json, yes, ...flags } = parseFlags(rest, FLAGS);
  if (help) return "help";
  return { json, yes, databaseUrl: flags["database-url"], subject: subject() };
}

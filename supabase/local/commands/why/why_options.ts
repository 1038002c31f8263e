import { readMoment } from "../operator/read_moment.ts";
import { readSubject } from "../operator/read_subject.ts";
import { parseFlags } from "../parse_flags.ts";

/** What `why` is asked. */
export interface WhyOptions {
  json: boolean;
  databaseUrl: string | null;
  /** A phone number as written, or the id of a lead. */
  subject: string;
  at: Date;
}

const FLAGS = { switches: ["help", "json"], values: ["at", "database-url"] } as const;

/**
 * Reads the arguments of `why`.
 *
 * @throws {UsageError} for an argument that is not known or not understood.
 */
export function parseWhyOptions(args: string[]): WhyOptions | "help" {
  const { subject, rest } = readSubject(args, FLAGS.values);
  const flags = parseFlags(rest, FLAGS);
  if (flags.help) return "help";
  return {
    json: flags.json,
    databaseUrl: flags["database-url"],
    subject: subject(),
    at: flags.at === null ? new Date() : readMoment("--at", flags.at),
  };
}

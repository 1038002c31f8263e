import { readMoment } from "../operator/read_moment.ts";
import { parseFlags } from "../parse_flags.ts";

/** What `dry-run` is asked. */
export interface DryRunOptions {
  json: boolean;
  /** Null = now. */
  at: Date | null;
  /** Of the project; null = from the environment, else the local stack's. */
  url: string | null;
}

const FLAGS = { switches: ["help", "json"], values: ["at", "url"] } as const;

/**
 * Reads the arguments of `dry-run`.
 *
 * @throws {UsageError} for an argument that is not known or not understood.
 */
export function parseDryRunOptions(args: string[]): DryRunOptions | "help" {
  const { help, json, at, url } = parseFlags(args, FLAGS);
  if (help) return "help";
  return { json, at: at === null ? null : readMoment("--at", at), url };
}

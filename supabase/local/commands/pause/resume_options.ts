import { parseFlags } from "../parse_flags.ts";
import { type PausedScope, readScope } from "./paused_scope.ts";

/** What `resume` is asked to do. */
export interface ResumeOptions {
  help: boolean;
  json: boolean;
  databaseUrl: string | null;
  scope: PausedScope;
}

const FLAGS = { switches: ["help", "json"], values: ["source", "lead", "database-url"] } as const;

/**
 * Reads the arguments of `resume`.
 *
 * @throws {UsageError} for an argument that is not known or not understood.
 */
export function parseResumeOptions(args: string[]): ResumeOptions {
  const { help, json, ...flags } = parseFlags(args, FLAGS);
  return { help, json, databaseUrl: flags["database-url"], scope: readScope(flags) };
}

import { parseFlags } from "../parse_flags.ts";
import { readDuration } from "../read_duration.ts";
import { UsageError } from "../usage_error.ts";

/** What `status` is asked. */
export interface StatusOptions {
  json: boolean;
  databaseUrl: string | null;
  /** Milliseconds from page to page; null = one page. */
  everyMs: number | null;
}

const FLAGS = { switches: ["help", "json", "watch"], values: ["every", "database-url"] } as const;
const EVERY_MS = 5_000;

/**
 * Reads the arguments of `status`.
 *
 * @throws {UsageError} for an argument that is not known or not understood.
 */
export function parseStatusOptions(args: string[]): StatusOptions | "help" {
  const flags = parseFlags(args, FLAGS);
  if (flags.help) return "help";
  return {
    json: flags.json,
    databaseUrl: flags["database-url"],
    everyMs: readEvery(flags.every) ?? (flags.watch ? EVERY_MS : null),
  };
}

function readEvery(text: string | null): number | null {
  if (text === null) return null;
  const ms = readDuration(text);
  if (ms !== null) return ms;
  throw new UsageError(`Cannot use --every "${text}": give a time such as 10s, 5m or 1h`);
}

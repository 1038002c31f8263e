import { readMoment } from "../operator/read_moment.ts";
import { parseFlags } from "../parse_flags.ts";
import { UsageError } from "../usage_error.ts";
import { type PausedScope, readScope } from "./paused_scope.ts";

/** What `pause` is asked to do. */
export interface PauseOptions {
  help: boolean;
  json: boolean;
  databaseUrl: string | null;
  scope: PausedScope;
  /** When it ends by itself; null = never. */
  until: Date | null;
  reason: string | null;
}

const FLAGS = {
  switches: ["help", "json"],
  values: ["source", "lead", "until", "reason", "database-url"],
} as const;

/**
 * Reads the arguments of `pause`.
 *
 * @throws {UsageError} for an argument that is not known or not understood.
 */
export function parsePauseOptions(args: string[]): PauseOptions {
  const { help, json, until, reason, ...flags } = parseFlags(args, FLAGS);
  const scope = readScope(flags);
  const isAll = scope.source === null && scope.lead === null;
  if (isAll && (until !== null || reason !== null)) {
    throw new UsageError(
      "Cannot use --until or --reason without --source or --lead: the stop of all calls lasts until " +
        "deno task resume, and keeps no reason",
    );
  }
  return {
    help,
    json,
    databaseUrl: flags["database-url"],
    scope,
    until: until === null ? null : readEnd(until),
    reason,
  };
}

function readEnd(text: string): Date {
  const end = readMoment("--until", text);
  if (end.getTime() > Date.now()) return end;
  throw new UsageError(`Cannot use --until "${text}": it is over already`);
}

import { setTimeout } from "node:timers/promises";
import type { Sql } from "../../postgres/connect.ts";

// The driver makes a connection that is closed before it can be used anew for ever, and tells nobody.
const CONNECTS_WITHIN_MS = 15_000;
const PROBES_EVERY_MS = 2_000;
const PROBE = "select 'still there?'";
// The driver asks for these with each new connection, also while it never gets to a statement of ours.
const ARRAY_TYPES = "typarray";

/** What is known of the statements. */
export interface Asked {
  /** How many of the command have been sent. */
  statements: number;
  /** How long a single one may take. */
  answersWithinMs: number;
  /** Ends the watch. */
  signal: AbortSignal;
}

/** Whether the driver has sent a statement of the command. */
export function isOfCommand(statement: string): boolean {
  return statement !== PROBE && !statement.includes(ARRAY_TYPES);
}

/**
 * Rejects once the database leaves a statement without an answer for too long. A probe is answered after
 * what was sent before it, and the commands send a statement only after the answer to the last: while a
 * probe waits and nothing is sent, the database is silent. A person or another server may take any time.
 */
export async function untilSilent(sql: Sql, asked: Asked): Promise<never> {
  const { answersWithinMs, signal } = asked;
  for (;;) {
    await setTimeout(PROBES_EVERY_MS, undefined, { signal });
    // A refusal is an answer, too; what it means, the command's own statements hear.
    const answer = sql.unsafe(PROBE).then(() => true, () => true);
    for (let isThere = false; !isThere;) {
      const before = asked.statements;
      const withinMs = before === 0 ? CONNECTS_WITHIN_MS : answersWithinMs;
      isThere = await Promise.race([answer, setTimeout(withinMs, false, { signal })]);
      if (!isThere && asked.statements === before) throw silence(before, withinMs);
    }
  }
}

function silence(statements: number, withinMs: number): Error {
  const time = `${withinMs / 1_000} s`;
  return new Error(
    statements === 0
      ? `Cannot reach the database: no connection could be used within ${time}`
      : `The database does not answer: nothing has come from it for ${time}`,
  );
}

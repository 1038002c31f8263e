import { setTimeout } from "node:timers/promises";
import { connect, PostgresError, type Sql } from "../../postgres/connect.ts";
import { isLostConnection } from "../../postgres/is_lost_connection.ts";
import { readEnvironment } from "../read_environment.ts";
import { listenForStrayErrors } from "../stray_errors.ts";
import type { Terminal } from "../terminal.ts";
import { UsageError } from "../usage_error.ts";
import { readDatabaseUrl } from "./read_database_url.ts";
import { isOfCommand, untilSilent } from "./until_silent.ts";

// More than the 5 s after which adopt has the server end a statement, and than a page of status takes.
const ANSWERS_WITHIN_MS = 15_000;

/**
 * For a command with a statement that reads through a whole table or deletes much: Supabase itself ends a
 * statement after 2 minutes.
 */
export const LONG_ANSWERS_WITHIN_MS = 130_000;

const ROLES = ["postgres", "service_role"];

// A table, a column or a function that is not there.
const NOT_MIGRATED = new Set(["42P01", "42703", "42883"]);

/** Where to work, and where to say so. */
export interface WithDatabaseOptions {
  /** What `--database-url` says. */
  databaseUrl: string | null;
  /** Null = it has been said. */
  terminal: Terminal | null;
  /** How long a single statement of `work` may take until the database is held to be away. */
  answersWithinMs?: number;
}

/**
 * Does `work` on the database that is meant, and says which one that is.
 *
 * @throws {Error} in one sentence for whoever runs the command, when the database is away or falls silent.
 */
export async function withDatabase<T>(
  { databaseUrl, terminal, answersWithinMs = ANSWERS_WITHIN_MS }: WithDatabaseOptions,
  work: (sql: Sql) => Promise<T>,
): Promise<T> {
  const url = await readDatabaseUrl(databaseUrl, await readEnvironment());
  const over = new AbortController();
  const asked = { statements: 0, answersWithinMs, signal: over.signal };
  const sql = connect(url, {
    max: 1,
    // Supabase's pooler gives each transaction another connection, which knows no prepared statement.
    prepare: false,
    debug: (_connection, statement) => {
      if (isOfCommand(statement)) asked.statements += 1;
    },
  });
  const lost = Promise.withResolvers<never>();
  // The driver also meets a lost connection in its timers and in queries of its own, where nobody waits
  // for it. Once the work has ended, well or not, it is no news.
  using _ = listenForStrayErrors((error) => {
    const isLost = isLostConnection(error);
    if (isLost) lost.reject(error);
    return isLost;
  });
  try {
    return await Promise.race([untilSilent(sql, asked), lost.promise, begin()]);
  } catch (error) {
    throw explained(error);
  } finally {
    over.abort();
    await sql.end({ timeout: 2 });
    // What the driver itself had asked fails of the end, and is told of in the next turn only.
    await setTimeout(0);
  }

  async function begin(): Promise<T> {
    await refuseOtherRoles(sql);
    terminal?.say(`Database ${new URL(url).host}`);
    return await work(sql);
  }
}

// Row level security would hide every row from them, and "nobody found" would be wrong.
async function refuseOtherRoles(sql: Sql): Promise<void> {
  const [row] = await sql<{ role: string }[]>`select current_user::text as role`;
  if (row && ROLES.includes(row.role)) return;
  throw new UsageError(
    `Cannot work as the role "${row?.role}": give the URL of the role postgres or service_role`,
  );
}

function explained(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof UsageError) return error;
  if (!(error instanceof PostgresError)) {
    return "code" in error || isLostConnection(error)
      ? new Error(`Cannot reach the database: ${error.message}`, { cause: error })
      : error;
  }
  if (NOT_MIGRATED.has(error.code)) {
    return new UsageError(`The migrations are not applied here: ${error.message}`);
  }
  // Who is not let in has to give another URL.
  if (error.code.startsWith("28")) {
    return new UsageError(`The database does not let us in: ${error.message}`);
  }
  return error;
}

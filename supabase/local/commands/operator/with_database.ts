import { connect, PostgresError, type Sql } from "../../postgres/connect.ts";
import { readEnvironment } from "../read_environment.ts";
import type { Terminal } from "../terminal.ts";
import { UsageError } from "../usage_error.ts";
import { readDatabaseUrl } from "./read_database_url.ts";

const ROLES = ["postgres", "service_role"];

// A table, a column or a function that is not there.
const NOT_MIGRATED = new Set(["42P01", "42703", "42883"]);

/** Where to work, and where to say so. */
export interface WithDatabaseOptions {
  /** What `--database-url` says. */
  databaseUrl: string | null;
  terminal: Terminal;
}

/** Does `work` on the database that is meant, and says which one that is. */
export async function withDatabase<T>(
  { databaseUrl, terminal }: WithDatabaseOptions,
  work: (sql: Sql) => Promise<T>,
): Promise<T> {
  const url = await readDatabaseUrl(databaseUrl, await readEnvironment());
  // Supabase's pooler gives each transaction another connection, which knows no prepared statement.
  const sql = connect(url, { max: 1, prepare: false });
  try {
    await refuseOtherRoles(sql);
    terminal.say(`Database ${new URL(url).host}`);
    return await work(sql);
  } catch (error) {
    throw explained(error);
  } finally {
    await sql.end({ timeout: 2 });
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
    return "code" in error ? new Error(`Cannot reach the database: ${error.message}`) : error;
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

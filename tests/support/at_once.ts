import { connect, type Sql } from "../../supabase/local/postgres/connect.ts";
import type { TestDatabase } from "./clone_database.ts";

/** Runs `work` at the same time on `count` connections of its own. */
export async function atOnce<Result>(
  database: TestDatabase,
  count: number,
  work: (sql: Sql, index: number) => Promise<Result>,
): Promise<Result[]> {
  const connections = Array.from({ length: count }, () => connect(database.url, { max: 1 }));
  try {
    // Connected before the start, so that all begin together.
    await Promise.all(connections.map((sql) => sql`select 1`));
    return await Promise.all(connections.map(work));
  } finally {
    await Promise.all(connections.map((sql) => sql.end()));
  }
}

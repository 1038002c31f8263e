import { connect } from "../../supabase/local/postgres/connect.ts";
import type { TestDatabase } from "../support/clone_database.ts";

/** Does something to the database itself, as the superuser. */
export async function asAdmin(database: TestDatabase, statement: string): Promise<void> {
  const sql = connect(database.adminUrl, { max: 1 });
  try {
    await sql.unsafe(statement);
  } finally {
    await sql.end();
  }
}

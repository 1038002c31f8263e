import { connect } from "../../../supabase/local/postgres/connect.ts";

/**
 * A transaction in repeatable read that does nothing, as a report does that somebody has forgotten:
 * until it ends no dead row of the database can be cleared away.
 */
export async function holdSnapshot(databaseUrl: string): Promise<AsyncDisposable> {
  const sql = connect(databaseUrl, { max: 1 });
  const connection = await sql.reserve();
  await connection`begin isolation level repeatable read`;
  await connection`select count(*) from pg_catalog.pg_class`;
  return {
    async [Symbol.asyncDispose]() {
      await connection`rollback`;
      connection.release();
      await sql.end();
    },
  };
}

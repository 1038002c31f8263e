import { connect, type Sql, type TransactionSql } from "../../supabase/local/postgres/connect.ts";
import type { TestDatabase } from "./clone_database.ts";
import { databaseUrl } from "./database_url.ts";

/** Opens a database of the test cluster; `leave` is what is done when the test drops it. */
export function openDatabase(name: string, leave: () => Promise<void>): TestDatabase {
  const url = databaseUrl(name, "postgres");
  const sql = connect(url);
  const drop = async () => {
    await sql.end({ timeout: 1 });
    await leave();
  };
  return {
    name,
    url,
    adminUrl: databaseUrl(name, "supabase_admin"),
    authenticatorUrl: databaseUrl(name, "authenticator"),
    sql,
    asServiceRole: (work) => asServiceRole(sql, work),
    drop,
    [Symbol.asyncDispose]: drop,
  };
}

async function asServiceRole<T>(sql: Sql, work: (sql: TransactionSql) => Promise<T>): Promise<T> {
  // Boxed, because the driver would unpack an array of results.
  const { result } = await sql.begin(async (transaction) => {
    await transaction`set local role service_role`;
    return { result: await work(transaction) };
  });
  return result;
}

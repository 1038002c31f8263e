import { connect, type Sql, type TransactionSql } from "../../supabase/local/postgres/connect.ts";
import { databaseUrl } from "./database_url.ts";
import { openDatabase } from "./open_database.ts";

/** A database of its own for one test. */
export interface TestDatabase extends AsyncDisposable {
  readonly name: string;
  /** As the role `postgres`, which owns what the migrations made. */
  readonly url: string;
  /** As the superuser. */
  readonly adminUrl: string;
  /** As the role that the gateway logs in as. */
  readonly authenticatorUrl: string;
  /** A pool as the role `postgres`. */
  readonly sql: Sql;
  /** Runs `work` in one transaction with the rights of `service_role`. */
  asServiceRole<T>(work: (sql: TransactionSql) => Promise<T>): Promise<T>;
  /** Closes the pool and removes the database, whoever is still connected to it. */
  drop(): Promise<void>;
}

/** Makes a database that is a copy of `template`. */
export async function cloneDatabase(template: string): Promise<TestDatabase> {
  const name = `test_${crypto.randomUUID().replaceAll("-", "")}`;
  // A copy of the files beats one by the log as long as the cluster does not sync to disk.
  await asAdmin(`create database ${name} template ${template} strategy file_copy owner postgres`);
  return openDatabase(name, () => asAdmin(`drop database if exists ${name} with (force)`));
}

async function asAdmin(statement: string): Promise<void> {
  const sql = connect(databaseUrl("postgres", "supabase_admin"), { max: 1 });
  try {
    await sql.unsafe(statement);
  } finally {
    await sql.end();
  }
}

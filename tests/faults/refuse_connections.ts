import type { TestDatabase } from "../support/clone_database.ts";
import { asAdmin } from "./as_admin.ts";

/** Leaves the gateway no connection, neither those it has nor new ones; returns how to end that. */
export async function refuseConnections(database: TestDatabase): Promise<() => Promise<void>> {
  await asAdmin(database, `alter database ${database.name} connection limit 0`);
  await asAdmin(
    database,
    `select pg_terminate_backend(pid, 1000) from pg_stat_activity
     where datname = '${database.name}' and usename = 'authenticator'`,
  );
  return () => asAdmin(database, `alter database ${database.name} connection limit -1`);
}

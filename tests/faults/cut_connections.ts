import { connect } from "../../supabase/local/postgres/connect.ts";
import type { TestDatabase } from "../support/clone_database.ts";

const CUTS = 25;

/** Kills the backends of the gateway's connections again and again, until told to stop; returns how many. */
export async function cutConnections(
  database: TestDatabase,
  isOver: () => boolean,
): Promise<number> {
  const admin = connect(database.adminUrl, { max: 1 });
  let cuts = 0;
  try {
    for (let round = 0; round < CUTS && !isOver(); round += 1) {
      const cut = await admin`
        select pg_terminate_backend(pid), pg_sleep(0.03)
        from pg_stat_activity
        where datname = ${database.name} and usename = 'authenticator'`;
      cuts += cut.length;
    }
  } finally {
    await admin.end();
  }
  return cuts;
}

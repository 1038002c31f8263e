import { connect } from "../../supabase/local/postgres/connect.ts";
import type { TestDatabase } from "../support/clone_database.ts";

const CUTS = 25;

/** When to cut. */
export interface CutTimes {
  /** Waits for the time of the next cut. */
  pause: () => Promise<unknown>;
  /** Whether there is nothing left that could be hit. */
  isOver: () => boolean;
}

/** Kills the backends of the gateway's connections again and again; returns how many it has killed. */
export async function cutConnections(
  database: TestDatabase,
  { pause, isOver }: CutTimes,
): Promise<number> {
  const admin = connect(database.adminUrl, { max: 1 });
  let cuts = 0;
  try {
    while (cuts < CUTS && !isOver()) {
      const cut = await admin`
        select pg_terminate_backend(pid)
        from pg_stat_activity
        where datname = ${database.name} and usename = 'authenticator'`;
      cuts += cut.length;
      await pause();
    }
  } finally {
    await admin.end();
  }
  return cuts;
}

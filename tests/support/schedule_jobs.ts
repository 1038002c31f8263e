import type { Sql } from "../../supabase/local/postgres/connect.ts";

/**
 * Sets the project's jobs for the database at hand: those that came with the copy of a database still
 * name the one that it was copied from, and stay with it when they are scheduled anew.
 */
export async function scheduleJobs(sql: Sql): Promise<void> {
  for (const { jobid } of await sql`select jobid from cron.job`) {
    await sql`select cron.unschedule(${jobid}::bigint)`;
  }
  await sql`select public.schedule_call_dispatch()`;
}

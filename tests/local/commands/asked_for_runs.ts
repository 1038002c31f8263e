import type { Sql } from "../../../supabase/local/postgres/connect.ts";

/** Gives the database what it needs to start runs by itself. */
export async function letRunsStart(sql: Sql): Promise<void> {
  await sql`select vault.create_secret('http://127.0.0.1:1', 'project_url')`;
  await sql`select vault.create_secret('secret', 'cron_job_secret')`;
  await sql`update public.dispatch_settings set start_at_once = true`;
}

/** How many runs the database has started, and how many requests for them wait to be sent. */
export async function askedForRuns(sql: Sql) {
  const [found] = await sql<{ runs: number; requests: number }[]>`
    select
      (select count(*)::int from public.dispatch_runs) as runs,
      (select count(*)::int from net.http_request_queue) as requests`;
  return { ...found };
}

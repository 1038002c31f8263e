import { connect } from "../../supabase/local/postgres/connect.ts";
import type { Stack } from "../../supabase/local/stack.ts";

/** What the queue is filled with, and how the operator's switches stand. */
export interface QueueFill {
  /** Leads with a follow-up each that is due now. */
  calls: number;
  settings: { start_at_once: boolean; max_concurrent_calls?: number };
}

/** Empties the project and fills its queue; no run is started by it. */
export async function fillQueue(stack: Stack, { calls, settings }: QueueFill): Promise<void> {
  const sql = connect(stack.databaseUrl, { max: 1 });
  try {
    await sql`update public.dispatch_settings set start_at_once = false`;
    await sql`truncate public.leads, public.follow_ups, public.call_attempts, public.call_events,
      public.seed_candidates, public.dispatch_requests, public.dispatch_runs`;
    await sql`
      with lead as (
        insert into public.leads (customer_name, phone)
        select 'Lead ' || n, '+1415' || 2000000 + n from generate_series(1, ${calls}::int) as n
        returning id
      )
      insert into public.follow_ups (lead_id, due_at) select id, now() from lead`;
    // They have their follow-ups: there is nothing to seed.
    await sql`truncate public.seed_candidates`;
    await sql`analyze public.leads, public.follow_ups`;
    await sql`update public.dispatch_settings
      set start_at_once = ${settings.start_at_once},
        max_concurrent_calls = ${settings.max_concurrent_calls ?? null}`;
  } finally {
    await sql.end();
  }
}

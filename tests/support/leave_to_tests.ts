import type { Sql } from "../../supabase/local/postgres/connect.ts";

/**
 * Sets the operator's switches so that a test decides when a run starts, calls a number as often as it
 * likes, and has follow-ups of any age; those that are about one of these switch it on.
 */
export async function leaveToTests(sql: Sql): Promise<void> {
  await sql`
    update public.dispatch_settings
    set start_at_once = false,
      paused = false,
      max_concurrent_calls = null,
      smallest_gap_per_number = '0',
      max_calls_per_number_per_day = null,
      expire_after = null
    where id`;
}

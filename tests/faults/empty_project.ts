import type { Sql } from "../../supabase/local/postgres/connect.ts";
import { leaveToTests } from "../support/leave_to_tests.ts";

/** Takes all rows out of a project, and sets the operator's switches as at its beginning. */
export async function emptyProject(sql: Sql): Promise<void> {
  await sql`truncate public.leads, public.follow_ups, public.call_attempts,
    public.dispatch_runs, public.seed_candidates, public.call_events, public.dispatch_requests`;
  await leaveToTests(sql);
}

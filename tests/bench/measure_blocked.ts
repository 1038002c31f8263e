import { connect, type Sql } from "../../supabase/local/postgres/connect.ts";
import type { Stack } from "../../supabase/local/stack.ts";
import type { BenchStack } from "./start_bench_stack.ts";
import { fillQueue } from "./fill_queue.ts";
import { postRun } from "./post_run.ts";

/** Why the ones in front are not called. */
export type Blockade = "hours" | "stop list" | "closed leads";

/** What waits: so many that may not be called, and behind them those that may. */
export interface BlockedLoad {
  blocked: number;
  by: Blockade;
  callable: number;
}

/** What the way to the callable ones cost. */
export interface BlockedResult {
  blocked: number;
  by: Blockade;
  /** Times that the run claimed. */
  claims: number;
  /** All claims together, in ms, as the database counts them. */
  claim_ms: number;
  /** The whole run. */
  wall_s: number;
  /** Calls that the provider was asked for; all of the callable ones, or it was not measured. */
  rung: number;
}

/** One run over the whole real path, with older follow-ups in front that may not be called. */
export async function measureBlocked(
  load: BlockedLoad,
  { stack, omni }: Pick<BenchStack, "stack" | "omni">,
): Promise<BlockedResult> {
  const sql = connect(stack.databaseUrl, { max: 1 });
  try {
    await fillQueue(stack, { calls: load.callable, settings: { start_at_once: false } });
    await block(sql, load);
    const [ringsBefore, claimsBefore] = [omni.ledger.count, await claimsOf(stack)];
    const startedAt = performance.now();
    const summary = await postRun(stack);
    const wallMs = performance.now() - startedAt;
    const claims = await claimsOf(stack);
    const rung = omni.ledger.count - ringsBefore;
    if (!summary.ok || rung !== load.callable) {
      throw new Error(
        `Cannot measure: ${rung} of ${load.callable} were rung in the first run: ${
          JSON.stringify(summary)
        }`,
      );
    }
    await refuseIfBlockedWereRung(sql);
    return {
      blocked: load.blocked,
      by: load.by,
      claims: claims.calls - claimsBefore.calls,
      claim_ms: Math.round(claims.ms - claimsBefore.ms),
      wall_s: Math.round(wallMs) / 1000,
      rung,
    };
  } finally {
    await sql.end();
  }
}

/** Older than the others, with numbers of their own; each blockade is in force whatever the time is. */
async function block(sql: Sql, { blocked, by }: BlockedLoad): Promise<void> {
  await sql`truncate public.calling_hours, public.do_not_call, public.calling_openings`;
  await sql`
    insert into public.calling_hours (region, opens, closes)
    select '+1416', opens, opens + interval '1 hour'
    from (select ((now() at time zone 'UTC')::time + interval '6 hours')::time as opens) as later
    where ${by === "hours"}`;
  await sql`insert into public.do_not_call (number) select '+1416*' where ${by === "stop list"}`;
  await sql`
    with lead as (
      insert into public.leads (customer_name, phone, time_zone, stage)
      select 'Blocked', '+1416' || 2000000 + n, 'UTC', ${by === "closed leads" ? "closed" : "new"}
      from generate_series(1, ${blocked}::int) as n
      returning id
    )
    insert into public.follow_ups (lead_id, due_at)
    select id, now() - interval '1 day' from lead`;
  await sql`truncate public.seed_candidates`;
  await sql`analyze public.leads, public.follow_ups`;
}

/** What the database has counted of the claims so far. */
async function claimsOf(stack: Stack): Promise<{ calls: number; ms: number }> {
  const admin = connect(stack.adminDatabaseUrl, { max: 1 });
  try {
    // The counts of a connection are written when it is idle, a second after at the latest.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const [row] = await admin<{ calls: number; ms: number }[]>`
      select coalesce(sum(calls), 0)::integer as calls,
        coalesce(sum(total_time), 0)::float as ms
      from pg_stat_user_functions where funcname = 'claim_due_follow_ups'`;
    return row!;
  } finally {
    await admin.end();
  }
}

async function refuseIfBlockedWereRung(sql: Sql): Promise<void> {
  const rung = await sql`select from public.call_attempts where to_number like '+1416%' limit 1`;
  if (rung.length > 0) throw new Error("Cannot measure: somebody was rung who may not be called");
}

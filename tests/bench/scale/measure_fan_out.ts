import type { Sql } from "../../../supabase/local/postgres/connect.ts";
import type { FanOutResult } from "./fan_out_result.ts";
import { type FanOutStack, startFanOutStack } from "./fan_out_stack.ts";

/** How much is done by how many. */
export interface FanOutLoad {
  processes: number;
  calls: number;
  latencyMs: number;
  lines: number;
}

interface Phase {
  name: FanOutResult["phase"];
  /** The follow-ups that are due. */
  due: number;
  firstNumber: number;
  /** The numbers that must ring, once each. */
  mustRing: number;
  /** Lets the processes begin; resolves when their runs are over. */
  work: () => Promise<void>;
}

/** One lead in so many has the number of the lead before it. */
const TWIN_EVERY = 50;
const FIRST_NUMBER = 14152000000;
/** One in so many of the calls is due when all processes are called directly. */
const DIRECT_SHARE = 5;

/** Three times many processes meet on one backlog; throws when a number rings twice, or never. */
export async function* measureFanOut(load: FanOutLoad): AsyncGenerator<FanOutResult> {
  await using stack = await startFanOutStack(load);
  const { sql, functions } = stack;
  await sql`update public.dispatch_settings
    set start_at_once = false, max_concurrent_calls = ${load.lines},
      smallest_gap_per_number = '1 day' where id`;
  const tried = 2 * load.lines;
  yield await run(stack, {
    name: "limit",
    due: tried,
    firstNumber: FIRST_NUMBER,
    mustRing: load.lines,
    work: () => callAll(stack),
  });
  await cancelOpen(sql);
  await sql`update public.dispatch_settings
    set max_concurrent_calls = null, max_runs_at_once = ${functions.length} where id`;
  const few = Math.ceil(load.calls / DIRECT_SHARE);
  yield await run(stack, {
    name: "direct",
    due: few,
    firstNumber: FIRST_NUMBER + tried,
    mustRing: withoutTwins(few),
    work: () => callAll(stack).then(() => untilQuiet(sql)),
  });
  await cancelOpen(sql);
  yield await run(stack, {
    name: "fan_out",
    due: load.calls,
    firstNumber: FIRST_NUMBER + tried + few,
    mustRing: withoutTwins(load.calls),
    work: () => invoke(sql),
  });
}

function withoutTwins(due: number): number {
  return due - Math.floor(due / TWIN_EVERY);
}

async function run({ sql, omni, functions }: FanOutStack, phase: Phase): Promise<FanOutResult> {
  console.error(`${phase.name}: ${phase.due} due, ${functions.length} processes`);
  await fill(sql, phase);
  const [{ now: startedRuns } = { now: new Date() }] = await sql`select now()`;
  const startedAt = performance.now();
  await phase.work();
  const wallS = (performance.now() - startedAt) / 1000;
  const rings = omni.ringsOnce(phase.firstNumber, phase.due);
  if (rings !== phase.mustRing) {
    throw new Error(`${phase.name}: ${rings} numbers rang, and ${phase.mustRing} had to`);
  }
  const [row] = await sql`
    select count(*)::int as runs from public.dispatch_runs
    where started_at >= ${startedRuns} and accepted > 0`;
  return {
    phase: phase.name,
    processes: functions.length,
    due: phase.due,
    rings,
    runs: row!.runs,
    wall_s: Math.round(wallS * 10) / 10,
    calls_per_s: Math.round(rings / wallS),
  };
}

async function fill(sql: Sql, { due, firstNumber }: Phase): Promise<void> {
  await sql`
    with lead as (
      insert into public.leads (phone)
      select '+' || ${firstNumber}::bigint + n - (n % ${TWIN_EVERY}::int = ${TWIN_EVERY - 1})::int
      from generate_series(0, ${due - 1}::int) as n
      returning id
    )
    insert into public.follow_ups (lead_id, due_at) select id, now() from lead`;
  await sql`truncate public.seed_candidates`;
  await sql`analyze public.leads, public.follow_ups, public.call_attempts`;
}

async function callAll({ functions, cronJobSecret }: FanOutStack): Promise<void> {
  await Promise.all(functions.map(async ({ url }) => {
    const response = await fetch(`${url}/call-dispatch`, {
      method: "POST",
      headers: { "x-cron-secret": cronJobSecret },
    });
    const summary = await response.json();
    if (!summary.ok) throw new Error(`A run failed: ${JSON.stringify(summary)}`);
  }));
}

async function invoke(sql: Sql): Promise<void> {
  await sql`select public.invoke_call_dispatch()`;
  await untilQuiet(sql);
}

// A run whose time is up starts the next one.
async function untilQuiet(sql: Sql): Promise<void> {
  for (let quiet = false; !quiet;) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    const [row] = await sql`
      select
        not exists (select from public.dispatch_runs where finished_at is null)
        and not exists (
          select from public.follow_ups
          where status = 'pending' and channel = 'voice_call' and due_at <= now()
        ) as quiet`;
    quiet = row!.quiet;
  }
}

// Those that wait for a line or for a number's gap are no work of the next phase.
async function cancelOpen(sql: Sql): Promise<void> {
  await sql`update public.follow_ups set status = 'cancelled' where status = 'pending'`;
}

import { startClock } from "../../supabase/local/clock/start_clock.ts";
import { connect } from "../../supabase/local/postgres/connect.ts";
import type { Stack } from "../../supabase/local/stack.ts";
import { startBenchStack } from "./start_bench_stack.ts";
import { fillQueue } from "./fill_queue.ts";

/** What is to be done: so many calls over so many lines, in accelerated time. */
export interface LinesLoad {
  calls: number;
  lines: number;
  /** Simulated seconds in each real one. */
  timeFactor: number;
}

/** How well the lines were used. */
export interface LinesResult {
  scenario: string;
  lines: number;
  calls: number;
  /** Share of the lines' time in use, until the last follow-up was rung. */
  utilisation: number;
  /** The same when nothing but the five-minute schedule starts a run. */
  utilisation_schedule_only: number;
  /** Calls that began in a simulated hour, while runs start at once. */
  calls_per_hour: number;
  /** Requests to the functions for a call: its report, and its share of the runs. */
  invocations_per_call: number;
  /** Most calls at once. */
  peak: number;
}

type Use = Pick<
  LinesResult,
  "utilisation" | "calls_per_hour" | "invocations_per_call" | "peak"
>;

const TICK_MS = 300_000;
const CALL_MS = [30_000, 180_000] as const;
// The stationary state of the schedule alone is seen in fewer calls, which take five times as long.
const SCHEDULE_SHARE = 5;
const SCHEDULE_TIME_FACTOR = 100;

/** Works off a backlog twice: as it is, and with the schedule alone. */
export async function measureLines(load: LinesLoad): Promise<LinesResult> {
  console.error(`${load.calls} calls over ${load.lines} lines, a run when a call ends`);
  const ours = await useLines(load, { startAtOnce: true });
  const fewer = {
    ...load,
    calls: Math.max(2 * load.lines, Math.round(load.calls / SCHEDULE_SHARE)),
    timeFactor: SCHEDULE_TIME_FACTOR,
  };
  console.error(`${fewer.calls} calls over ${load.lines} lines, a run every five minutes`);
  const scheduleOnly = await useLines(fewer, { startAtOnce: false });
  return {
    scenario: "backlog",
    lines: load.lines,
    calls: load.calls,
    ...ours,
    utilisation_schedule_only: scheduleOnly.utilisation,
    peak: Math.max(ours.peak, scheduleOnly.peak),
  };
}

async function useLines(
  { calls, lines, timeFactor }: LinesLoad,
  { startAtOnce }: { startAtOnce: boolean },
): Promise<Use> {
  await using project = await startBenchStack({
    functions: ["call-dispatch", "call-ended"],
    // More lines than we may use: one call too many would not be refused, but show in the peak.
    omni: { lines: 2 * lines, callDurationMs: CALL_MS, timeFactor },
  });
  const { stack, omni } = project;
  await fillQueue(stack, {
    calls,
    settings: { start_at_once: startAtOnce, max_concurrent_calls: lines },
  });
  const every = { "call-dispatch": TICK_MS / timeFactor };
  const clock = await startClock({ adminUrl: stack.adminDatabaseUrl, every });
  try {
    await until(() => omni.ledger.count > 0, calls);
    const before = omni.lines.usage().busyMs;
    const startedAt = performance.now();
    await until(() => omni.ledger.count >= calls, calls);
    const wallMs = performance.now() - startedAt;
    const { busyMs, peak } = omni.lines.usage();
    return {
      utilisation: round((busyMs - before) / (lines * wallMs)),
      calls_per_hour: Math.round(3_600_000 * calls / (wallMs * timeFactor)),
      invocations_per_call: round(await countInvocations(stack) / calls),
      peak,
    };
  } finally {
    await clock.stop();
  }
}

/** How often a function was asked: each run once, and once for each report. */
async function countInvocations({ databaseUrl }: Stack): Promise<number> {
  const sql = connect(databaseUrl, { max: 1 });
  try {
    const [row] = await sql<{ count: number }[]>`
      select (
        (select count(*) from public.dispatch_runs where net_request_id is not null)
          + (select count(*) from public.call_events where source = 'webhook')
      )::int as count`;
    return row!.count;
  } finally {
    await sql.end();
  }
}

async function until(reached: () => boolean, calls: number): Promise<void> {
  const patienceMs = 60_000 + calls * 2_000;
  const startedAt = performance.now();
  while (!reached()) {
    if (performance.now() - startedAt > patienceMs) {
      throw new Error(`Cannot measure: the backlog is not empty after ${patienceMs} ms`);
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

function round(share: number): number {
  return Math.round(share * 1000) / 1000;
}

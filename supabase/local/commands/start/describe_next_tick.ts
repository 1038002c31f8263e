import { nextRun } from "../../clock/next_run.ts";
import type { Sql } from "../../postgres/connect.ts";
import { timeOfDay } from "./time_of_day.ts";

/** When the schedule's dispatch job comes next, in words. */
export async function describeNextTick(
  sql: Sql,
  { everyMs, lastTick }: { everyMs: number | null; lastTick: Date },
): Promise<string> {
  const [job] = await sql<{ schedule: string }[]>`
    select schedule from cron.job where jobname = 'call-dispatch' and active`;
  if (!job) return "No next tick: cron.job has no active job call-dispatch";
  const next = everyMs === null
    ? nextRun(job.schedule, new Date())
    : new Date(lastTick.getTime() + everyMs);
  return next === null
    ? "No next tick: its schedule never comes"
    : `Next tick at ${timeOfDay(next)}`;
}

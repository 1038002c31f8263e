import type { Sql } from "../../postgres/connect.ts";
import type { DispatchRun } from "./read_runs.ts";

/** A run as the function would have replied it, for one that nobody waited for. */
export async function runResult(sql: Sql, run: DispatchRun): Promise<Record<string, unknown>> {
  const [backlog] = await sql<{ due: number }[]>`select due from public.dispatch_backlog()`;
  const { id, started_at, finished_at, ...counts } = run;
  return {
    ok: run.error === null && run.stop_reason !== "halted" && run.stop_reason !== "error",
    run_id: id,
    ...counts,
    remaining: backlog?.due ?? 0,
    next_run_id: null,
    duration_ms: (finished_at?.getTime() ?? Date.now()) - started_at.getTime(),
  };
}

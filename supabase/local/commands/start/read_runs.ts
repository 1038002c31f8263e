import type { RunTotals, StopReason } from "../../../functions/call-dispatch/store.ts";
import type { Sql } from "../../postgres/connect.ts";

/** A row of `dispatch_runs`. */
export interface DispatchRun extends Omit<RunTotals, "stop_reason" | "remaining" | "next_run_id"> {
  id: string;
  source: string;
  started_at: Date;
  finished_at: Date | null;
  /** Null while it is under way. */
  stop_reason: StopReason | null;
}

/** The runs that began at `since` or later, oldest first, without those in `except`. */
export async function readRuns(
  sql: Sql,
  { since, except }: { since: Date; except: Iterable<string> },
): Promise<DispatchRun[]> {
  return await sql<DispatchRun[]>`
    select id, source, started_at, finished_at, seeded, claimed, accepted, skipped, failed,
      postponed, not_sent, refused, unknown, rescued, stop_reason, error
    from public.dispatch_runs
    where started_at >= ${since}
      and id <> all (${`{${[...except].join(",")}}`}::text::uuid[])
    order by started_at, id`;
}

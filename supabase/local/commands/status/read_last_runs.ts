import type { Sql } from "../../postgres/connect.ts";

const LAST = 5;

/** A row of `dispatch_runs`, as far as it is told of. */
export interface LastRun {
  id: string;
  source: string;
  started_at: Date;
  /** Null = it goes on, or has died. */
  finished_at: Date | null;
  seeded: number;
  claimed: number;
  accepted: number;
  skipped: number;
  failed: number;
  postponed: number;
  not_sent: number;
  unknown: number;
  stop_reason: string | null;
  error: string | null;
}

/** The last few runs, newest first. */
export async function readLastRuns(sql: Sql): Promise<LastRun[]> {
  return await sql<LastRun[]>`
    select id, source, started_at, finished_at, seeded, claimed, accepted, skipped, failed, postponed,
      not_sent, unknown, stop_reason, error
    from public.dispatch_runs
    order by started_at desc, id
    limit ${LAST}`;
}

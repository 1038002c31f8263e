import { z } from "zod";
import type { Sql } from "../../postgres/connect.ts";
import { type CallStatus, callStatus } from "./call_status.ts";
import { type QueuedCall, readQueue } from "./read_queue.ts";
import { type LastRun, readLastRuns } from "./read_last_runs.ts";

/** All that a page tells. */
export interface Status {
  /** By the database's clock. */
  at: Date;
  status: CallStatus;
  /** The head of the queue, in the order of the claim. */
  queue: QueuedCall[];
  /** Newest first. */
  runs: LastRun[];
}

/** Reads how the engine is doing. */
export async function readStatus(sql: Sql): Promise<Status> {
  const [row] = await sql`
    select now() as read_at, view.* from public.call_status as view`;
  const { read_at: at, ...rest } = row ?? {};
  return {
    at: z.date().parse(at),
    status: callStatus.parse(rest),
    queue: await readQueue(sql),
    runs: await readLastRuns(sql),
  };
}

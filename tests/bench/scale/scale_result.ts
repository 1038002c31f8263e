/** What the database needs with so many leads; all times are medians, in ms. */
export interface ScaleResult {
  leads: number;
  /** To seed 1,000 new leads. */
  seed_ms_per_1000: number;
  /** One claim of 50 follow-ups. */
  claim_ms: number;
  /** One tick of the schedule that finds nothing to do. */
  idle_ms: number;
  /** All of the view call_status. */
  call_status_ms: number;
  /** The first 100 rows of the view call_queue. */
  call_queue_ms: number;
}

/** What must not grow with the leads that are there already. */
export const FOLLOWS_THE_NEW_WORK = [
  "seed_ms_per_1000",
  "claim_ms",
  "idle_ms",
  "call_status_ms",
  "call_queue_ms",
] as const;

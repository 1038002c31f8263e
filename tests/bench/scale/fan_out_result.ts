/** What many processes did with one backlog. */
export interface FanOutResult {
  phase: "limit" | "direct" | "fan_out";
  processes: number;
  /** Follow-ups that were due. */
  due: number;
  /** Numbers that rang, each of them once. */
  rings: number;
  /** Runs that claimed something. */
  runs: number;
  wall_s: number;
  calls_per_s: number;
}

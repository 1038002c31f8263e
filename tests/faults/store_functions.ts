/** Every database function that a run asks, in the order of a run. */
export const STORE_FUNCTIONS = [
  "begin_dispatch_run",
  "rescue_stale_attempts",
  "attempts_to_settle",
  "callbacks_to_read",
  "seed_follow_ups",
  "claim_due_follow_ups",
  "fail_follow_ups",
  "open_call_attempts",
  "record_dispatch_results",
  "release_follow_ups",
  "account_readings_due",
  "claim_stop_reason",
  "finish_dispatch_run",
] as const;

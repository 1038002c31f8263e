import type { CallOutcome } from "../../../supabase/functions/call-dispatch/call_outcome.ts";
import type { JudgedCall } from "../../../supabase/functions/call-dispatch/run_judge.ts";

/** A judged reply to the attempt of this name. */
export function judgedCall(attemptId: string, outcome: CallOutcome): JudgedCall {
  return { attemptId, leaseToken: `lease of ${attemptId}`, outcome };
}

/** One outcome of each kind, with defaults. */
export const outcome = {
  accepted: (requestId = "1"): CallOutcome => ({ kind: "accepted", requestId }),
  busy: (error = "All lines are busy"): CallOutcome => ({ kind: "busy", error }),
  halt: (error = "Bad key"): CallOutcome => ({ kind: "halt", error }),
  refused: (error = "No such agent"): CallOutcome => ({ kind: "refused", error }),
  notSent: (error = "Cannot reach Omni"): CallOutcome => ({ kind: "not_sent", error }),
  unknown: (error = "No reply"): CallOutcome => ({ kind: "unknown", error, serverError: false }),
  serverError: (error = "HTTP 502"): CallOutcome => ({ kind: "unknown", error, serverError: true }),
} as const;

import type { CallEvent } from "../_shared/call_event.ts";
import type { CallbackStore } from "../_shared/plan_callbacks.ts";

/** What an event came to. */
export interface RecordedEvent {
  verdict: Verdict;
  /** Null when it counts for no attempt. */
  attemptId: string | null;
  /** The attempt has a request to be called back that nobody has read yet. */
  callbackToRead: boolean;
}

/**
 * `settled`: counts for an attempt. `parked`: outbound, but of no attempt that is known yet, or
 * contradicts it. `noted`: no outbound call, without effect. `ignored`: one attempt already has too
 * many different events.
 */
export type Verdict = "settled" | "parked" | "noted" | "ignored";

/** The rows, as the function sees them: each method is one SQL function, which makes the decisions. */
export interface Store extends CallbackStore {
  /** Harmless to repeat: the same event gets the same answer. */
  recordCallResult(event: CallEvent): Promise<RecordedEvent>;
}

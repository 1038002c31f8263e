import type { CallStatus } from "./call_status.ts";
import type { Ring } from "../ledger/ring.ts";

/** A call that is over: what the call log shows and a post-call webhook tells. */
export interface EndedCall {
  /** The `id` of the log's row and the webhook's `call_id`; not the request id. */
  readonly callId: number;
  readonly ring: Ring;
  readonly status: CallStatus;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** Length of the talk in simulated seconds; 0 when nobody answered. */
  readonly durationSeconds: number;
}

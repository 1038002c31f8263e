import type { CallStatus } from "./call_status.ts";
import type { Ring } from "../ledger/ring.ts";
import type { Talk } from "./talk.ts";

/** A call that is over, ours or somebody else's: what the log shows and a webhook tells of it. */
export interface CallRecord {
  /** The `id` of the log's row and the webhook's `call_id`; not the request id. */
  readonly callId: number;
  /** The ring that the call began with; null for a call that no dispatch of ours placed. */
  readonly ring: Ring | null;
  readonly requestId: number | null;
  readonly direction: "outbound" | "inbound" | "chat";
  /** Null in a chat. */
  readonly toNumber: string | null;
  /** Null in a chat. */
  readonly fromNumber: string | null;
  readonly status: CallStatus;
  /** Unix ms, real ones: start and end lie closer together than the duration when time is sped up. */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** Length of the talk in simulated seconds; 0 when nobody answered. */
  readonly durationSeconds: number;
  /** Empty when nobody answered. */
  readonly talk: Talk;
}

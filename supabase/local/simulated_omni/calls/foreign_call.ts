import type { CallStatus } from "./call_status.ts";
import type { Talk } from "./talk.ts";

/** A call of the same agent that no dispatch of ours placed. */
export interface ForeignCall {
  readonly toNumber: string;
  /** Default: the account's number. */
  readonly fromNumber?: string;
  readonly direction: "inbound" | "outbound";
  readonly status: CallStatus;
  /** Unix ms, real ones. */
  readonly startedAtMs: number;
  readonly durationSeconds: number;
  /** Absent: the call names no request. */
  readonly requestId?: number;
  readonly talk?: Talk;
}

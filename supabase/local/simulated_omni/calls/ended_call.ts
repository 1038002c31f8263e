import type { CallRecord } from "./call_record.ts";
import type { Ring } from "../ledger/ring.ts";

/** A call of ours that is over. */
export interface EndedCall extends CallRecord {
  readonly ring: Ring;
  readonly requestId: number;
  readonly toNumber: string;
}

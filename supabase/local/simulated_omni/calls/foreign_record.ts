import type { CallRecord } from "./call_record.ts";
import type { ForeignCall } from "./foreign_call.ts";
import { ownNumber } from "./own_number.ts";

/** The record of a foreign call under an id of its own. */
export function foreignRecord(callId: number, call: ForeignCall): CallRecord {
  return {
    ...call,
    callId,
    ring: null,
    requestId: call.requestId ?? null,
    fromNumber: call.fromNumber ?? ownNumber,
    endedAtMs: call.startedAtMs + call.durationSeconds * 1000,
    talk: call.talk ?? {},
  };
}

import type { LoggedCall } from "../../../supabase/functions/call-dispatch/call_log.ts";
import type {
  AttemptToSettle,
  KnownCall,
} from "../../../supabase/functions/call-dispatch/store.ts";

/** A Wednesday, 12:00 UTC. */
export const NOON = Date.UTC(2026, 0, 14, 12);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const NUMBER = "+919812345678";

/** An unknown attempt, opened at noon, that may have been sent until 12:02 and is over by 13:00. */
export function attemptToSettle(changes: Partial<AttemptToSettle> = {}): AttemptToSettle {
  const openedAt = changes.openedAt ?? NOON;
  return {
    attemptId: "unknown attempt",
    status: "unknown",
    toNumber: NUMBER,
    requestId: null,
    openedAt,
    sendingUntil: openedAt + 2 * MINUTE,
    overBy: openedAt + HOUR,
    ...changes,
  };
}

let lastId = 0;

/** An outbound call of a minute to the number, at noon of a log in UTC, without a request id. */
export function loggedCall(changes: Partial<LoggedCall> = {}): LoggedCall {
  return {
    callId: String(++lastId),
    requestId: null,
    toNumber: NUMBER,
    direction: "outbound",
    wallClockMs: NOON,
    outcome: "completed",
    reportedStatus: "completed",
    durationSeconds: 60,
    recordingUrl: null,
    extractedVariables: null,
    cost: null,
    ...changes,
  };
}

/** A call of ours: what is known of it, and its row in a log whose clock is `offset` ms from UTC. */
export function ourCall(openedAt: number, offset = 0): { known: KnownCall; row: LoggedCall } {
  const requestId = String(5_000_000 + ++lastId);
  return {
    known: { requestId, attemptId: `attempt of ${requestId}`, openedAt },
    row: loggedCall({
      requestId,
      toNumber: "+14155552671",
      wallClockMs: openedAt + offset + 5_000,
    }),
  };
}

import type { LoggedCall } from "./call_log.ts";
import type { LogEvidence, Stranger } from "./log_evidence.ts";
import type { AttemptToSettle } from "./store.ts";

/** What the log says of one attempt. `readOn`: older pages of it may say more. */
export type Settlement =
  /** These rows are its call. */
  | { kind: "found"; calls: LoggedCall[]; readOn: boolean }
  /** No call was placed for it, for certain. */
  | { kind: "not_placed"; reason: string; readOn: false }
  | { kind: "cannot_tell"; reason: string; readOn: boolean };

/** With what an attempt is judged. */
export interface JudgeOptions {
  evidence: LogEvidence;
  /** All attempts that are looked up together. */
  attempts: readonly AttemptToSettle[];
  /** Unix ms. */
  now: number;
}

const NOT_READ_BACK = "Omni's call log was not read back to that time";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Omni's clock may go slow. */
const EARLIEST_START = 2 * MINUTE;
/** An accepted request may wait for the dialler. */
const LATEST_START = 10 * MINUTE;
/** So far before the opening must the log be read: a slow dialler makes zones look a quarter off. */
const REACH_BACK = 30 * MINUTE;
/** What stands so near by the log's own clock may be the call: no two zones are further apart. */
const NEAR = 26 * HOUR;

/**
 * Says whether the log shows the attempt's call, proves that none was placed, or neither. A call that
 * was placed and is said not to be rings somebody twice: whatever is in doubt cannot be told.
 */
export function judgeSettlement(attempt: AttemptToSettle, options: JudgeOptions): Settlement {
  const { evidence } = options;
  const hasBeenPassed = evidence.reachesBackTo(attempt.openedAt - REACH_BACK);
  const calls = evidence.callsOf(attempt);
  if (calls.length > 0) {
    // A second row of the request may stand below, unless nobody could say how far to read for it.
    return { kind: "found", calls, readOn: evidence.isCalibrated && !hasBeenPassed };
  }
  if (attempt.status !== "unknown" || attempt.requestId !== null) {
    return hasBeenPassed
      ? cannotTell("Omni's call log does not show the call: an accepted call may leave no row")
      : cannotTell(NOT_READ_BACK, true);
  }
  if (!evidence.isCalibrated) {
    return cannotTell(
      "The time zone of Omni's call log is not known: no call of ours is in it",
      true,
    );
  }
  if (!hasBeenPassed) return cannotTell(NOT_READ_BACK, true);
  return judgeByNumber(attempt, options) ?? judgeAbsence(attempt, options);
}

function judgeByNumber(attempt: AttemptToSettle, options: JudgeOptions): Settlement | null {
  const strangers = options.evidence.strangersTo(attempt.toNumber);
  const certain = strangers.filter((stranger) => likeness(stranger, attempt) === "yes");
  const requests = new Set(certain.map(requestOf));
  if (requests.size > 1) {
    return cannotTell(`Omni's call log shows ${requests.size} calls to this number at that time`);
  }
  if (strangers.some((stranger) => likeness(stranger, attempt) === "perhaps")) {
    return cannotTell(
      "Omni's call log shows a call that may have been to this number at that time",
    );
  }
  if (certain.length === 0) return null;
  if (options.attempts.some((other) => isAlsoFor(other, attempt, certain))) {
    return cannotTell("Omni's call log shows one call, which may be that of another attempt");
  }
  return { kind: "found", calls: certain.map(({ call }) => call), readOn: false };
}

// Which zone the log's clock is in has been learnt, but may have been learnt wrongly, from a slow
// dialler in a night when the clocks change: here nothing rests on it.
function judgeAbsence(
  attempt: AttemptToSettle,
  { evidence, now }: JudgeOptions,
): Settlement {
  if (now < attempt.overBy) return cannotTell("The call might still be going on");
  if (!evidence.log.isReadable) return cannotTell("A row of Omni's call log cannot be read");
  if (evidence.strangersTo(attempt.toNumber).some(({ call }) => isNear(call, attempt))) {
    return cannotTell("Omni's call log shows a call to this number near that time");
  }
  if (!evidence.hasOursFrom(attempt.overBy)) {
    return cannotTell("No later call of ours proves that Omni's call log is complete up to then");
  }
  if (!evidence.reachesInAnyZoneBackTo(attempt.openedAt - REACH_BACK)) {
    return cannotTell(NOT_READ_BACK, true);
  }
  // After a change of the agent or the account this would be another log, complete in itself.
  if (!evidence.hasOursUntil(attempt.sendingUntil)) {
    return cannotTell("No earlier call of ours proves that it would stand in this call log", true);
  }
  const reason = "Omni's call log, complete for that time, shows no call to this number";
  return { kind: "not_placed", reason, readOn: false };
}

function cannotTell(reason: string, readOn = false): Settlement {
  return { kind: "cannot_tell", reason, readOn };
}

/** Whether it is an outbound call to the attempt's number at a time at which the attempt was sent. */
function likeness(stranger: Stranger, attempt: AttemptToSettle): "yes" | "perhaps" | "no" {
  const isInTime = (moment: number) =>
    moment >= attempt.openedAt - EARLIEST_START && moment <= attempt.sendingUntil + LATEST_START;
  const { moments } = stranger;
  if (moments !== null && !moments.some(isInTime)) return "no";
  const isCertain = stranger.isSameNumber && stranger.call.direction === "outbound" &&
    moments !== null && moments.every(isInTime);
  return isCertain ? "yes" : "perhaps";
}

function isNear({ wallClockMs }: LoggedCall, { openedAt, overBy }: AttemptToSettle): boolean {
  return wallClockMs === null || (wallClockMs >= openedAt - NEAR && wallClockMs <= overBy + NEAR);
}

// A row without a request id stands for itself: two of them are two calls.
function requestOf({ call }: Stranger): string {
  return call.requestId === null ? `row ${call.callId}` : `request ${call.requestId}`;
}

function isAlsoFor(
  other: AttemptToSettle,
  attempt: AttemptToSettle,
  strangers: Stranger[],
): boolean {
  return other.attemptId !== attempt.attemptId && other.toNumber === attempt.toNumber &&
    strangers.some((stranger) =>
      // Whose request is known has no call of another request.
      (other.requestId === null || stranger.call.requestId === null) &&
      likeness(stranger, other) !== "no"
    );
}

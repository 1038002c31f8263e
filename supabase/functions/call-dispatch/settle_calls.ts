import type { CallEvent } from "../_shared/call_event.ts";
import type { LoggedCall } from "./call_log.ts";
import { lookUpCalls, type LookUpOptions } from "./look_up_calls.ts";
import { retryWhilePassing } from "../_shared/retry_while_passing.ts";
import type { AttemptToSettle, AttemptVerdict, Store } from "./store.ts";

/** What settling works with. */
export interface SettleOptions extends LookUpOptions {
  store: Pick<
    Store,
    "attemptsToSettle" | "knownCalls" | "recordCallResult" | "settleCallAttempts"
  >;
}

const MOST_ATTEMPTS = 100;
const RETRY = { forMs: 5_000 };

/**
 * Looks up in Omni's call log what became of the calls whose end nobody has reported. One that is
 * found is recorded with its result; one that was provably never placed is abandoned; of every other
 * it is noted why it cannot be told, and the attempt stays held. With nothing to look up Omni is not
 * asked, and an Omni that cannot be asked is no failure.
 *
 * @throws {StoreError} when the database could not be asked, or would not take a result.
 */
export async function settleCalls(options: SettleOptions): Promise<void> {
  const { store, timeIsUp } = options;
  if (timeIsUp.aborted) return;
  const attempts = await retryWhilePassing(() => store.attemptsToSettle(MOST_ATTEMPTS), RETRY);
  if (attempts.length === 0) return;
  const verdicts: AttemptVerdict[] = [];
  const failures: unknown[] = [];
  for (const { attempt, settlement } of await lookUpCalls(attempts, options)) {
    if (settlement.kind !== "found") {
      const { kind: verdict, reason } = settlement;
      verdicts.push({ attemptId: attempt.attemptId, verdict, reason });
    } else if (!timeIsUp.aborted) { // Else the next run finds it again.
      const objection = await record(attempt, settlement.calls, store).catch((error) => {
        failures.push(error);
        return "What Omni's call log shows could not be stored";
      });
      if (objection !== null) verdicts.push(cannotTell(attempt, objection));
    }
  }
  if (verdicts.length > 0) {
    await retryWhilePassing(() => store.settleCallAttempts(verdicts), RETRY);
  }
  if (failures.length > 0) throw failures[0];
}

// Without a verdict a call that is found and yet not settled would be looked up anew by every run.
function cannotTell({ attemptId }: AttemptToSettle, reason: string): AttemptVerdict {
  return { attemptId, verdict: "cannot_tell", reason };
}

/** Records all rows of one call. Returns null when they settle it, else why they do not. */
async function record(
  attempt: AttemptToSettle,
  calls: LoggedCall[],
  store: SettleOptions["store"],
): Promise<string | null> {
  const settling: LoggedCall[] = [];
  for (const call of calls) {
    const event = toCallEvent(attempt, call);
    const verdict = await retryWhilePassing(() => store.recordCallResult(event), RETRY);
    if (verdict === "settled") settling.push(call);
  }
  if (settling.length === 0) {
    return "What Omni's call log shows contradicts what is known of the call";
  }
  return settling.some(({ outcome }) => outcome !== null)
    ? null
    : "Omni's call log shows the call, but no outcome that is known";
}

function toCallEvent(attempt: AttemptToSettle, call: LoggedCall): CallEvent {
  return {
    source: "call_log",
    call_id: call.callId,
    attempt_id: attempt.attemptId,
    request_id: call.requestId,
    direction: "outbound",
    to_number: attempt.toNumber,
    outcome: call.outcome,
    reported_status: call.reportedStatus,
    duration_seconds: call.durationSeconds,
    recording_url: call.recordingUrl,
    summary: null,
    extracted_variables: call.extractedVariables,
  };
}

import { CallLog, type LoggedCall } from "./call_log.ts";
import { judgeSettlement, type Settlement } from "./judge_settlement.ts";
import { LogEvidence } from "./log_evidence.ts";
import type { Provider } from "./omni_client.ts";
import { retryWhilePassing } from "../_shared/retry_while_passing.ts";
import type { AttemptToSettle, KnownCall, Store } from "./store.ts";

/** What looking up works with. */
export interface LookUpOptions {
  store: Pick<Store, "knownCalls">;
  provider: Pick<Provider, "readCallLog">;
  /** The agent in whose log the calls stand. */
  agentId: number;
  /** No further page is asked for once this is aborted, and the one being read is given up. */
  timeIsUp: AbortSignal;
  /** The time, Unix ms. */
  now?: () => number;
}

/** An attempt and what the log says of it. */
export interface LookedUpCall {
  attempt: AttemptToSettle;
  settlement: Settlement;
}

const MOST_PAGES = 20;

/**
 * Reads Omni's call log from its top until it has told of these attempts what it can, at most 20
 * pages. A page that cannot be read ends it: what it might have told cannot be told.
 *
 * @throws {StoreError} when it cannot be learnt which calls are ours: without that none may be judged.
 */
export async function lookUpCalls(
  attempts: AttemptToSettle[],
  options: LookUpOptions,
): Promise<LookedUpCall[]> {
  const { provider, agentId, timeIsUp, now = Date.now } = options;
  const log = new CallLog();
  const known = new Map(attempts.flatMap(toKnownCall).map((call) => [call.requestId, call]));
  for (let number = 1;; number++) {
    const evidence = new LogEvidence(log, known);
    const lookedUp = attempts.map((attempt) => ({
      attempt,
      settlement: judgeSettlement(attempt, { evidence, attempts, now: now() }),
    }));
    if (number > MOST_PAGES || !mayTellMore(log, lookedUp)) return lookedUp;
    const page = await provider.readCallLog({ number, agentId, signal: timeIsUp });
    if (page.kind === "failed") return lookedUp.map((each) => blame(page.error, each));
    log.add(page);
    await learnWhichAreOurs(page.rows, known, options);
  }
}

function toKnownCall({ requestId, attemptId, openedAt }: AttemptToSettle): KnownCall[] {
  return requestId === null ? [] : [{ requestId, attemptId, openedAt }];
}

function mayTellMore(log: CallLog, lookedUp: LookedUpCall[]): boolean {
  return !log.hasEnded && !log.isExhausted && lookedUp.some(({ settlement }) => settlement.readOn);
}

function blame(error: string, { attempt, settlement }: LookedUpCall): LookedUpCall {
  const isOpen = settlement.kind === "cannot_tell" && settlement.readOn;
  return { attempt, settlement: isOpen ? { ...settlement, reason: error } : settlement };
}

async function learnWhichAreOurs(
  rows: LoggedCall[],
  known: Map<string, KnownCall>,
  { store }: LookUpOptions,
): Promise<void> {
  const requestIds = rows.map(({ requestId }) => requestId).filter((id) => id !== null);
  const asked = [...new Set(requestIds)].filter((id) => !known.has(id));
  if (asked.length === 0) return;
  const calls = await retryWhilePassing(() => store.knownCalls(asked), { forMs: 5_000 });
  for (const call of calls) known.set(call.requestId, call);
}

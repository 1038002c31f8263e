import { DISPATCH_CONTRACT } from "../../../supabase/functions/call-dispatch/dispatch_contract.ts";
import type { RunTotals, Store } from "../../../supabase/functions/call-dispatch/store.ts";

export const RUN_ID = "0b0f7a52-53c1-4c5f-9a0e-6f4f2f0d7c11";

const EMPTY_TOTALS: RunTotals = {
  seeded: 0,
  claimed: 0,
  accepted: 0,
  skipped: 0,
  failed: 0,
  postponed: 0,
  not_sent: 0,
  refused: 0,
  unknown: 0,
  rescued: 0,
  stop_reason: "drained",
  error: null,
  remaining: 0,
  next_run_id: null,
};

/** A store with nothing to do but what `changes` says, and the names of what was asked of it. */
export function stubStore(changes: Partial<Store> = {}): { store: Store; asked: string[] } {
  const asked: string[] = [];
  const store: Store = {
    beginRun: async (runId) => ({ id: runId ?? RUN_ID, startWithOne: false }),
    checkContract: async () => DISPATCH_CONTRACT,
    rescueStaleAttempts: async () => 0,
    attemptsToSettle: async () => [],
    knownCalls: async () => [],
    recordCallResult: async () => "settled",
    settleCallAttempts: async () => 0,
    callbacksToRead: async () => [],
    planCallback: async () => true,
    seedFollowUps: async () => 0,
    claimDueFollowUps: async () => [],
    failFollowUps: async () => {},
    openCallAttempts: async (items) => new Set(items.map(({ attemptId }) => attemptId)),
    recordDispatchResults: async () => {},
    releaseFollowUps: async () => {},
    claimStopReason: async () => "drained",
    accountReadingsDue: async () => ({
      headroom: false,
      beforeCalling: false,
      costs: false,
      askedAt: "2026-11-24T09:00:00Z",
    }),
    recordProviderAccount: async () => {},
    callsWithoutCost: async () => [],
    recordCallCosts: async () => {},
    finishRun: async (_runId, stop_reason, error) => ({ ...EMPTY_TOTALS, stop_reason, error }),
    previewDispatch: async () => [],
    numbersInLiveCalls: async () => new Set(),
    ...changes,
  };
  const noting = new Proxy(store, {
    get(target, name: keyof Store) {
      asked.push(name);
      return target[name];
    },
  });
  return { store: noting, asked };
}

import type { Caller } from "./call_request.ts";
import { dispatchDueFollowUps, type DispatchEnd } from "./dispatch_due_follow_ups.ts";
import type { RunSource } from "./dispatch_request.ts";
import { messageOf } from "../_shared/message_of.ts";
import type { Provider } from "./omni_client.ts";
import { priceCalls, type PriceOptions } from "./price_calls.ts";
import { planCallbacks } from "../_shared/plan_callbacks.ts";
import { retryWhilePassing } from "../_shared/retry_while_passing.ts";
import { seedFollowUps } from "./seed_follow_ups.ts";
import { settleCalls, type SettleOptions } from "./settle_calls.ts";
import type { BegunRun, RunTotals, Store } from "./store.ts";
import { watchHeadroom } from "./watch_headroom.ts";

// Looking up the calls of earlier runs, and what they cost, must not use up the time for calling.
const LONGEST_SETTLING_MS = 20_000;

/** What a run works with. */
export interface RunOptions {
  store: Store;
  provider: Provider;
  caller: Caller;
  run: BegunRun;
  source: RunSource;
  concurrency: number;
  omniTimeoutMs: number;
  /** How long the run claims and sends, in ms. */
  timeBudgetMs: number;
  /** Aborted when the process is about to end. */
  stopping: AbortSignal;
  /** Takes the run's one log line: its summary, and `account_error`, why Omni's account is not known. */
  log: (line: string) => void;
}

/** What came of a run; `ok` is false when it met an error or was halted. */
export interface RunSummary extends RunTotals {
  ok: boolean;
  run_id: string;
  source: RunSource;
  duration_ms: number;
}

/** How the work ended, and what kept the account's lines and costs from being read or stored, if anything. */
interface WorkEnd extends DispatchEnd {
  accountError: string | null;
}

/**
 * One run: rescue, settle, plan callbacks, seed and dispatch side by side, then finish; meanwhile
 * Omni's free lines are watched. Nobody is called before what calls have cost is known, where money
 * is limited, or before the lines are, where some are to be kept free. Whatever happens on the way,
 * the run row is closed and says why. That the account's lines or costs could not be read or stored
 * is no error of the run, because nobody is called or left uncalled wrongly for it: the log line
 * tells it.
 *
 * @throws {StoreError} only when the row cannot be closed; a later run closes it then.
 */
export async function runDispatch(options: RunOptions): Promise<RunSummary> {
  const { store, run, source, timeBudgetMs, stopping, log } = options;
  const startedAt = performance.now();
  const timeIsUp = AbortSignal.any([stopping, AbortSignal.timeout(timeBudgetMs)]);
  const end = await workOff(options, timeIsUp);
  const totals = await retryWhilePassing(
    () => store.finishRun(run.id, end.stopReason, end.error),
    { forMs: 10_000 },
  );
  const summary: RunSummary = {
    ok: totals.error === null && totals.stop_reason !== "halted" && totals.stop_reason !== "error",
    run_id: run.id,
    source,
    ...totals,
    duration_ms: Math.round(performance.now() - startedAt),
  };
  const account_error = end.accountError ?? undefined;
  log(JSON.stringify({ event: "dispatch_run", ...summary, account_error }));
  return summary;
}

async function workOff(options: RunOptions, timeIsUp: AbortSignal): Promise<WorkEnd> {
  const { store, run, provider } = options;
  const over = new AbortController();
  const failures = new Set<string>();
  let accountError: string | null = null;
  const note = (failure: unknown): null => {
    failures.add(messageOf(failure));
    return null;
  };
  const noteOfAccount = (failure: unknown): null => {
    accountError ??= messageOf(failure);
    return null;
  };
  const watching = watchHeadroom({ store, provider, over: over.signal }).catch(noteOfAccount);
  const logReading = logReadingOf(options, timeIsUp);
  const preparing = prepare(options, { timeIsUp, logReading, note }).map((step) =>
    step.catch(note)
  );
  const headroom = await watching;
  headroom?.done.catch(noteOfAccount);
  if (headroom?.costs) await priceCalls(logReading).catch(noteOfAccount);
  if (headroom?.beforeCalling) await headroom.done.catch(noteOfAccount);
  const end = await dispatchDueFollowUps({
    ...options,
    runId: run.id,
    startWithOne: run.startWithOne,
    timeIsUp,
    preparing,
  }).catch(note);
  over.abort();
  await Promise.all(preparing);
  return { ...endOf(end, [...failures]), accountError };
}

// All that failed is told: behind the first failure the operator would find the next one only when it is
// mended. That Omni refuses every call comes first, as the next run begins by it.
function endOf(dispatched: DispatchEnd | null, failures: string[]): DispatchEnd {
  if (failures.length === 0 && dispatched !== null) return dispatched;
  const told = new Set([dispatched?.error ?? [], ...failures].flat());
  return {
    stopReason: dispatched?.stopReason === "halted" ? "halted" : "error",
    error: [...told].join("; besides: "),
  };
}

interface Preparation {
  timeIsUp: AbortSignal;
  logReading: SettleOptions;
  /** Hears of a callback that cannot be planned, which keeps the others from nothing. */
  note: (failure: unknown) => void;
}

/**
 * Starts what makes follow-ups due and lines free, each step by itself: what keeps the new leads from being
 * seeded must not keep the due ones from being called, nor must the reading of a long call log.
 */
function prepare(
  { store, run }: RunOptions,
  { timeIsUp, logReading, note }: Preparation,
): Promise<unknown>[] {
  const rescuing = retryWhilePassing(() => store.rescueStaleAttempts(run.id), { forMs: 5_000 });
  return [
    rescuing,
    // What is rescued can be settled at once.
    rescuing.catch(() => {}).then(() => settleCalls(logReading)),
    seedFollowUps({ store, runId: run.id, timeIsUp }),
    planCallbacks({ store, timeIsUp, onFailure: note }),
  ];
}

function logReadingOf(
  { store, provider, caller, timeBudgetMs }: RunOptions,
  timeIsUp: AbortSignal,
): SettleOptions & PriceOptions {
  const settlingMs = Math.floor(Math.min(LONGEST_SETTLING_MS, timeBudgetMs / 3));
  return {
    store,
    provider,
    agentId: caller.omniAgentId,
    timeIsUp: AbortSignal.any([timeIsUp, AbortSignal.timeout(settlingMs)]),
  };
}

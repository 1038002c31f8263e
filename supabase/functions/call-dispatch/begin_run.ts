import { retryWhilePassing } from "../_shared/retry_while_passing.ts";
import { RunRefused } from "./run_refused.ts";
import type { RunSource } from "./dispatch_request.ts";
import type { BegunRun, Store } from "./store.ts";

/** Which run, and where. */
export interface BeginOptions {
  store: Pick<Store, "beginRun" | "finishRun">;
  /** The row that the database has already written; absent for a manual run. */
  runId?: string | undefined;
  source: RunSource;
  /** Hears why a run that was refused could not be closed. */
  onFailure: (error: unknown) => void;
}

/**
 * Enters a run. One that the database refuses is closed with that reason, because the operator looks
 * at the runs: finish_dispatch_run is the same on both sides.
 *
 * @throws {RunRefused} when function and database do not fit, or in shadow mode.
 * @throws {StoreError} when the run cannot be begun for another reason.
 */
export async function beginRun(
  { store, runId, source, onFailure }: BeginOptions,
): Promise<BegunRun> {
  try {
    return await retryWhilePassing(() => store.beginRun(runId, source), { forMs: 2_000 });
  } catch (error) {
    if (error instanceof RunRefused && runId !== undefined) {
      await store.finishRun(runId, "error", error.message).catch(onFailure);
    }
    throw error;
  }
}

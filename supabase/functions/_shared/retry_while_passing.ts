import pRetry from "p-retry";
import { StoreError } from "./store_error.ts";

/** How long to go on asking. */
export interface RetryOptions {
  /** Give up this many ms after the first failure. */
  forMs: number;
}

/**
 * Asks the store again, after 100 ms and then twice as long each time up to 3 s, as long as what
 * went wrong may pass; at least once, however long the first answer was in coming, because one
 * connection that hangs is no database that is away. Only for what is harmless to repeat.
 *
 * @throws {StoreError} the last one, when time is up or when asking again cannot help.
 */
export function retryWhilePassing<Result>(
  ask: () => Promise<Result>,
  { forMs }: RetryOptions,
): Promise<Result> {
  let givesUpAt: number | null = null;
  return pRetry(ask, {
    retries: 1_000,
    minTimeout: 100,
    maxTimeout: 3_000,
    factor: 2,
    shouldRetry: ({ error }) => {
      givesUpAt ??= performance.now() + forMs;
      return error instanceof StoreError && error.passing && performance.now() < givesUpAt;
    },
  });
}

import type { CallEvent } from "../_shared/call_event.ts";
import { retryWhilePassing } from "../_shared/retry_while_passing.ts";
import type { RecordedEvent, Store } from "./store.ts";

/** What to record, and where. */
export interface RecordOptions {
  store: Pick<Store, "recordCallResult">;
  event: CallEvent;
  /** How long to go on asking while the database is away, in ms. Default 8,000. */
  forMs?: number;
}

/**
 * Stores the event; once this returns, it is safe. The sender may never repeat it, so a database that
 * is away for a moment is asked again.
 *
 * @throws {StoreError} when it is not known to be stored; `passing` if the sender should repeat it.
 */
export function recordCallEvent(
  { store, event, forMs = 8_000 }: RecordOptions,
): Promise<RecordedEvent> {
  return retryWhilePassing(() => store.recordCallResult(event), { forMs });
}

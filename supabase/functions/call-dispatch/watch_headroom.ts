import type { Provider } from "./omni_client.ts";
import type { Store } from "./store.ts";

/** What watching works with. */
export interface WatchOptions {
  store: Pick<Store, "accountReadingsDue" | "recordProviderAccount">;
  provider: Pick<Provider, "readAccount">;
  /** Aborted when nobody is called any more. */
  over: AbortSignal;
  /** Between two readings, in ms. */
  everyMs?: number;
}

/** What came of the first reading. */
export interface FirstReading {
  /** Nobody should be called before `done`. */
  beforeCalling: boolean;
  done: Promise<void>;
  /** Calls' costs are to be read, too. */
  costs: boolean;
}

/**
 * Keeps what is known of Omni's free lines fresh while a run calls; which of the runs side by side
 * asks, and whether at all, the database says. The claim reads what is stored here. An Omni that does
 * not tell is no failure: its reply to a call does.
 *
 * @throws {StoreError} when the database could not be asked; nobody need stop calling for that.
 */
export async function watchHeadroom(options: WatchOptions): Promise<FirstReading> {
  const { store, over, everyMs = 15_000 } = options;
  const due = await store.accountReadingsDue();
  const done = due.headroom ? read(due.askedAt, options) : Promise.resolve();
  const timer = setInterval(() => {
    store.accountReadingsDue()
      .then(({ headroom, askedAt }) => headroom ? read(askedAt, options) : undefined)
      // The next turn asks again, and until then the last reading counts for a minute.
      .catch(() => {});
  }, everyMs);
  over.addEventListener("abort", () => clearInterval(timer));
  if (over.aborted) clearInterval(timer);
  return { beforeCalling: due.beforeCalling, costs: due.costs, done };
}

async function read(askedAt: string, { store, provider, over }: WatchOptions): Promise<void> {
  const reading = await provider.readAccount(over);
  if (reading.kind !== "failed") await store.recordProviderAccount(reading, askedAt);
}

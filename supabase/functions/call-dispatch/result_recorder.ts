import type { DispatchResult } from "./run_judge.ts";
import { StoreError } from "../_shared/store_error.ts";
import type { Store } from "./store.ts";
import { retryWhilePassing } from "../_shared/retry_while_passing.ts";

/** How results are gathered and how long storing them is tried. */
export interface ResultRecorderOptions {
  store: Pick<Store, "recordDispatchResults">;
  /** How long results are gathered before they are stored together, in ms. */
  gatherMs?: number;
  /** How long storing is tried before the run gives up on it, in ms. */
  retryForMs?: number;
}

const LARGEST_BATCH = 200;
const STORED_APART_AT_ONCE = 5;

/**
 * Stores results in small batches beside the sending. What is known of a call must reach the
 * database, so storing is tried again until it is done; a result that the database will not take
 * does not keep the others waiting.
 */
export class ResultRecorder {
  #waiting: DispatchResult[] = [];
  #storing: Promise<void> | null = null;
  #isDraining = false;
  #gatherNoLonger: () => void = () => {};
  #failure: StoreError | null = null;

  constructor(private readonly options: ResultRecorderOptions) {}

  /** Why some result could not be stored; null = all were. Its attempt becomes unknown. */
  get failure(): StoreError | null {
    return this.#failure;
  }

  /** Takes results; they are stored soon. */
  push(results: DispatchResult[]): void {
    this.#waiting.push(...results);
    if (this.#waiting.length > 0) this.#storing ??= this.#storeAll();
  }

  /** Stores what waits without gathering more; resolves when all that was pushed is stored or given up. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    this.#gatherNoLonger();
    while (this.#storing !== null) await this.#storing;
    this.#isDraining = false;
  }

  async #storeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      if (!this.#isDraining) await this.#gather();
      await this.#store(this.#waiting.splice(0, LARGEST_BATCH));
    }
    this.#storing = null;
  }

  #gather(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.options.gatherMs ?? 50);
      this.#gatherNoLonger = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #store(
    batch: DispatchResult[],
    forMs = this.options.retryForMs ?? 60_000,
  ): Promise<void> {
    const { store } = this.options;
    try {
      await retryWhilePassing(() => store.recordDispatchResults(batch), { forMs });
    } catch (error) {
      await this.#storeApart(batch, toStoreError(error));
    }
  }

  // Something in the batch keeps it from being stored: a row that another program holds, a text that
  // the database does not take. One by one, and at last without the provider's text, only the result
  // that is at fault is lost.
  async #storeApart(batch: DispatchResult[], error: StoreError): Promise<void> {
    const [only] = batch;
    const forMs = Math.min(this.options.retryForMs ?? 60_000, 10_000);
    if (batch.length > 1) {
      for (let first = 0; first < batch.length; first += STORED_APART_AT_ONCE) {
        const few = batch.slice(first, first + STORED_APART_AT_ONCE);
        await Promise.all(few.map((result) => this.#store([result], forMs)));
      }
    } else if (only?.response !== undefined && !error.passing) {
      const { response: _refused, ...rest } = only;
      await this.#store([rest], forMs);
    } else {
      this.#failure ??= error;
    }
  }
}

function toStoreError(error: unknown): StoreError {
  return error instanceof StoreError ? error : new StoreError(String(error), false);
}

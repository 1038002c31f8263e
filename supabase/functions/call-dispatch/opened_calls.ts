import type { ReadyCall } from "./claimed_calls.ts";
import { releaseCalls } from "./release_calls.ts";
import { retryWhilePassing } from "../_shared/retry_while_passing.ts";
import type { Store } from "./store.ts";

// A database that is merely slow takes less: who has been asked for longer may have decided at the beginning.
const LONGEST_OPENING_MS = 2_500;

/** What opening works with. */
export interface OpenOptions {
  store: Pick<Store, "openCallAttempts" | "releaseFollowUps">;
  runId: string;
  /** How long an attempt may be `sending` before another run takes ours for dead, in ms. */
  sendingForMs: number;
  /** How long what an opening has decided, that nobody has stopped the calls, is relied on, in ms. */
  longestWaitMs: number;
  /** Hears of attempts that are, or may be, open and will not be sent. */
  onUnsent: (calls: ReadyCall[], why: string) => void;
}

/** Committed, and sent as soon as a line is free. */
interface OpenedCall {
  call: ReadyCall;
  /** When that was decided, in ms of `performance.now()`. */
  openedAt: number;
}

/** The attempts that are committed, or about to be, and not sent yet. */
export class OpenedCalls {
  #opened: OpenedCall[] = [];
  #opening = 0;

  constructor(private readonly options: OpenOptions) {}

  /** How many wait to be sent. */
  get waiting(): number {
    return this.#opened.length;
  }

  /** How many are about to be committed. */
  get opening(): number {
    return this.#opening;
  }

  /**
   * Commits an attempt for each call; those whose number is live elsewhere, or whose follow-up is ours no
   * longer, are not among those that wait. Returns how long the database took, in ms.
   *
   * @throws {StoreError} when the database could not be asked; none of them will be sent.
   */
  async open(calls: ReadyCall[]): Promise<number> {
    const { store, runId, sendingForMs, onUnsent } = this.options;
    this.#opening += calls.length;
    const startedAt = performance.now();
    let tries = 0;
    try {
      // Repeating is harmless: the same attempts are opened, or found opened.
      const opened = await retryWhilePassing(() => {
        tries += 1;
        return store.openCallAttempts(calls, runId, sendingForMs);
      }, { forMs: 15_000 });
      const answeredAt = performance.now();
      // Perhaps the first try opened them, and its answer was lost; or the answer was long on its way.
      const isOld = tries > 1 || answeredAt - startedAt > LONGEST_OPENING_MS;
      const openedAt = isOld ? startedAt : answeredAt;
      for (const call of calls) {
        if (opened.has(call.attemptId)) this.#opened.push({ call, openedAt });
      }
      return answeredAt - startedAt;
    } catch (error) {
      // Perhaps they are committed, perhaps they will be: surely they were not sent. Taking the
      // lease away comes first, so that an opening that is still under way finds nothing to open.
      const notReleased = await releaseCalls(calls, store).then(() => null, (failure) => failure);
      onUnsent(calls, "the database could not be asked");
      throw notReleased ?? error;
    } finally {
      this.#opening -= calls.length;
    }
  }

  /** The next to be sent; one that has waited too long is not. Undefined when none waits. */
  next(): ReadyCall | undefined {
    const { longestWaitMs, onUnsent } = this.options;
    for (;;) {
      const next = this.#opened.shift();
      if (next === undefined) return undefined;
      if (performance.now() - next.openedAt <= longestWaitMs) return next.call;
      onUnsent([next.call], "it was opened too long ago");
    }
  }

  /** Sends none of those that wait. */
  giveUp(): void {
    const calls = this.#opened.splice(0).map(({ call }) => call);
    if (calls.length > 0) this.options.onUnsent(calls, "the run stopped");
  }
}

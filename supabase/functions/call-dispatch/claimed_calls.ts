import type { Call } from "./call_request.ts";
import { readPhoneNumber } from "./phone_number.ts";
import { releaseCalls } from "./release_calls.ts";
import { retryWhilePassing } from "../_shared/retry_while_passing.ts";
import type { ClaimedFollowUp, FollowUpToFail, StopReason, Store } from "./store.ts";

/** A claimed follow-up whose number is valid. */
export interface ReadyCall extends Call {
  leaseToken: string;
  /** As claimed; the number was read from it. */
  phone: string;
}

/** What claiming works with. */
export interface ClaimOptions {
  store: Pick<
    Store,
    "claimDueFollowUps" | "failFollowUps" | "releaseFollowUps" | "claimStopReason"
  >;
  runId: string;
  /** How long a claim is ours, in ms. */
  leaseMs: number;
  /** Steps beside the claiming that may make follow-ups due or lines free; after each it is claimed again. */
  preparing: Promise<unknown>[];
  /** Takes what goes on in the background; its failure ends the run's calls. */
  start: (step: Promise<void>) => void;
}

const EMPTY_CLAIMS_IN_A_ROW = 20;
const BETWEEN_EMPTY_CLAIMS_MS = 50;
// A claim that takes this long was at work on rows that may not be called, and has come further.
const BUSY_CLAIM_MS = 1_500;

/** The calls that are claimed ahead of their requests. */
export class ClaimedCalls {
  #ready: ReadyCall[] = [];
  #claiming = false;
  #givingBack = 0;
  #preparing = 0;
  /** The last claim found nothing. */
  #dry = false;
  #emptyClaims = 0;

  constructor(private readonly options: ClaimOptions) {
    for (const step of options.preparing) this.#awaitStep(step);
  }

  /** How many can be opened. */
  get count(): number {
    return this.#ready.length;
  }

  /** Something is being claimed or given back. */
  get isAtWork(): boolean {
    return this.#claiming || this.#givingBack > 0;
  }

  /** There is nothing to claim, as far as is known, and no step at work that may change it. */
  get isDry(): boolean {
    return this.#dry && this.#preparing === 0;
  }

  /** Claims twice as many as `limit` when fewer than that are ready, unless it is dry. */
  claimAhead(limit: number): void {
    if (this.#claiming || this.#dry || this.#ready.length >= limit) return;
    this.options.start(this.#claim(2 * limit));
  }

  /** Hands out the oldest. */
  take(count: number): ReadyCall[] {
    return this.#ready.splice(0, count);
  }

  /** Gives back all that has not been handed out. */
  giveBack(): void {
    if (this.#ready.length > 0) this.options.start(this.#release(this.#ready.splice(0)));
  }

  /** Why nothing is claimed, asked when it is dry and nothing is on its way; null = claim again. */
  async whyNothingIsClaimed(): Promise<StopReason | null> {
    const { store, runId } = this.options;
    const reason = await retryWhilePassing(() => store.claimStopReason(runId), { forMs: 5_000 });
    if (reason !== null) return reason;
    // Due and yet not claimed: the claim was busy closing rows of leads that must not be called, or
    // others hold the rows.
    this.#emptyClaims += 1;
    if (this.#emptyClaims > EMPTY_CLAIMS_IN_A_ROW) return "deadline";
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_EMPTY_CLAIMS_MS));
    this.#dry = false;
    return null;
  }

  #awaitStep(step: Promise<unknown>): void {
    this.#preparing += 1;
    this.options.start(step.then(() => {
      this.#preparing -= 1;
      this.#dry = false;
    }));
  }

  async #claim(batchSize: number): Promise<void> {
    const { store, runId, leaseMs } = this.options;
    this.#claiming = true;
    const preparing = this.#preparing;
    const startedAt = performance.now();
    try {
      const rows = await retryWhilePassing(
        () => store.claimDueFollowUps(batchSize, leaseMs, runId),
        { forMs: 15_000 },
      );
      // What a step has made due meanwhile, this claim may not have seen.
      this.#dry = rows.length === 0 && this.#preparing === preparing;
      const isBusy = performance.now() - startedAt > BUSY_CLAIM_MS;
      if (!this.#dry || isBusy) this.#emptyClaims = 0;
      await this.#sortOut(rows);
    } finally {
      this.#claiming = false;
    }
  }

  async #sortOut(rows: ClaimedFollowUp[]): Promise<void> {
    const { store, runId } = this.options;
    const invalid: FollowUpToFail[] = [];
    for (const row of rows) {
      const number = readPhoneNumber(row.phone, row.defaultCountry);
      if ("e164" in number) {
        this.#ready.push({ ...row, toNumber: number.e164, attemptId: crypto.randomUUID() });
      } else {
        invalid.push({ ...row, reason: number.reason });
      }
    }
    if (invalid.length === 0) return;
    await retryWhilePassing(() => store.failFollowUps(invalid, runId), { forMs: 5_000 });
  }

  async #release(calls: ReadyCall[]): Promise<void> {
    this.#givingBack += 1;
    try {
      await releaseCalls(calls, this.options.store);
    } finally {
      this.#givingBack -= 1;
    }
  }
}

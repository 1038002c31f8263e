import { buildCallRequest, type Call, type Caller } from "./call_request.ts";
import { judgeReply, type OmniReply } from "./call_outcome.ts";
import type { Provider } from "./omni_client.ts";
import { readPhoneNumber } from "./phone_number.ts";
import { ResultRecorder } from "./result_recorder.ts";
import { retryWhilePassing } from "../_shared/retry_while_passing.ts";
import { RunJudge } from "./run_judge.ts";
import { storable } from "../_shared/storable.ts";
import type { ClaimedFollowUp, FollowUpToFail, StopReason, Store } from "./store.ts";

/** What phase 2 works with. */
export interface DispatchOptions {
  store: Store;
  provider: Provider;
  caller: Caller;
  runId: string;
  /** Begin with a single call, until one is accepted. */
  startWithOne: boolean;
  /** Most requests at once. */
  concurrency: number;
  /** How long one request may take, in ms. */
  omniTimeoutMs: number;
  /** No call is begun once this is aborted: the time budget is used, or the process ends. */
  timeIsUp: AbortSignal;
}

/** Why the phase ended. */
export interface DispatchEnd {
  stopReason: StopReason;
  error: string | null;
}

/** Phase 2: calls every due follow-up, until none is left or there is a reason to stop. */
export function dispatchDueFollowUps(options: DispatchOptions): Promise<DispatchEnd> {
  return new Dispatcher(options).run();
}

interface ReadyCall extends Call {
  leaseToken: string;
}

// How long the rows may take from the reply into the database before another run takes the attempt
// for one whose run has died.
const RECORDING_MS = 120_000;
const EMPTY_CLAIMS_IN_A_ROW = 20;
// A claim that takes this long was at work on rows that may not be called, and has come further.
const BUSY_CLAIM_MS = 1_500;
const GATHER_MS = 2;
const FLOCKS = 10;
const SMALLEST_FLOCK = 3;

/** Claims ahead, opens what is sent at once, sends, judges, and hands the results to the recorder. */
class Dispatcher {
  readonly #judge = new RunJudge();
  readonly #recorder: ResultRecorder;
  #ready: ReadyCall[] = [];
  #inFlight = 0;
  #opening = 0;
  #claiming = false;
  #givingBack = 0;
  #patience: ReturnType<typeof setTimeout> | undefined;
  #patienceIsOver = false;
  /** The last claim found nothing. */
  #dry = false;
  #emptyClaims = 0;
  #failure: string | null = null;
  #wake: () => void = () => {};

  constructor(private readonly options: DispatchOptions) {
    this.#recorder = new ResultRecorder({ store: options.store });
    options.timeIsUp.addEventListener("abort", () => this.#wake());
  }

  async run(): Promise<DispatchEnd> {
    let drained: StopReason | null = null;
    while (drained === null) {
      this.#advance();
      if (!this.#isIdle()) await this.#nextEvent();
      else if (this.#mustStop()) break;
      else drained = await this.#whyNothingIsClaimed().catch((error) => this.#fail(error));
    }
    this.#recorder.push(this.#judge.end());
    await this.#recorder.drain();
    return this.#end(drained);
  }

  #mustStop(): boolean {
    return this.#failure !== null || this.#judge.stop !== null || this.options.timeIsUp.aborted;
  }

  #fail(error: unknown): null {
    this.#failure ??= error instanceof Error ? error.message : String(error);
    return null;
  }

  #isIdle(): boolean {
    const nothingToClaim = this.#dry || this.#mustStop();
    return this.#ready.length === 0 && nothingToClaim && !this.#claiming &&
      this.#opening + this.#inFlight + this.#givingBack === 0;
  }

  get #limit(): number {
    return this.options.startWithOne && !this.#judge.anyAccepted ? 1 : this.options.concurrency;
  }

  /** How many calls are opened together. */
  get #flock(): number {
    return Math.max(Math.ceil(this.#limit / FLOCKS), SMALLEST_FLOCK);
  }

  #advance(): void {
    if (this.#mustStop()) {
      if (this.#ready.length > 0) this.#start(this.#giveBack(this.#ready.splice(0)));
      return;
    }
    if (!this.#claiming && !this.#dry && this.#ready.length < this.#limit) {
      this.#start(this.#claim());
    }
    const free = this.#limit - this.#inFlight - this.#opening;
    if (free <= 0 || this.#ready.length === 0) return;
    if (!this.#isWorthOpening(free)) return;
    this.#start(this.#open(this.#ready.splice(0, Math.min(free, this.#flock))));
    this.#advance();
  }

  // To open each call by itself would cost more of the processor than all the rest. So a few free
  // slots wait, though not for long, for others to become free. And to open many at once would bring
  // their replies back at once, to wait for each other while the lines stand idle: flocks take turns.
  #isWorthOpening(free: number): boolean {
    const isFlock = free >= Math.min(this.#ready.length, this.#flock);
    if (isFlock || this.#patienceIsOver) {
      clearTimeout(this.#patience);
      this.#patience = undefined;
      this.#patienceIsOver = false;
      return true;
    }
    this.#patience ??= setTimeout(() => {
      this.#patienceIsOver = true;
      this.#wake();
    }, GATHER_MS);
    return false;
  }

  #start(step: Promise<void>): void {
    step
      .catch((error) => this.#fail(error))
      .finally(() => this.#wake());
  }

  #nextEvent(): Promise<void> {
    return new Promise((resolve) => this.#wake = resolve);
  }

  async #claim(): Promise<void> {
    const { store, runId, omniTimeoutMs } = this.options;
    this.#claiming = true;
    const startedAt = performance.now();
    try {
      // A claim waits for at most two rounds of requests; the rest is for a slow database.
      const leaseMs = 2 * omniTimeoutMs + 60_000;
      const rows = await retryWhilePassing(
        () => store.claimDueFollowUps(2 * this.#limit, leaseMs, runId),
        { forMs: 15_000 },
      );
      this.#dry = rows.length === 0;
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

  async #open(calls: ReadyCall[]): Promise<void> {
    const { store, runId, omniTimeoutMs } = this.options;
    this.#opening += calls.length;
    try {
      // Repeating is harmless: the same attempts are opened, or found opened.
      const opened = await retryWhilePassing(
        () => store.openCallAttempts(calls, runId, omniTimeoutMs + RECORDING_MS),
        { forMs: 15_000 },
      );
      const sendable = calls.filter(({ attemptId }) => opened.has(attemptId));
      if (this.#mustStop()) this.#recordUnsent(sendable, "the run stopped");
      else sendable.forEach((call) => this.#send(call));
    } catch (error) {
      // Perhaps they are committed, perhaps they will be: surely they were not sent. Taking the
      // lease away comes first, so that an opening that is still under way finds nothing to open.
      await this.#giveBack(calls).catch((failure) => this.#fail(failure));
      this.#recordUnsent(calls, "the database could not be asked");
      throw error;
    } finally {
      this.#opening -= calls.length;
    }
  }

  #recordUnsent(calls: ReadyCall[], why: string): void {
    this.#recorder.push(calls.map(({ attemptId, leaseToken }) => (
      { attemptId, leaseToken, status: "postponed", error: `Not sent: ${why}` }
    )));
  }

  #send(call: ReadyCall): void {
    this.#inFlight += 1;
    this.options.provider.placeCall(buildCallRequest(call, this.options.caller))
      .catch((error): OmniReply => ({ kind: "no_reply", error: String(error) }))
      .then((reply) => {
        this.#inFlight -= 1;
        this.#recorder.push(this.#judge.take({
          attemptId: call.attemptId,
          leaseToken: call.leaseToken,
          outcome: judgeReply(reply),
          ...(reply.kind === "reply"
            ? { httpStatus: reply.httpStatus, response: storable(reply.text) }
            : {}),
        }));
      })
      .catch((error) => this.#fail(error))
      .finally(() => this.#wake());
  }

  // Called with nothing claimed, nothing on its way. Null means: claim again.
  async #whyNothingIsClaimed(): Promise<StopReason | null> {
    await this.#recorder.drain();
    const { store, runId } = this.options;
    const reason = await retryWhilePassing(() => store.claimStopReason(runId), { forMs: 5_000 });
    if (reason !== null) return reason;
    // Due and yet not claimed: the claim was busy closing rows of leads that must not be called, or
    // others hold the rows.
    this.#emptyClaims += 1;
    if (this.#emptyClaims > EMPTY_CLAIMS_IN_A_ROW) return "deadline";
    await new Promise((resolve) => setTimeout(resolve, 50));
    this.#dry = false;
    return null;
  }

  // A lease that cannot be given back is not lost: it ends by itself.
  async #giveBack(calls: ReadyCall[]): Promise<void> {
    this.#givingBack += 1;
    try {
      const tokens = calls.map((call) => call.leaseToken);
      await retryWhilePassing(() => this.options.store.releaseFollowUps(tokens), { forMs: 5_000 });
    } finally {
      this.#givingBack -= 1;
    }
  }

  #end(drained: StopReason | null): DispatchEnd {
    const failure = this.#failure ?? this.#recorder.failure?.message ?? null;
    if (failure !== null) return { stopReason: "error", error: failure };
    if (this.#judge.stop !== null) {
      return { stopReason: this.#judge.stop.reason, error: this.#judge.stop.error };
    }
    // A claim that finds nothing may have been busy with those who may not be called: unless it was asked
    // why, the time was over first.
    return { stopReason: drained ?? "deadline", error: null };
  }
}

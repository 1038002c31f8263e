import { buildCallRequest, type Call, type Caller } from "./call_request.ts";
import { judgeReply, type OmniReply } from "./call_outcome.ts";
import { messageOf } from "../_shared/message_of.ts";
import type { Provider } from "./omni_client.ts";
import { OpeningPace } from "./opening_pace.ts";
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
  /** Steps beside this one that may make follow-ups due or lines free; after each it is claimed again. */
  preparing?: Promise<unknown>[];
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

/** Committed, and sent as soon as a line is free. */
interface OpenedCall {
  call: ReadyCall;
  /** When that was decided, in ms of `performance.now()`. */
  openedAt: number;
}

// How long the rows may take from the reply into the database before another run takes the attempt
// for one whose run has died.
const RECORDING_MS = 120_000;
const EMPTY_CLAIMS_IN_A_ROW = 20;
// A claim that takes this long was at work on rows that may not be called, and has come further.
const BUSY_CLAIM_MS = 1_500;
// What was decided when an attempt was opened, that nobody has stopped the calls, is not relied on for longer.
const LONGEST_FROM_OPENING_TO_SENDING_MS = 1_000;

/** Claims ahead, opens what can soon be sent, sends, judges, and hands the results to the recorder. */
class Dispatcher {
  readonly #judge = new RunJudge();
  readonly #recorder: ResultRecorder;
  readonly #pace = new OpeningPace({
    longestWaitMs: LONGEST_FROM_OPENING_TO_SENDING_MS,
    wake: () => this.#wake(),
  });
  #ready: ReadyCall[] = [];
  #opened: OpenedCall[] = [];
  #inFlight = 0;
  #opening = 0;
  #claiming = false;
  #givingBack = 0;
  #preparing = 0;
  /** The last claim found nothing. */
  #dry = false;
  #emptyClaims = 0;
  #failure: string | null = null;
  #wake: () => void = () => {};

  constructor(private readonly options: DispatchOptions) {
    this.#recorder = new ResultRecorder({ store: options.store });
    options.timeIsUp.addEventListener("abort", () => this.#wake());
    for (const step of options.preparing ?? []) this.#awaitStep(step);
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
    this.#failure ??= messageOf(error);
    return null;
  }

  #awaitStep(step: Promise<unknown>): void {
    this.#preparing += 1;
    this.#start(step.then(() => {
      this.#preparing -= 1;
      this.#dry = false;
    }));
  }

  #isIdle(): boolean {
    const nothingToClaim = this.#dry && this.#preparing === 0 || this.#mustStop();
    return this.#ready.length === 0 && nothingToClaim && !this.#claiming &&
      this.#opening + this.#inFlight + this.#givingBack === 0;
  }

  get #limit(): number {
    return this.options.startWithOne && !this.#judge.anyAccepted ? 1 : this.options.concurrency;
  }

  #advance(): void {
    if (this.#mustStop()) return this.#giveUp();
    this.#sendOpened();
    if (!this.#claiming && !this.#dry && this.#ready.length < this.#limit) {
      this.#start(this.#claim());
    }
    const limit = this.#limit;
    const next = () => {
      const taken = this.#inFlight + this.#opened.length + this.#opening;
      return this.#pace.next({ limit, taken, ready: this.#ready.length });
    };
    for (let count = next(); count > 0; count = next()) {
      this.#start(this.#open(this.#ready.splice(0, count)));
    }
  }

  #giveUp(): void {
    this.#recordUnsent(this.#opened.splice(0).map(({ call }) => call), "the run stopped");
    if (this.#ready.length > 0) this.#start(this.#giveBack(this.#ready.splice(0)));
  }

  #sendOpened(): void {
    while (this.#inFlight < this.#limit) {
      const next = this.#opened.shift();
      if (next === undefined) return;
      const isStale = performance.now() - next.openedAt > LONGEST_FROM_OPENING_TO_SENDING_MS;
      if (isStale) this.#recordUnsent([next.call], "it was opened too long ago");
      else this.#send(next.call);
    }
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
    const preparing = this.#preparing;
    const startedAt = performance.now();
    try {
      // A claim waits for at most two rounds of requests; the rest is for a slow database.
      const leaseMs = 2 * omniTimeoutMs + 60_000;
      const rows = await retryWhilePassing(
        () => store.claimDueFollowUps(2 * this.#limit, leaseMs, runId),
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

  async #open(calls: ReadyCall[]): Promise<void> {
    const { store, runId, omniTimeoutMs } = this.options;
    this.#opening += calls.length;
    const startedAt = performance.now();
    let tries = 0;
    try {
      // Repeating is harmless: the same attempts are opened, or found opened.
      const opened = await retryWhilePassing(() => {
        tries += 1;
        return store.openCallAttempts(calls, runId, omniTimeoutMs + RECORDING_MS);
      }, { forMs: 15_000 });
      const answeredAt = performance.now();
      this.#pace.openedWithin(answeredAt - startedAt);
      // Perhaps the first try opened them, and its answer was lost.
      const openedAt = tries > 1 ? startedAt : answeredAt;
      this.#opened.push(
        ...calls.filter(({ attemptId }) => opened.has(attemptId)).map((call) => ({
          call,
          openedAt,
        })),
      );
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
    const sentAt = performance.now();
    this.options.provider.placeCall(buildCallRequest(call, this.options.caller))
      .catch((error): OmniReply => ({ kind: "no_reply", error: String(error) }))
      .then((reply) => {
        this.#inFlight -= 1;
        this.#pace.repliedWithin(performance.now() - sentAt);
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

import { buildCallRequest, type Caller } from "./call_request.ts";
import { judgeReply, type OmniReply } from "./call_outcome.ts";
import { ClaimedCalls, type ReadyCall } from "./claimed_calls.ts";
import { messageOf } from "../_shared/message_of.ts";
import type { Provider } from "./omni_client.ts";
import { OpenedCalls } from "./opened_calls.ts";
import { OpeningPace } from "./opening_pace.ts";
import { ResultRecorder } from "./result_recorder.ts";
import { RunJudge } from "./run_judge.ts";
import { storable } from "../_shared/storable.ts";
import type { StopReason, Store } from "./store.ts";

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

// How long the rows may take from the reply into the database before another run takes the attempt
// for one whose run has died.
const RECORDING_MS = 120_000;
// What was decided when an attempt was opened, that nobody has stopped the calls, is not relied on for longer.
const LONGEST_FROM_OPENING_TO_SENDING_MS = 1_000;

/** Claims ahead, opens what can soon be sent, sends, judges, and hands the results to the recorder. */
class Dispatcher {
  readonly #judge = new RunJudge();
  readonly #recorder: ResultRecorder;
  readonly #claimed: ClaimedCalls;
  readonly #opened: OpenedCalls;
  readonly #pace = new OpeningPace({
    longestWaitMs: LONGEST_FROM_OPENING_TO_SENDING_MS,
    wake: () => this.#wake(),
  });
  #inFlight = 0;
  #failure: string | null = null;
  #wake: () => void = () => {};

  constructor(private readonly options: DispatchOptions) {
    const { store, runId, omniTimeoutMs, timeIsUp, preparing = [] } = options;
    this.#recorder = new ResultRecorder({ store });
    this.#claimed = new ClaimedCalls({
      store,
      runId,
      // A claim waits for at most two rounds of requests; the rest is for a slow database.
      leaseMs: 2 * omniTimeoutMs + 60_000,
      preparing,
      start: (step) => this.#start(step),
    });
    this.#opened = new OpenedCalls({
      store,
      runId,
      sendingForMs: omniTimeoutMs + RECORDING_MS,
      longestWaitMs: LONGEST_FROM_OPENING_TO_SENDING_MS,
      onUnsent: (calls, why) => this.#recordUnsent(calls, why),
    });
    timeIsUp.addEventListener("abort", () => this.#wake());
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

  // Also when a result cannot be stored: that of the next call might not be either.
  #mustStop(): boolean {
    return this.#failure !== null || this.#recorder.failure !== null || this.#judge.stop !== null ||
      this.options.timeIsUp.aborted;
  }

  #fail(error: unknown): null {
    this.#failure ??= messageOf(error);
    return null;
  }

  #isIdle(): boolean {
    const nothingToClaim = this.#claimed.isDry || this.#mustStop();
    return this.#claimed.count === 0 && nothingToClaim && !this.#claimed.isAtWork &&
      this.#opened.opening + this.#inFlight === 0;
  }

  get #limit(): number {
    return this.options.startWithOne && !this.#judge.anyAccepted ? 1 : this.options.concurrency;
  }

  #advance(): void {
    if (this.#mustStop()) {
      this.#opened.giveUp();
      this.#claimed.giveBack();
      return;
    }
    this.#sendOpened();
    this.#claimed.claimAhead(this.#limit);
    for (let count = this.#countToOpen(); count > 0; count = this.#countToOpen()) {
      this.#start(this.#open(this.#claimed.take(count)));
    }
  }

  #sendOpened(): void {
    while (this.#inFlight < this.#limit) {
      const call = this.#opened.next();
      if (call === undefined) return;
      this.#send(call);
    }
  }

  #countToOpen(): number {
    const taken = this.#inFlight + this.#opened.waiting + this.#opened.opening;
    return this.#pace.next({ limit: this.#limit, taken, ready: this.#claimed.count });
  }

  async #open(calls: ReadyCall[]): Promise<void> {
    this.#pace.openedWithin(await this.#opened.open(calls));
  }

  #start(step: Promise<void>): void {
    step
      .catch((error) => this.#fail(error))
      .finally(() => this.#wake());
  }

  #nextEvent(): Promise<void> {
    return new Promise((resolve) => this.#wake = resolve);
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

  async #whyNothingIsClaimed(): Promise<StopReason | null> {
    await this.#recorder.drain();
    return await this.#claimed.whyNothingIsClaimed();
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

import type { CallStatus } from "./call_status.ts";
import { drawOutcome } from "./draw_outcome.ts";
import type { EndedCall } from "./ended_call.ts";
import type { OmniSettings } from "../omni_settings.ts";
import type { Ring } from "../ledger/ring.ts";
import { drawFromSpan } from "../span.ts";

// Made from the ring's ordinal, so that no call of a later process takes the id of an earlier one;
// every second one, because a call that leaves two rows in the log needs a further id.
const firstCallId = 10_000_000;

// A longer timer would fire at once.
const longestTimerMs = 2 ** 31 - 1;

interface RunningCall {
  readonly ring: Ring;
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly outcome: CallStatus;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** The calls that are going on. Each occupies a line until it ends by itself or is ended. */
export class PhoneLines {
  readonly #running = new Map<number, RunningCall>();
  readonly #listeners = new Set<(call: EndedCall) => void>();
  readonly #settings: () => OmniSettings;
  readonly #random: () => number;
  #peak = 0;

  constructor(settings: () => OmniSettings, random: () => number) {
    this.#settings = settings;
    this.#random = random;
  }

  /** Calls going on, those of others included. */
  get inUse(): number {
    return this.#running.size + this.#settings().linesUsedByOthers;
  }

  /** The most of our calls that ever went on at once. */
  get peak(): number {
    return this.#peak;
  }

  /** Whether a call can be placed now. */
  get hasFreeLine(): boolean {
    return this.inUse < this.#settings().lines;
  }

  /** Starts the call of a ring; the caller has seen to it that a line is free. */
  start(ring: Ring): void {
    const { callDurationMs, timeFactor, outcomes } = this.#settings();
    const durationMs = drawFromSpan(callDurationMs, this.#random);
    const outcome = typeof outcomes === "function"
      ? outcomes(ring)
      : drawOutcome(outcomes, this.#random);
    const lastsMs = Math.min(durationMs / timeFactor, longestTimerMs);
    const timer = setTimeout(() => this.end(ring.requestId), lastsMs);
    const startedAtMs = Date.now();
    this.#running.set(ring.requestId, { ring, startedAtMs, durationMs, outcome, timer });
    this.#peak = Math.max(this.#peak, this.#running.size);
  }

  /** Ends a call before its time; false when no such call is going on. */
  end(requestId: number, status?: CallStatus): boolean {
    const call = this.#running.get(requestId);
    if (!call) return false;
    clearTimeout(call.timer);
    this.#running.delete(requestId);
    const ended = this.#ended(call, status ?? call.outcome);
    for (const listener of this.#listeners) listener(ended);
    return true;
  }

  /** Ends all calls that are going on. */
  endAll(status?: CallStatus): void {
    for (const requestId of [...this.#running.keys()]) this.end(requestId, status);
  }

  /** Calls `listener` at the end of each call, after its line is free; returns how to undo it. */
  onCallEnded(listener: (call: EndedCall) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Cuts all calls off without telling anyone, as a stopping simulator does. */
  stop(): void {
    for (const call of this.#running.values()) clearTimeout(call.timer);
    this.#running.clear();
  }

  #ended(call: RunningCall, status: CallStatus): EndedCall {
    const { ring, startedAtMs, durationMs } = call;
    const wasAnswered = status === "completed" || status === "voicemail_detected";
    const durationSeconds = wasAnswered ? Math.round(durationMs / 1000) : 0;
    const callId = firstCallId + ring.ordinal * 2;
    return { callId, ring, status, startedAtMs, endedAtMs: Date.now(), durationSeconds };
  }
}

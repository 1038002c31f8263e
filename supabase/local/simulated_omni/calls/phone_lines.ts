import type { CallIds } from "./call_ids.ts";
import type { CallStatus } from "./call_status.ts";
import { drawFromSpan } from "../span.ts";
import { drawOutcome } from "./draw_outcome.ts";
import type { EndedCall } from "./ended_call.ts";
import { endCall } from "./end_call.ts";
import { LineMeter } from "./line_meter.ts";
import type { LineUsage } from "./line_usage.ts";
import { longestTimerMs } from "../longest_timer_ms.ts";
import type { OmniSettings } from "../omni_settings.ts";
import type { Ring } from "../ledger/ring.ts";
import type { RunningCall } from "./running_call.ts";
import { wasAnswered } from "./was_answered.ts";

interface Timed extends RunningCall {
  readonly outcome: CallStatus;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** The calls that are going on. Each occupies a line until it ends by itself or is ended. */
export class PhoneLines {
  readonly #running = new Map<number, Timed>();
  readonly #listeners = new Set<(call: EndedCall) => void>();
  readonly #meter = new LineMeter();
  readonly #settings: () => OmniSettings;
  readonly #random: () => number;
  readonly #callIds: CallIds;

  constructor(settings: () => OmniSettings, random: () => number, callIds: CallIds) {
    this.#settings = settings;
    this.#random = random;
    this.#callIds = callIds;
  }

  /** Calls going on, those of others included. */
  get inUse(): number {
    return this.#running.size + this.#settings().linesUsedByOthers;
  }

  /** The most of our calls that ever went on at once. */
  get peak(): number {
    return this.#meter.usage().peak;
  }

  /** Whether a call can be placed now. */
  get hasFreeLine(): boolean {
    return this.inUse < this.#settings().lines;
  }

  /** How much our calls have used the lines, those going on included. */
  usage(): LineUsage {
    return this.#meter.usage();
  }

  /** Starts the call of a ring; the caller has seen to it that a line is free. */
  start(ring: Ring): void {
    const { callDurationMs, unansweredMs, timeFactor, outcomes } = this.#settings();
    const durationMs = drawFromSpan(callDurationMs, this.#random);
    const outcome = typeof outcomes === "function"
      ? outcomes(ring)
      : drawOutcome(outcomes, this.#random);
    const ringsOut = unansweredMs !== null && !wasAnswered(outcome);
    const occupiedMs = ringsOut ? drawFromSpan(unansweredMs, this.#random) : durationMs;
    const lastsMs = Math.min(occupiedMs / timeFactor, longestTimerMs);
    const timer = setTimeout(() => this.end(ring.requestId), lastsMs);
    const callId = this.#callIds.forRing(ring.ordinal);
    const startedAtMs = Date.now();
    this.#running.set(ring.requestId, { callId, ring, startedAtMs, durationMs, outcome, timer });
    this.#meter.take();
  }

  /** Ends a call before its time; false when no such call is going on. */
  end(requestId: number, status?: CallStatus): boolean {
    const call = this.#running.get(requestId);
    if (!call) return false;
    clearTimeout(call.timer);
    this.#running.delete(requestId);
    this.#meter.free();
    const ended = endCall(call, status ?? call.outcome, this.#settings());
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
    this.#meter.free(this.#running.size);
    this.#running.clear();
  }
}

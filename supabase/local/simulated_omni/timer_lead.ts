const LONGEST_LEAD_MS = 2;
const WEIGHT = 0.02;

/**
 * How much earlier than meant a timer has to be set so that it goes off on time on average: the runtime's
 * are about a millisecond late, which would make a latency of 100 ms one of 101. What a busy process adds
 * beyond 2 ms stays.
 */
export class TimerLead {
  #ms = 0;

  /** In ms, from 0 to 2. */
  get ms(): number {
    return this.#ms;
  }

  /** A timer has gone off so many ms later than was meant; below 0 = earlier. */
  wasLate(ms: number): void {
    this.#ms = Math.min(Math.max(this.#ms + WEIGHT * ms, 0), LONGEST_LEAD_MS);
  }
}

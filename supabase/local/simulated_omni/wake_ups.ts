import { longestTimerMs } from "./longest_timer_ms.ts";
import { TimerLead } from "./timer_lead.ts";

/** Timers that can all be ended at once, so that a stopped simulator leaves none behind. */
export class WakeUps {
  readonly #pending = new Map<ReturnType<typeof setTimeout>, (onTime: boolean) => void>();
  readonly #lead = new TimerLead();
  #stopped = false;

  /**
   * Waits until `performance.now()` is `atMs`, on average of all waits. True when it is; false when the
   * wake-ups were stopped, and the caller must leave everything as it is.
   */
  until(atMs: number): Promise<boolean> {
    const delayMs = atMs - this.#lead.ms - performance.now();
    if (this.#stopped || delayMs <= 0) return Promise.resolve(!this.#stopped);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#pending.delete(timer);
        this.#lead.wasLate(performance.now() - atMs);
        resolve(true);
      }, Math.min(Math.round(delayMs), longestTimerMs));
      this.#pending.set(timer, resolve);
    });
  }

  /** Ends all waiting, now and from now on. */
  stop(): void {
    this.#stopped = true;
    for (const [timer, resolve] of this.#pending) {
      clearTimeout(timer);
      resolve(false);
    }
    this.#pending.clear();
  }
}

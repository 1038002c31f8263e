import type { LineUsage } from "./line_usage.ts";

/** Measures how much the lines are used, without looking at every call. */
export class LineMeter {
  #inUse = 0;
  #peak = 0;
  #busyMs = 0;
  #measuredAtMs = performance.now();

  /** A line is occupied. */
  take(): void {
    this.#measure();
    this.#inUse += 1;
    this.#peak = Math.max(this.#peak, this.#inUse);
  }

  /** `lines` are free again. */
  free(lines = 1): void {
    this.#measure();
    this.#inUse -= lines;
  }

  /** What has been measured up to now. */
  usage(): LineUsage {
    this.#measure();
    return { peak: this.#peak, busyMs: this.#busyMs };
  }

  #measure(): void {
    const nowMs = performance.now();
    this.#busyMs += this.#inUse * (nowMs - this.#measuredAtMs);
    this.#measuredAtMs = nowMs;
  }
}

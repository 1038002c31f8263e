/** Requests under way, so that the end can wait for them, and no longer than it wants to. */
export class UnderWay {
  #count = 0;
  #none: () => void = () => {};

  /** Counts `work` as under way until it has settled. */
  async during<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#count += 1;
    try {
      return await work();
    } finally {
      this.#count -= 1;
      if (this.#count === 0) this.#none();
    }
  }

  /** Resolves when nothing is under way, or after `timeoutMs`. */
  async end(timeoutMs: number): Promise<void> {
    if (this.#count === 0) return;
    const timer = setTimeout(() => this.#none(), timeoutMs);
    await new Promise<void>((resolve) => this.#none = resolve);
    clearTimeout(timer);
  }
}

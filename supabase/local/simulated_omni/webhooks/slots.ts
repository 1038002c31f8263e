/** Lets so many at once go on and the others wait for their turn. */
export class Slots {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(slots: number) {
    this.#free = slots;
  }

  /** Does `work` as soon as a slot is free. */
  async during<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      // Handed over, not given back: whoever comes in between must not overtake.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }
}

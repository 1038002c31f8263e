import { seededRandom } from "../../supabase/local/simulated_omni/seeded_random.ts";

/** Draws what happens in a history: the same for the same seed. */
export class Draw {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** A whole number between the two, both included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.#random() * (most - least + 1));
  }

  /** One of them; there has to be one. */
  pick<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[this.whole(0, items.length - 1)]!;
  }

  /** Yes as often as no. */
  flip(): boolean {
    return this.whole(0, 1) === 1;
  }
}

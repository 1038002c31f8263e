import { seededRandom } from "../../supabase/local/simulated_omni/seeded_random.ts";

/** Draws what happens in a history: the same for the same seed. */
export class Draw {
  readonly #random: () => number;

  constructor(private readonly seed: number) {
    // Histories have seeds that follow each other, whose first draws would be much the same.
    this.#random = seededRandom(scattered(seed));
  }

  /** A whole number between the two, both included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.#random() * (most - least + 1));
  }

  /** One of them; there has to be one. */
  pick<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[this.whole(0, items.length - 1)]!;
  }

  /** One of them: histories whose seeds follow each other take one after the other. */
  inTurn<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[this.seed % items.length]!;
  }

  /** Yes as often as no. */
  flip(): boolean {
    return this.whole(0, 1) === 1;
  }
}

/** A seed far from those of its neighbours: the last step of MurmurHash3. */
function scattered(seed: number): number {
  let mixed = seed + 1;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

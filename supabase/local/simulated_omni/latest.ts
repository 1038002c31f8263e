/** The latest of what has been added, up to a number of them. */
export class Latest<Item> {
  readonly #keep: number;
  #items: Item[] = [];

  /** Keeps the latest `keep`; 0 = none. */
  constructor(keep: number) {
    this.#keep = keep;
  }

  /** The latest, oldest first. */
  list(): readonly Item[] {
    // A slice from minus zero on would be all of them.
    return this.#items.slice(Math.max(0, this.#items.length - this.#keep));
  }

  /** Adds one. */
  add(item: Item): void {
    this.#items.push(item);
    // Cut rarely and by half: cutting each time would move the whole list every time.
    if (this.#items.length > 2 * this.#keep) this.#items = [...this.list()];
  }
}

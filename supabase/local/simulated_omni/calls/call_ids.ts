const firstCallId = 10_000_000;

/**
 * Ids for calls, rising in the order of their placing. Made from the ring's ordinal, so that no call
 * of a later process takes the id of an earlier one; every second one, because a call that leaves
 * two rows in the log needs a further id.
 */
export class CallIds {
  #last = firstCallId;

  /** For the call of a ring. */
  forRing(ordinal: number): number {
    return this.#last = Math.max(this.#last + 2, firstCallId + ordinal * 2);
  }

  /** For a call that no dispatch of ours placed. */
  next(): number {
    return this.#last += 2;
  }
}

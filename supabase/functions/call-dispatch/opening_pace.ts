/** What is under way when it is asked whether to open attempts. */
export interface OpeningMoment {
  /** Most requests at once. */
  limit: number;
  /** Requests on their way, attempts being opened and attempts that wait for a line, together. */
  taken: number;
  /** Claimed follow-ups that can be opened. */
  ready: number;
}

/** What an `OpeningPace` works with. */
export interface OpeningPaceOptions {
  /** How long an attempt may wait for a line, in ms. */
  longestWaitMs: number;
  /** Called when it is worth asking again. */
  wake: () => void;
}

const GATHER_MS = 2;
const FLOCKS = 5;
const SMALLEST_FLOCK = 3;
// Of what is measured, how much the latest counts.
const WEIGHT = 0.2;

/**
 * Says when attempts are opened and how many: a flock together, because to open each by itself costs
 * more of the processor than all the rest, and to open many at once brings their replies back at once, to
 * wait for each other while the lines stand idle.
 *
 * A flock is opened so early that it is committed when lines become free for it, so that no line waits
 * for the database. What is ahead of its lines by that, a flock and what becomes free meanwhile, a crash
 * leaves `unknown` though it was not sent: so it is at most two fifths of the lines, of few lines a half,
 * and nothing where it would be of no use, because replies take long or less than half a line becomes
 * free while the database is at work.
 */
export class OpeningPace {
  #openingMs: number | null = null;
  #replyMs: number | null = null;
  #patience: ReturnType<typeof setTimeout> | undefined;
  #patienceIsOver = false;

  constructor(private readonly options: OpeningPaceOptions) {}

  /** An opening has taken so many ms. */
  openedWithin(ms: number): void {
    this.#openingMs = smooth(this.#openingMs, ms);
  }

  /** A reply to a request has come after so many ms. */
  repliedWithin(ms: number): void {
    this.#replyMs = smooth(this.#replyMs, ms);
  }

  /** How many attempts are to be opened now; 0 = it is not worth it yet. */
  next({ limit, taken, ready }: OpeningMoment): number {
    const flock = Math.min(Math.max(Math.ceil(limit / FLOCKS), SMALLEST_FLOCK), limit);
    const free = Math.min(limit + this.#ahead(limit, flock) - taken, ready);
    if (free <= 0) return 0;
    if (free < Math.min(ready, flock) && !this.#patienceIsOver) {
      if (taken < limit) this.#wait();
      return 0;
    }
    clearTimeout(this.#patience);
    this.#patience = undefined;
    this.#patienceIsOver = false;
    return Math.min(free, flock);
  }

  #ahead(limit: number, flock: number): number {
    if (this.#openingMs === null || this.#replyMs === null) return 0;
    // The replies may come together: what is ahead then waits as long as one takes.
    if (this.#replyMs > this.options.longestWaitMs) return 0;
    const freedMeanwhile = limit * (this.#openingMs + GATHER_MS) / this.#replyMs;
    if (freedMeanwhile < 0.5) return 0;
    return Math.min(flock + Math.min(Math.round(freedMeanwhile), flock), mostAhead(limit));
  }

  // A few free lines wait, though not for long, for others to become free.
  #wait(): void {
    this.#patience ??= setTimeout(() => {
      this.#patienceIsOver = true;
      this.options.wake();
    }, GATHER_MS);
  }
}

function mostAhead(limit: number): number {
  const ofFew = Math.min(2 * SMALLEST_FLOCK, Math.floor(limit / 2));
  return Math.max(Math.floor(2 * limit / FLOCKS), ofFew);
}

function smooth(known: number | null, latest: number): number {
  return known === null ? latest : known + WEIGHT * (latest - known);
}

import type { HttpRequest } from "./http/http_request.ts";
import { Latest } from "./latest.ts";

/** The requests that came, whatever became of them, and how many of them came at once. */
export class RequestRecord {
  readonly #latest: Latest<HttpRequest>;
  #count = 0;
  #inFlight = 0;
  #peak = 0;

  /** Keeps the latest `keep` requests; older ones are only counted. */
  constructor(keep: number) {
    this.#latest = new Latest(keep);
  }

  /** How many came. */
  get count(): number {
    return this.#count;
  }

  /** How many wait for their reply. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** The most that ever waited at once. */
  get peakInFlight(): number {
    return this.#peak;
  }

  /** The latest requests, oldest first. */
  list(): readonly HttpRequest[] {
    return this.#latest.list();
  }

  /** Notes a request for as long as `answer` takes. */
  async during<Answer>(
    request: HttpRequest,
    answer: () => Answer | Promise<Answer>,
  ): Promise<Answer> {
    this.#count += 1;
    this.#inFlight += 1;
    this.#peak = Math.max(this.#peak, this.#inFlight);
    this.#latest.add(request);
    try {
      return await answer();
    } finally {
      this.#inFlight -= 1;
    }
  }
}

import type { ObservedCall } from "../../supabase/local/gateway/observe.ts";
import type { Gateway } from "../../supabase/local/gateway/start_gateway.ts";
import type { ScriptedReplies } from "./scripted_replies.ts";

/** An attempt, as it is known from the outside. */
interface SeenAttempt {
  toNumber: string;
  /** A report of what came of it has reached the database, and in time. */
  isReported: boolean;
  /** Its time was up. */
  isStale: boolean;
  /** Its time was up, and then a run tidied up: a later report counts only if it was accepted. */
  isGivenUp: boolean;
}

/**
 * Watches what goes to the database and what the provider answers, and knows by that, and not by the
 * tables, after which attempts nobody can know whether the phone rang.
 */
export class Witness {
  readonly #attempts = new Map<string, SeenAttempt>();
  readonly #disowned = new Set<string>();
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(gateway: Gateway, private readonly replies: ScriptedReplies) {
    gateway.observe = (call) => this.#take(call);
  }

  /**
   * The attempts that were committed for sending and of which no report came back, or whose reply the
   * provider lost: their ids, with the number of each.
   */
  ambiguous(): Map<string, string> {
    const found = [...this.#attempts].filter(([id, { isReported }]) =>
      !this.#disowned.has(id) && (!isReported || this.replies.lost.has(id))
    );
    return new Map(found.map(([id, { toNumber }]) => [id, toNumber]));
  }

  /** The attempts named in this request can never be sent: whatever the database makes of it. */
  disown(openBody: string): void {
    for (const { attempt_id } of itemsIn(openBody)) this.#disowned.add(attempt_id);
  }

  /** So much time has passed that no run still waits for its replies. */
  letTimeBeUp(): void {
    for (const attempt of this.#attempts.values()) attempt.isStale ||= !attempt.isReported;
  }

  /** Resolves when no call of a database function is under way, whoever has asked for it. */
  async quiet(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  #take({ functionName, body, result }: ObservedCall): void {
    const seen = result.then(
      ({ json }) => this.#note(functionName, body, json),
      // What failed has changed nothing, or is asked for again.
      () => {},
    ).finally(() => this.#underWay.delete(seen));
    this.#underWay.add(seen);
  }

  #note(functionName: string, body: string, json: string | null): void {
    if (functionName === "open_call_attempts") this.#noteOpened(body, json);
    if (functionName === "record_dispatch_results") this.#noteReported(body);
    if (functionName !== "rescue_stale_attempts") return;
    for (const attempt of this.#attempts.values()) {
      attempt.isGivenUp ||= attempt.isStale && !attempt.isReported;
    }
  }

  #noteOpened(body: string, json: string | null): void {
    const numbers = new Map(itemsIn(body).map((item) => [item.attempt_id, item.to_number]));
    for (const { attempt_id } of JSON.parse(json ?? "[]") as { attempt_id: string }[]) {
      if (this.#attempts.has(attempt_id)) continue;
      const toNumber = numbers.get(attempt_id) ?? "";
      const fresh = { toNumber, isReported: false, isStale: false, isGivenUp: false };
      this.#attempts.set(attempt_id, fresh);
    }
  }

  #noteReported(body: string): void {
    const { results } = JSON.parse(body) as { results: { attempt_id: string; status: string }[] };
    for (const { attempt_id, status } of results) {
      const attempt = this.#attempts.get(attempt_id);
      if (attempt) attempt.isReported ||= !attempt.isGivenUp || status === "accepted";
    }
  }
}

function itemsIn(openBody: string): { attempt_id: string; to_number: string }[] {
  return JSON.parse(openBody).items;
}

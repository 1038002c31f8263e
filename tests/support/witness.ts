import type { ObservedCall } from "../../supabase/local/gateway/observe.ts";
import type { Gateway } from "../../supabase/local/gateway/start_gateway.ts";

/** An attempt, as it is known from the outside. */
interface SeenAttempt {
  toNumber: string;
  runId: string;
  /** A report of what came of it has reached the database, and in time. */
  isReported: boolean;
  /** Its time was up. */
  isStale: boolean;
  /** Its time was up, and then a run tidied up: a later report counts only if it was accepted. */
  isGivenUp: boolean;
  /** Such a report came, and did not count. */
  isReportedTooLate: boolean;
}

/**
 * Watches what goes to the database and what the provider answers, and knows by that, and not by the
 * tables, after which attempts nobody can know whether the phone rang.
 */
export class Witness {
  readonly #attempts = new Map<string, SeenAttempt>();
  readonly #disowned = new Set<string>();
  readonly #runs = new Set<string>();
  readonly #deadRuns = new Set<string>();
  readonly #underWay = new Set<Promise<unknown>>();

  /** `lost`: the attempts whose reply the provider has lost, or will lose. */
  constructor(
    gateway: Pick<Gateway, "observe">,
    private readonly lost: ReadonlySet<string>,
  ) {
    gateway.observe = (call) => this.#take(call);
  }

  /**
   * The attempts that were committed for sending by a run that was killed before it could report, those
   * whose report came so late that others had given them up, and those whose reply the provider lost:
   * their ids, with the number of each. A run that lives and does not report is no excuse.
   */
  ambiguous(): Map<string, string> {
    const found = [...this.#attempts].filter(([id, attempt]) =>
      !this.#disowned.has(id) && (this.lost.has(id) || this.#isCutOff(attempt))
    );
    return new Map(found.map(([id, { toNumber }]) => [id, toNumber]));
  }

  /** A process was killed: which of the runs were its own is not known, so all may have died. */
  noteKill(): void {
    for (const run of this.#runs) this.#deadRuns.add(run);
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

  #isCutOff({ isReported, isReportedTooLate, runId }: SeenAttempt): boolean {
    return !isReported && (isReportedTooLate || this.#deadRuns.has(runId));
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
    if (functionName === "begin_dispatch_run") this.#noteBegun(json);
    if (functionName === "open_call_attempts") this.#noteOpened(body, json);
    if (functionName === "record_dispatch_results") this.#noteReported(body);
    if (functionName !== "rescue_stale_attempts") return;
    for (const attempt of this.#attempts.values()) {
      attempt.isGivenUp ||= attempt.isStale && !attempt.isReported;
    }
  }

  #noteBegun(json: string | null): void {
    for (const { id } of JSON.parse(json ?? "[]") as { id: string }[]) this.#runs.add(id);
  }

  #noteOpened(body: string, json: string | null): void {
    const runId: string = JSON.parse(body).run_id;
    const numbers = new Map(itemsIn(body).map((item) => [item.attempt_id, item.to_number]));
    for (const { attempt_id } of JSON.parse(json ?? "[]") as { attempt_id: string }[]) {
      if (this.#attempts.has(attempt_id)) continue;
      const toNumber = numbers.get(attempt_id) ?? "";
      const fresh = {
        toNumber,
        runId,
        isReported: false,
        isStale: false,
        isGivenUp: false,
        isReportedTooLate: false,
      };
      this.#attempts.set(attempt_id, fresh);
    }
  }

  #noteReported(body: string): void {
    const { results } = JSON.parse(body) as { results: { attempt_id: string; status: string }[] };
    for (const { attempt_id, status } of results) {
      const attempt = this.#attempts.get(attempt_id);
      if (!attempt) continue;
      const counts = !attempt.isGivenUp || status === "accepted";
      attempt.isReported ||= counts;
      attempt.isReportedTooLate ||= !counts;
    }
  }
}

function itemsIn(openBody: string): { attempt_id: string; to_number: string }[] {
  return JSON.parse(openBody).items;
}

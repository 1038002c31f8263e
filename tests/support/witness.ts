import type { ObservedCall } from "../../supabase/local/gateway/observe.ts";
import type { Gateway } from "../../supabase/local/gateway/start_gateway.ts";

/** An attempt, as it is known from the outside. */
interface SeenAttempt {
  /** Empty when nobody has seen it claimed. */
  leadId: string;
  toNumber: string;
  runId: string;
  /** Unix ms, by the clock of the project. */
  openedAt: number;
  /** A report of what came of it has reached the database, and in time. */
  isReported: boolean;
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
  /** The lead of each follow-up that was claimed. */
  readonly #leadOf = new Map<string, string>();
  readonly #disowned = new Set<string>();
  readonly #timeIsUp = new Set<string>();
  readonly #runs = new Set<string>();
  readonly #deadRuns = new Set<string>();
  readonly #underWay = new Set<Promise<unknown>>();

  /**
   * `lost`: the attempts whose reply the provider has lost, or will lose; `now`: the project's clock, Unix ms.
   */
  constructor(
    gateway: Pick<Gateway, "observe">,
    private readonly lost: ReadonlySet<string>,
    private readonly now: () => number = Date.now,
  ) {
    gateway.observe = (call) => this.#take(call);
  }

  /**
   * The attempts that were committed for sending by a run that was killed before it could report, those
   * whose report came so late that others had given them up, and those whose reply the provider lost:
   * their ids, with the number of each. A run that lives and does not report is no excuse.
   */
  ambiguous(): Map<string, string> {
    return new Map(this.#inDoubt().map(([id, { toNumber }]) => [id, toNumber]));
  }

  /** The leads of these attempts. */
  ambiguousLeads(): Set<string> {
    return new Set(this.#inDoubt().map(([, { leadId }]) => leadId));
  }

  /** When the attempt was opened, Unix ms by the project's clock; null = nobody has seen it opened. */
  openedAt(attemptId: string): number | null {
    return this.#attempts.get(attemptId)?.openedAt ?? null;
  }

  /** A process was killed: which of the runs were its own is not known, so all that have not ended may have died. */
  noteKill(): void {
    for (const run of this.#runs) this.#deadRuns.add(run);
  }

  /** The attempts named in this request can never be sent: whatever the database makes of it. */
  disown(openBody: string): void {
    for (const { attempt_id } of itemsIn(openBody)) this.#disowned.add(attempt_id);
  }

  /** So much time has passed for these attempts that no run still waits for their replies. */
  letTimeBeUp(attemptIds: readonly string[]): void {
    for (const id of attemptIds) this.#timeIsUp.add(id);
  }

  /** Resolves when no call of a database function is under way, whoever has asked for it. */
  async quiet(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  #inDoubt(): [string, SeenAttempt][] {
    return [...this.#attempts].filter(([id, attempt]) =>
      !this.#disowned.has(id) && (this.lost.has(id) || this.#isCutOff(attempt))
    );
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
    if (functionName === "claim_due_follow_ups") this.#noteClaimed(json);
    if (functionName === "open_call_attempts") this.#noteOpened(body, json);
    if (functionName === "record_dispatch_results") this.#noteReported(body);
    if (functionName === "finish_dispatch_run") this.#noteEnded(body);
    if (functionName !== "rescue_stale_attempts") return;
    for (const [id, attempt] of this.#attempts) {
      attempt.isGivenUp ||= this.#timeIsUp.has(id) && !attempt.isReported;
    }
  }

  #noteBegun(json: string | null): void {
    for (const { id } of JSON.parse(json ?? "[]") as { id: string }[]) this.#runs.add(id);
  }

  // A run that comes to its end has lived, whatever was killed meanwhile.
  #noteEnded(body: string): void {
    const { run_id }: { run_id: string } = JSON.parse(body);
    this.#runs.delete(run_id);
    this.#deadRuns.delete(run_id);
  }

  #noteClaimed(json: string | null): void {
    const claimed = JSON.parse(json ?? "[]") as { follow_up_id: string; lead_id: string }[];
    for (const { follow_up_id, lead_id } of claimed) this.#leadOf.set(follow_up_id, lead_id);
  }

  #noteOpened(body: string, json: string | null): void {
    const runId: string = JSON.parse(body).run_id;
    const items = new Map(itemsIn(body).map((item) => [item.attempt_id, item]));
    for (const { attempt_id } of JSON.parse(json ?? "[]") as { attempt_id: string }[]) {
      if (this.#attempts.has(attempt_id)) continue;
      const item = items.get(attempt_id);
      const fresh = {
        leadId: this.#leadOf.get(item?.follow_up_id ?? "") ?? "",
        toNumber: item?.to_number ?? "",
        runId,
        openedAt: this.now(),
        isReported: false,
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

interface OpenedItem {
  attempt_id: string;
  follow_up_id: string;
  to_number: string;
}

function itemsIn(openBody: string): OpenedItem[] {
  return JSON.parse(openBody).items;
}

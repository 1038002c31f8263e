import type { Sql } from "../../postgres/connect.ts";
import { type EndedCall, readEndedCalls } from "./read_ended_calls.ts";

// Longer than a report takes from its beginning until it can be seen here.
const LOOK_BACK_MS = 60_000;

/** Looks at the calls again and again and tells which have ended. */
export class EndWatch {
  readonly #told = new Map<string, Date>();

  private constructor(private readonly sql: Sql, private readonly began: Date) {}

  /** A watch that sees the calls that end from now on, by the database's clock. */
  static async fromNow(sql: Sql): Promise<EndWatch> {
    const [clock] = await sql<{ now: Date }[]>`select date_trunc('milliseconds', now()) as now`;
    return new EndWatch(sql, clock?.now ?? new Date());
  }

  /** The calls that have ended since the last look, each told once. */
  async look(): Promise<EndedCall[]> {
    const since = new Date(Math.max(this.began.getTime(), Date.now() - LOOK_BACK_MS));
    const ended = await readEndedCalls(this.sql, { since, except: this.#told.keys() });
    for (const [id, endedAt] of this.#told) if (endedAt < since) this.#told.delete(id);
    ended.forEach((call) => this.#told.set(call.attempt_id, call.ended_at));
    return ended;
  }

  /** How many calls that were placed since the watch began are not known to be over. */
  async countGoingOn(): Promise<number> {
    const [found] = await this.sql<{ count: number }[]>`
      select count(*)::int as count
      from public.call_attempts
      where status = 'accepted' and opened_at >= ${this.began}`;
    return found?.count ?? 0;
  }
}

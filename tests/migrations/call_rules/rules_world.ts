import assert from "node:assert/strict";
import type { Sql } from "../../../supabase/local/postgres/connect.ts";
import { numberAt } from "./number_at.ts";
import { NUMBERS, type RulesCase } from "./rules_case.ts";
import { type MadeCall, RulesOracle, type Wish } from "./rules_oracle.ts";
import { setUpRulesCase } from "./set_up_rules_case.ts";

const MINUTE_MS = 60_000;
const HORIZON_MS = 3 * 1_440 * MINUTE_MS;
/** The dry run costs as much as the claim, and is asked each third time. */
const FORETOLD_EACH = 3;
/** How often the oracle looks whether somebody is free between two claims. */
const LOOK_MS = 15 * MINUTE_MS;
/** An open end of a pause, and what else is asked anew, is asked within this time. */
const ASKED_ANEW_MS = 30 * MINUTE_MS;

const SECOND_OF_LEAD = "An older follow-up of the same lead comes first";

/** How often what happened, so that a test can tell that it has tried something. */
export type Tally = Record<string, number>;

interface FollowUpRow {
  id: string;
  lead_id: string;
  source: string;
  status: string;
  due_at: Date;
  first_due_at: Date | null;
}

interface LiveCall extends MadeCall {
  attemptId: string;
  endsAt: number;
  outcome: string;
}

/**
 * Lets a project live for three days, as the engine does it: end the calls, seed, claim, open, record; and
 * asks the oracle of each call, and of each one who was not called.
 */
export class RulesWorld {
  readonly #calls: MadeCall[] = [];
  readonly #live: LiveCall[] = [];
  /** Since when a follow-up could have been called, by the oracle. */
  readonly #freeSince = new Map<string, number>();
  readonly tally: Tally = {};
  readonly #start: number;
  #leadIds: string[] = [];
  #looks = 0;
  #oracle!: RulesOracle;

  private constructor(private readonly sql: Sql, private readonly drawn: RulesCase) {
    this.#start = drawn.start.getTime();
  }

  /** Runs the case in a transaction that is undone. `sql` is one connection. */
  static async live(sql: Sql, drawn: RulesCase): Promise<Tally> {
    const world = new RulesWorld(sql, drawn);
    await sql`begin`;
    try {
      await world.#live3Days();
      return world.tally;
    } finally {
      await sql`rollback`;
    }
  }

  async #live3Days(): Promise<void> {
    const { leadIds, earlier } = await setUpRulesCase(this.sql, this.drawn);
    this.#leadIds = leadIds;
    this.#calls.push(...earlier);
    this.#oracle = new RulesOracle(this.drawn, await zonesOfNumbers(this.sql), this.#calls);
    for (let at = this.#start; at < this.#start + HORIZON_MS;) {
      const before = this.#calls.length;
      await this.#work(at);
      const waiting = await this.#judgeThoseWhoWait(at);
      const next = this.#nextMoment(at, waiting, this.#calls.length > before);
      this.#lookFor(waiting, at, next);
      at = next;
    }
  }

  async #work(at: number): Promise<void> {
    const moment = new Date(at);
    if (this.drawn.pausedFor > 0 && at >= this.#start + this.drawn.pausedFor * MINUTE_MS) {
      await this.sql`update public.dispatch_settings set paused = false where paused`;
    }
    for (const call of this.#live.filter(({ endsAt }) => endsAt <= at)) await this.#end(call, at);
    if (this.#looks++ === 0) await this.sql`select public.seed_follow_ups(as_of => ${moment})`;
    const foretold = this.#looks % FORETOLD_EACH === 1 ? await this.#foretell(moment) : null;
    const claimed = await this.sql<
      { follow_up_id: string; lead_id: string; lease_token: string }[]
    >`
      select follow_up_id, lead_id, lease_token
      from public.claim_due_follow_ups(50, as_of => ${moment})`;
    if (foretold !== null) {
      const ids = claimed.map((row) => row.follow_up_id);
      assert.deepEqual(
        [...foretold.callable, ...ids.filter((id) => foretold.secondOfLead.has(id))].sort(),
        ids.sort(),
        `${moment.toISOString()}: the dry run and the claim do not agree`,
      );
    }
    if (claimed.length === 0) return;
    await this.#open(claimed.map((row) => ({ ...row, attempt_id: crypto.randomUUID() })), at);
  }

  /** What the dry run says. A lead's next one is claimed with the same look when the first is put off. */
  async #foretell(moment: Date) {
    const rows = await this.sql<{ follow_up_id: string; refusal: string | null }[]>`
      select follow_up_id, refusal from public.preview_dispatch(as_of => ${moment})`;
    const of = (text: string | null) =>
      rows.filter(({ refusal }) => refusal === text).map((row) => row.follow_up_id);
    return { callable: of(null), secondOfLead: new Set(of(SECOND_OF_LEAD)) };
  }

  async #open(
    claimed: { attempt_id: string; follow_up_id: string; lead_id: string; lease_token: string }[],
    at: number,
  ): Promise<void> {
    const moment = new Date(at);
    const items = claimed.map((row) => ({
      ...row,
      to_number: numberAt(this.#numberOf(row)).number,
    }));
    const opened = await this.sql<{ attempt_id: string }[]>`
      select attempt_id
      from public.open_call_attempts(${JSON.stringify(items)}::text::jsonb, as_of => ${moment})`;
    if (opened.length === 0) return;
    const rows = await this.#readFollowUps();
    const results = opened.map(({ attempt_id }) => {
      const item = items.find((one) => one.attempt_id === attempt_id)!;
      this.#judgeCall(rows.find(({ id }) => id === item.follow_up_id)!, attempt_id, at);
      return { ...item, status: "accepted", request_id: String(this.#calls.length) };
    });
    await this.sql`
      select from public.record_dispatch_results(${
      JSON.stringify(results)
    }::text::jsonb, ${moment})`;
  }

  /** Nobody is called who must not be. */
  #judgeCall(row: FollowUpRow, attemptId: string, at: number): void {
    const wish = this.#wishOf(row);
    const number = this.#numberOf(row);
    const refusals = this.#oracle.refusals(wish, at);
    const who = `${new Date(at).toISOString()}: lead ${wish.lead}, ${numberAt(number).number}`;
    assert.deepEqual(refusals, [], `${who} was called although it is refused`);
    const { outcome, after } = this.drawn.endings[this.#calls.length % this.drawn.endings.length]!;
    const endsAt = at + after * MINUTE_MS;
    const call = { number, lead: wish.lead, at, endedAt: null, attemptId, endsAt, outcome };
    this.#calls.push(call);
    this.#live.push(call);
    this.#count("called");
    // Whoever shares the number or the lead had to wait for this one.
    this.#freeSince.clear();
  }

  async #end(call: LiveCall, at: number): Promise<void> {
    const event = {
      source: "webhook",
      attempt_id: call.attemptId,
      direction: "outbound",
      outcome: call.outcome,
    };
    const [answer] = await this.sql<{ verdict: string }[]>`
      select verdict
      from public.record_call_result(${JSON.stringify(event)}::text::jsonb, ${new Date(at)})`;
    assert.equal(answer!.verdict, "settled");
    call.endedAt = at;
    this.#live.splice(this.#live.indexOf(call), 1);
  }

  /** Nobody is given up who could still be called. Returns those who wait. */
  async #judgeThoseWhoWait(at: number): Promise<FollowUpRow[]> {
    const rows = await this.#readFollowUps();
    for (const row of rows.filter(({ status }) => status === "failed" || status === "skipped")) {
      if (this.#freeSince.get(row.id) === Infinity) continue;
      const refusals = this.#oracle.refusals(this.#wishOf(row), at);
      assert.ok(
        RulesOracle.isForGood(refusals),
        `${new Date(at).toISOString()}: lead ${
          this.#wishOf(row).lead
        } was given up for ${refusals}`,
      );
      this.#count("given up");
      this.#freeSince.set(row.id, Infinity);
    }
    return rows.filter(({ status }) => status === "pending");
  }

  /** Between two claims nobody is free for longer than the spreading of the calls explains. */
  #lookFor(waiting: FollowUpRow[], from: number, to: number): void {
    const { jitter, busyDelay } = this.drawn.limits;
    const patience = ASKED_ANEW_MS + LOOK_MS + (jitter + busyDelay) * MINUTE_MS;
    for (const row of waiting) {
      const wish = this.#wishOf(row);
      for (let at = from; at < to; at += LOOK_MS) {
        const refusals = this.#oracle.refusals(wish, at);
        for (const reason of refusals) this.#count(reason);
        if (refusals.length > 0 || wish.due > at) this.#freeSince.delete(row.id);
        else if (!this.#freeSince.has(row.id)) this.#freeSince.set(row.id, at);
        const since = this.#freeSince.get(row.id) ?? at;
        assert.ok(
          at - since <= patience,
          `${new Date(at).toISOString()}: lead ${wish.lead} could be called since ${
            new Date(since).toISOString()
          }, and waits until ${row.due_at.toISOString()}`,
        );
      }
    }
  }

  #nextMoment(at: number, waiting: FollowUpRow[], hasCalled: boolean): number {
    const moments = [
      // The database keeps microseconds.
      ...waiting.map(({ due_at }) => due_at.getTime() + 1),
      ...this.#live.map(({ endsAt }) => endsAt),
      this.#start + this.drawn.pausedFor * MINUTE_MS,
      // The engine goes on claiming until nothing is due, and a lead's next is due when one was called.
      hasCalled ? at + MINUTE_MS : Infinity,
      at + 6 * 60 * MINUTE_MS,
    ];
    return Math.min(...moments.filter((moment) => moment > at));
  }

  async #readFollowUps(): Promise<FollowUpRow[]> {
    return await this.sql<FollowUpRow[]>`
      select id, lead_id, source, status, due_at, first_due_at from public.follow_ups`;
  }

  #wishOf(row: FollowUpRow): Wish {
    return {
      lead: this.#leadIds.indexOf(row.lead_id),
      source: row.source,
      due: (row.first_due_at ?? row.due_at).getTime(),
    };
  }

  #numberOf({ lead_id }: { lead_id: string }): number {
    return this.drawn.leads[this.#leadIds.indexOf(lead_id)]!.number;
  }

  #count(what: string): void {
    this.tally[what] = (this.tally[what] ?? 0) + 1;
  }
}

// As they are shipped; that they are right is shown in number_prefixes_test.ts.
async function zonesOfNumbers(sql: Sql): Promise<Map<string, string[]>> {
  const rows = await sql<{ number: string; zones: string[] }[]>`
    select number, public.number_time_zones(number) as zones
    from unnest(${NUMBERS.map(({ number }) => number)}::text[]) as known (number)`;
  return new Map(rows.map(({ number, zones }) => [number, zones]));
}

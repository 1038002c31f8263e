import assert from "node:assert/strict";
import { freshNumber, insertLead } from "../support/insert_lead.ts";
import { askForRun, dispatch } from "../support/project.ts";
import type { EmbeddedProject } from "../support/start_embedded_project.ts";
import { type HistoryCommand, NUMBERS } from "./history_command.ts";
import { holdAt, type Moment } from "./hold_at.ts";
import { assertInvariants } from "./invariants.ts";
import { letTimePass } from "./let_time_pass.ts";
import { ScriptedReplies } from "./scripted_replies.ts";

const MOST_RUNS = 20;

/** A project at the beginning of a history, and what has to be remembered to judge it. */
export class HistoryWorld {
  readonly #numbers = Array.from({ length: NUMBERS }, freshNumber);
  readonly #replies: ScriptedReplies;
  readonly #leads: string[] = [];
  /** How often each closed lead had been rung when it was closed. */
  readonly #rungWhenClosed = new Map<string, number>();
  /** Attempts that were under way when a process was killed. */
  readonly #cutOff = new Set<string>();
  #isPaused = false;

  private constructor(private readonly project: EmbeddedProject) {
    this.#replies = new ScriptedReplies(project.omni);
  }

  /** Empties the database for a new history. */
  static async begin(project: EmbeddedProject): Promise<HistoryWorld> {
    await project.sql`truncate public.leads, public.follow_ups, public.call_attempts,
      public.dispatch_runs, public.seed_candidates, public.call_events, public.dispatch_requests`;
    await project.sql`update public.dispatch_settings set paused = false where id`;
    return new HistoryWorld(project);
  }

  /** Lets it happen, and checks what must be true after it. */
  async take(command: HistoryCommand): Promise<void> {
    const rungBefore = this.#rings().length;
    await this.#perform(command);
    await assertInvariants(this.project.sql, this.#rings());
    await this.#assertUnknownAreTheAmbiguous();
    this.#assertNoClosedLeadIsRung();
    if (this.#isPaused) assert.equal(this.#rings().length, rungBefore, "rung while paused");
  }

  /** With everything well again, all is settled but what only a person can settle. */
  async assertAllIsSettled(): Promise<void> {
    this.#replies.clear();
    await this.take({ do: "resume" });
    for (let run = 0, moved = 1; moved > 0; run += 1) {
      assert.ok(run < MOST_RUNS, "it comes to an end");
      // All calls are over by then.
      await this.take({ do: "let time pass", span: "1 day" });
      const { accepted, skipped, failed, postponed, not_sent } = await dispatch(this.project);
      moved = accepted + skipped + failed + postponed + not_sent;
    }
    await this.take({ do: "let time pass", span: "1 day" });
    const waiting = await this.project.sql`
      select f.id, f.reason from public.follow_ups f
      where f.status = 'pending'
        and not exists (
          select from public.call_attempts a where a.follow_up_id = f.id and a.status = 'unknown'
        )
        and f.reason is distinct from 'Number is in another live call'`;
    assert.deepEqual([...waiting], [], "waits, and not for a person");
  }

  async #perform(command: HistoryCommand): Promise<void> {
    const { sql, omni } = this.project;
    switch (command.do) {
      case "insert lead":
        this.#leads.push(await insertLead(sql, { phone: this.#spell(command) }));
        return;
      case "close lead":
        return await this.#close(this.#lead(command.lead));
      case "change phone":
        await sql`update public.leads set phone = ${this.#spell(command)}
          where id = ${this.#lead(command.lead)}`;
        return;
      case "pause":
      case "resume":
        this.#isPaused = command.do === "pause";
        await sql`update public.dispatch_settings set paused = ${this.#isPaused} where id`;
        return;
      case "script replies":
        return this.#replies.push(command.replies);
      case "run":
        if (command.omniIsAway) await omni.refuseConnections();
        await this.#run();
        if (command.omniIsAway) await omni.acceptConnections();
        return;
      case "run twice at once":
        await Promise.all([this.#run(), this.#run()]);
        return;
      case "kill in mid-run":
        return await this.#kill(command.at);
      case "let time pass":
        return await letTimePass(sql, command.span);
    }
  }

  async #run(): Promise<void> {
    const summary = await dispatch(this.project);
    assert.notEqual(summary.stop_reason, "error", JSON.stringify(summary));
  }

  async #close(lead: string): Promise<void> {
    await this.project.sql`update public.leads set stage = 'closed' where id = ${lead}`;
    if (!this.#rungWhenClosed.has(lead)) this.#rungWhenClosed.set(lead, this.#ringsOf(lead));
  }

  // The moment may never come: then the process is killed after its run.
  async #kill(at: Moment): Promise<void> {
    const { sql, gateway } = this.project;
    const held = holdAt(gateway, at);
    const reply = askForRun(this.project).then((response) => response.text()).catch(() => "");
    const call = await Promise.race([held, reply.then(() => null)]);
    await this.project.function.kill();
    gateway.intercept = undefined;
    call?.letGo(Response.json({}, { status: 503 }));
    await reply;
    for (const { id } of await sql`select id from public.call_attempts where status = 'sending'`) {
      this.#cutOff.add(id);
    }
    await this.project.function.restart();
  }

  async #assertUnknownAreTheAmbiguous(): Promise<void> {
    const attempts = await this.project.sql<{ id: string; status: string }[]>`
      select id, status from public.call_attempts`;
    for (const { id, status } of attempts) {
      const isAmbiguous = this.#replies.lost.has(id) || this.#cutOff.has(id);
      if (status === "unknown") assert.ok(isAmbiguous, `${id} is unknown for no reason`);
      if (status === "sending") assert.ok(this.#cutOff.has(id), `${id} was not recorded`);
      if (this.#replies.lost.has(id)) assert.match(status, /^(unknown|sending)$/);
      if (this.#cutOff.has(id)) assert.match(status, /^(unknown|sending|accepted|ended)$/);
    }
  }

  #assertNoClosedLeadIsRung(): void {
    for (const [lead, rung] of this.#rungWhenClosed) assert.equal(this.#ringsOf(lead), rung);
  }

  #rings() {
    const mine = new Set(this.#numbers);
    return this.project.omni.ledger.rings().filter((ring) => mine.has(ring.toNumber));
  }

  #ringsOf(lead: string): number {
    return this.#rings().filter(({ body }) =>
      (body as { call_context: { lead_id: string } }).call_context.lead_id === lead
    ).length;
  }

  #lead(place: number): string {
    return this.#leads[place % this.#leads.length]!;
  }

  #spell({ number, spelling }: { number: number; spelling: number }): string {
    const plain = this.#numbers[number]!;
    const [area, exchange, line] = [plain.slice(2, 5), plain.slice(5, 8), plain.slice(8)];
    const spellings = [
      plain,
      `+1 (${area}) ${exchange}-${line}`,
      `001 ${area} ${exchange} ${line}`,
      `${area} ${exchange} ${line}`,
    ];
    return spellings[spelling]!;
  }
}

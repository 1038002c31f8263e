import assert from "node:assert/strict";
import { freshNumber, insertLead } from "../support/insert_lead.ts";
import { dispatch } from "../support/project.ts";
import type { EmbeddedProject } from "../support/start_embedded_project.ts";
import { callsPlacedTwice } from "../support/calls_placed_twice.ts";
import { emptyProject } from "./empty_project.ts";
import { type HistoryCommand, NUMBERS, type ScriptedReply } from "./history_command.ts";
import { HistoryLeads } from "./history_leads.ts";
import { holdAt, type Moment } from "./hold_at.ts";
import { attemptIdOf } from "./attempt_id_of.ts";
import { assertInvariants } from "./invariants.ts";
import { killAt } from "./kill_at.ts";
import { letTimePass } from "./let_time_pass.ts";
import { RingTimes } from "../support/ring_times.ts";
import { ScriptedReplies } from "./scripted_replies.ts";
import { spellNumber } from "./spell_number.ts";
import { Witness } from "../support/witness.ts";

const MOST_RUNS = 20;
const IDLE_RUNS_OF_A_LOSS = 4;
// The default of dispatch_settings.longest_call, less what passes from an attempt to its ring.
const LONGEST_CALL_MS = 3_600_000 - 60_000;

/** A project at the beginning of a history, and what has to be remembered to judge it. */
export class HistoryWorld {
  readonly #numbers = Array.from({ length: NUMBERS }, freshNumber);
  readonly #replies: ScriptedReplies;
  readonly #leads = new HistoryLeads();
  readonly #ringsBefore: number;
  readonly #witness: Witness;
  readonly #ringTimes: RingTimes;
  #isPaused = false;
  /** Since when all is well again, Unix ms. */
  #settlingSince: number | null = null;

  private constructor(private readonly project: EmbeddedProject) {
    this.#replies = new ScriptedReplies(project.omni);
    this.#ringTimes = new RingTimes(project.omni);
    this.#witness = new Witness(
      project.gateway,
      this.#replies.lost,
      () => this.#ringTimes.now(),
    );
    this.#ringsBefore = project.omni.ledger.count;
  }

  /** Empties the database for a new history. */
  static async begin(project: EmbeddedProject): Promise<HistoryWorld> {
    await emptyProject(project.sql);
    // One of the spellings has no country code.
    await project.sql`update public.dispatch_settings set default_country = 'US' where id`;
    return new HistoryWorld(project);
  }

  /** Lets it happen, and checks what must be true after it. */
  async take(command: HistoryCommand): Promise<void> {
    const rungBefore = this.#rings().length;
    await this.#perform(command);
    await this.#witness.quiet();
    await assertInvariants(this.project.sql, this.#rings());
    await this.#assertUnknownAreTheAmbiguous();
    this.#leads.assertMayBeRung(this.#rings().slice(rungBefore));
    if (this.#isPaused) assert.equal(this.#rings().length, rungBefore, "rung while paused");
  }

  /** With everything well again, all is settled but what only a person can settle. */
  async assertAllIsSettled(): Promise<void> {
    this.#replies.clear();
    this.#settlingSince = Date.now();
    await this.take({ do: "resume" });
    let idleRuns = 0;
    for (let run = 0; idleRuns < this.#idleRunsToWaitFor(); run += 1) {
      assert.ok(run < MOST_RUNS, "it comes to an end");
      // All calls are over by then.
      await this.take({ do: "let time pass", span: "1 day" });
      const { accepted, skipped, failed, postponed, not_sent } = await dispatch(this.project);
      const moved = accepted + skipped + failed + postponed + not_sent;
      idleRuns = moved > 0 ? 0 : idleRuns + 1;
    }
    await this.take({ do: "let time pass", span: "1 day" });
    assert.deepEqual(await this.#waiting(), [], "waits, and not for a person");
    await this.#assertNobodyIsForgotten();
    assert.equal((await this.count()).placedTwice, 0, "calls placed twice");
    const unknown = await this.#unknown();
    assert.deepEqual(unknown.sort(), [...this.#witness.ambiguous().keys()].sort());
  }

  /** What has come of it so far, in numbers: the ledger and the witness against the tables. */
  async count() {
    const rings = this.#rings();
    const placedTwice = callsPlacedTwice(rings, {
      reasons: () => 1,
      at: (ring) => this.#ringTimes.at(ring),
      // A clock that jumps between the opening and the ring takes the call for longer than it is.
      overAt: (ring) =>
        (this.#witness.openedAt(attemptIdOf(ring)) ?? this.#ringTimes.at(ring)) + LONGEST_CALL_MS,
    });
    return {
      rings: rings.length,
      placedTwice,
      lost: this.#settlingSince === null ? 0 : this.#uncalled().length,
      unknown: (await this.#unknown()).length,
      ambiguous: this.#witness.ambiguous().size,
      recoveryS: this.#recoveryS(),
    };
  }

  #recoveryS(): number {
    const lastRing = this.#rings().at(-1);
    if (!lastRing || this.#settlingSince === null) return 0;
    return Math.max(0, Date.parse(lastRing.placedAt) - this.#settlingSince) / 1000;
  }

  /** The follow-ups that wait, and neither for a person nor for the number to be free. */
  async #waiting(): Promise<unknown[]> {
    return [
      ...await this.project.sql`
        select f.id, f.reason from public.follow_ups f
        where f.status = 'pending'
          and not exists (
            select from public.call_attempts a where a.follow_up_id = f.id and a.status = 'unknown'
          )
          and f.reason is distinct from 'Number is in another live call'`,
    ];
  }

  // A run that moves nobody may have come while the number's last call was just being found to be over.
  #idleRunsToWaitFor(): number {
    return this.#uncalled().length > 0 ? IDLE_RUNS_OF_A_LOSS : 1;
  }

  // The tables only tell what became of them.
  async #assertNobodyIsForgotten(): Promise<void> {
    const leads = this.#uncalled();
    const rows = await this.project.sql`
      select status, reason, attempts from public.follow_ups where lead_id = any (${leads}::uuid[])`;
    assert.equal(leads.length, 0, `leads were never called: ${JSON.stringify([...rows])}`);
  }

  #uncalled(): string[] {
    return this.#leads.uncalled(this.#rings(), {
      doubtfulNumbers: new Set(this.#witness.ambiguous().values()),
      doubtfulLeads: this.#witness.ambiguousLeads(),
      refusedLeads: this.#replies.refusedLeads,
    });
  }

  async #unknown(): Promise<string[]> {
    const rows = await this.project.sql<{ id: string }[]>`
      select id from public.call_attempts where status = 'unknown'`;
    return rows.map(({ id }) => id);
  }

  async #perform(command: HistoryCommand): Promise<void> {
    switch (command.do) {
      case "insert lead":
        return await this.#insertLead(this.#numbers[command.number]!, command.spelling);
      case "close lead":
        return await this.#close(this.#leads.at(command.lead));
      case "change phone":
        return await this.#changePhone(command);
      case "pause":
      case "resume":
        return await this.#setPaused(command.do === "pause");
      case "run":
        await this.#prepare(command);
        return command.omniIsAway ? await this.#runAway() : await this.#run();
      case "run twice at once":
        await this.#prepare(command);
        await Promise.all([this.#run(), this.#run()]);
        return;
      case "kill in mid-run":
        await this.#prepareForFault(command);
        return await this.#kill(command.at);
      case "jump the clock in mid-run":
        await this.#prepareForFault(command);
        return await this.#jumpTheClock(command);
      case "let time pass":
        return await this.#letTimePass(command.span);
    }
  }

  async #setPaused(isPaused: boolean): Promise<void> {
    this.#isPaused = isPaused;
    await this.project.sql`update public.dispatch_settings set paused = ${isPaused} where id`;
  }

  async #prepare({ freshLeads, replies }: { freshLeads: number; replies: ScriptedReply[] }) {
    for (let lead = 0; lead < freshLeads; lead += 1) await this.#insertLead(freshNumber(), 0);
    this.#replies.clear();
    this.#replies.push(replies);
  }

  // While calling is paused most of a run's steps do not come.
  async #prepareForFault(prospect: { freshLeads: number; replies: ScriptedReply[] }) {
    await this.#setPaused(false);
    await this.#prepare(prospect);
  }

  async #run(): Promise<void> {
    const summary = await dispatch(this.project);
    assert.notEqual(summary.stop_reason, "error", JSON.stringify(summary));
  }

  async #runAway(): Promise<void> {
    const { omni } = this.project;
    await omni.refuseConnections();
    await this.#run();
    await omni.acceptConnections();
    this.#leads.noteAwayRun();
  }

  async #insertLead(number: string, spelling: number): Promise<void> {
    const phone = spellNumber(number, spelling);
    this.#leads.add(await insertLead(this.project.sql, { phone }), number);
  }

  async #close(lead: string): Promise<void> {
    await this.project.sql`update public.leads set stage = 'closed' where id = ${lead}`;
    this.#leads.close(lead);
  }

  async #changePhone(
    { lead, number: place, spelling }: { lead: number; number: number; spelling: number },
  ): Promise<void> {
    const [id, number] = [this.#leads.at(lead), this.#numbers[place]!];
    await this.project.sql`
      update public.leads set phone = ${spellNumber(number, spelling)} where id = ${id}`;
    this.#leads.changeNumber(id, number);
  }

  async #kill(at: Moment): Promise<void> {
    const call = await killAt(this.project, at);
    this.#witness.noteKill();
    assert.ok(call, `${at.functionName} was never asked: nothing was killed there`);
    call.letGo(Response.json({}, { status: 503 }));
    await this.project.function.restart();
  }

  // Meanwhile another run takes the time for what it is, and then the clock is put right.
  async #jumpTheClock({ at, span }: { at: Moment; span: string }): Promise<void> {
    const held = holdAt(this.project.gateway, at);
    // Another run closes it for lost when the clock has jumped far enough: so it may say that it failed.
    const run = dispatch(this.project);
    const call = await Promise.race([held, run.then(() => null)]);
    this.project.gateway.intercept = undefined;
    await this.#letTimePass(span);
    await this.#run();
    assert.ok(call, `${at.functionName} was never asked: no clock has jumped there`);
    call.letGo();
    await run;
    if (span.startsWith("-")) await this.#letTimePass(span.slice(1));
  }

  async #letTimePass(span: string): Promise<void> {
    const attempts = await letTimePass(this.project.sql, span);
    this.#ringTimes.pass(span);
    if (!span.startsWith("-")) this.#witness.letTimeBeUp(attempts);
  }

  async #assertUnknownAreTheAmbiguous(): Promise<void> {
    const attempts = await this.project.sql<{ id: string; status: string }[]>`
      select id, status from public.call_attempts`;
    const ambiguous = this.#witness.ambiguous();
    for (const { id, status } of attempts) {
      const isHeld = status === "unknown" || status === "sending";
      if (isHeld) assert.ok(ambiguous.has(id), `${id} is ${status} for no reason`);
      if (ambiguous.has(id)) assert.ok(isHeld, `${id} is ambiguous and ${status}`);
    }
  }

  #rings() {
    return this.project.omni.ledger.rings().slice(this.#ringsBefore);
  }
}

import type { RunSummary } from "../../supabase/functions/call-dispatch/run_dispatch.ts";
import type { Ring } from "../../supabase/local/simulated_omni/ledger/ring.ts";
import { emptyProject } from "../faults/empty_project.ts";
import { type HeldCall, holdAt, type Moment } from "../faults/hold_at.ts";
import { type Killable, killAt } from "../faults/kill_at.ts";
import { leadIdOf } from "../support/lead_id_of.ts";
import { letTimePass, LONG_ENOUGH } from "../faults/let_time_pass.ts";
import { RingTimes } from "../support/ring_times.ts";
import { ScriptedReplies } from "../faults/scripted_replies.ts";
import { Witness } from "../support/witness.ts";
import { eventually } from "../support/eventually.ts";
import { freshNumber } from "../support/insert_lead.ts";
import { askForRun } from "../support/project.ts";
import type { EmbeddedProject } from "../support/start_embedded_project.ts";
import type { TestFunction } from "../support/start_test_function.ts";
import type { Draw } from "./draw.ts";
import type { LeadToCall } from "./lead_to_call.ts";

const PATIENCE_MS = 60_000;
const NO_FAULT = "The scenario has brought no fault";
// A provider that is well, and whose calls outlast every history.
const CALM = {
  latencyMs: 0,
  lines: 1_000_000,
  callDurationMs: 3_600_000,
  timeFactor: 1,
  outcomes: { completed: 1 },
  webhooks: {},
};

/** A project in the course of a history, and all that the harness knows of it without its tables. */
export class ChaosWorld<Project extends Killable = EmbeddedProject> {
  readonly leads = new Map<string, LeadToCall>();
  readonly replies: ScriptedReplies;
  readonly witness: Witness;
  readonly ringTimes: RingTimes;
  /** What was seen on the way that must not be. */
  readonly complaints: string[] = [];
  readonly #ended = new Map<number, number>();
  readonly #ringsBefore: number;
  readonly #stopListening: () => void;
  #faultEndedAt: number | null = null;

  private constructor(readonly project: Project, readonly draw: Draw) {
    this.replies = new ScriptedReplies(project.omni);
    this.witness = new Witness(project.gateway, this.replies.lost);
    this.ringTimes = new RingTimes(project.omni);
    this.#ringsBefore = project.omni.ledger.count;
    this.#stopListening = project.omni.onCallEnded(({ ring }) =>
      this.#ended.set(ring.ordinal, this.ringTimes.now())
    );
  }

  /** The project is left to the next history. */
  end(): void {
    this.#stopListening();
  }

  /** Empties the project for a new history. */
  static async begin<Project extends Killable>(
    project: Project,
    draw: Draw,
  ): Promise<ChaosWorld<Project>> {
    project.gateway.intercept = undefined;
    await emptyProject(project.sql);
    project.omni.lines.stop();
    project.omni.change(CALM);
    return new ChaosWorld(project, draw);
  }

  /** Inserts leads that are to be called, written as in `phones`, by number; default new numbers. */
  async insertLeads(
    count: number,
    phones: ReadonlyMap<string, string> = freshPhones(count),
  ): Promise<LeadToCall[]> {
    const rows = await this.project.sql<{ id: string; phone: string }[]>`
      insert into public.leads (customer_name, phone)
      select 'Ada', phone from unnest(${[...phones.keys()]}::text[]) as phone
      returning id, phone`;
    const leads = rows.map(({ id, phone }) => ({ id, number: phones.get(phone)!, reasons: 1 }));
    for (const lead of leads) this.leads.set(lead.id, lead);
    return leads;
  }

  /** Asks a worker for a run; null = no answer came. */
  async run(functionUrl: string = this.project.functionUrl): Promise<RunSummary | null> {
    try {
      const response = await askForRun({ ...this.project, functionUrl });
      return await response.json();
    } catch {
      return null;
    }
  }

  /** SIGKILL for a worker, default the first. */
  async kill(worker: TestFunction = this.project.function): Promise<void> {
    await worker.kill();
    this.witness.noteKill();
  }

  /**
   * Begins a run and kills its process at that moment.
   *
   * @throws {Error} when the moment never came: then the scenario has brought no fault.
   */
  async killAt(at: Moment): Promise<HeldCall> {
    const call = await killAt(this.project, at);
    this.witness.noteKill();
    if (call === null) throw neverCame(at);
    return call;
  }

  /**
   * Begins a run and holds it at that moment.
   *
   * @throws {Error} when the run ended before: then the scenario has brought no fault.
   */
  async runAndHold(at: Moment): Promise<{ run: Promise<unknown>; call: HeldCall }> {
    const held = holdAt(this.project.gateway, at);
    const run = this.run();
    const call = await Promise.race([held, run.then(() => null)]);
    this.project.gateway.intercept = undefined;
    if (call === null) throw neverCame(at);
    return { run, call };
  }

  /**
   * Waits until that many phones have rung in this history.
   *
   * @throws {Error} when `over` comes first: then there is nothing left that the fault could hit.
   */
  async untilRung(count: number, over: Promise<unknown>): Promise<void> {
    let isOver = false;
    over.finally(() => isOver = true);
    await eventually(
      `${count} phones have rung`,
      () => isOver || this.ringCount >= count || undefined,
      PATIENCE_MS,
    );
    if (isOver) throw new Error(`${NO_FAULT}: the run was over first`);
  }

  /** @throws {Error} when the provider has answered all well, whatever it was told. */
  expectRepliesWereBad(): void {
    if (this.replies.badCount === 0) throw new Error(`${NO_FAULT}: the provider answered all well`);
  }

  async letTimePass(span: string = LONG_ENOUGH): Promise<void> {
    const attempts = await letTimePass(this.project.sql, span);
    this.ringTimes.pass(span);
    if (!span.startsWith("-")) this.witness.letTimeBeUp(attempts);
  }

  /** From now on all is well again; the first time counts. */
  endFault(): void {
    this.#faultEndedAt ??= Date.now();
    this.replies.clear();
  }

  /** When all was well again, Unix ms. */
  get faultEndedAt(): number {
    this.endFault();
    return this.#faultEndedAt!;
  }

  get ringCount(): number {
    return this.project.omni.ledger.count - this.#ringsBefore;
  }

  /** The phones that rang in this history. */
  rings(): readonly Ring[] {
    return this.project.omni.ledger.rings().slice(this.#ringsBefore);
  }

  /** When the provider ended the call, Unix ms; infinity for one that goes on. */
  endedAt({ ordinal }: Ring): number {
    return this.#ended.get(ordinal) ?? Infinity;
  }

  /** The leads that are to be called yet, without those whose number is held for a person. */
  uncalled(): LeadToCall[] {
    const held = new Set(this.witness.ambiguous().values());
    const rung = Map.groupBy(this.rings(), leadIdOf);
    return [...this.leads.values()].filter(({ id, number, reasons }) =>
      !held.has(number) && (rung.get(id)?.length ?? 0) < reasons
    );
  }
}

function neverCame({ functionName, moment }: Moment): Error {
  return new Error(`${NO_FAULT}: no run came to ${moment} ${functionName}`);
}

function freshPhones(count: number): Map<string, string> {
  return new Map(
    Array.from({ length: count }, freshNumber).map((number) => [number, number]),
  );
}

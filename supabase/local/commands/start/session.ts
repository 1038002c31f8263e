import { EXIT_CODE } from "../exit_code.ts";
import type { LeadsFile } from "../leads/read_leads_file.ts";
import type { Terminal } from "../terminal.ts";
import { confirmLive } from "./confirm_live.ts";
import { countCallable } from "./count_callable.ts";
import { describeGoingOn } from "./describe_going_on.ts";
import { dispatchAtOnce } from "./dispatch_at_once.ts";
import { EndWatch } from "./end_watch.ts";
import { followSchedule } from "./follow_schedule.ts";
import { type PreparedLeads, prepareLeads } from "./prepare_leads.ts";
import type { DispatchRun } from "./read_runs.ts";
import { runResult } from "./run_result.ts";
import { RunWatch } from "./run_watch.ts";
import { showEndedCalls } from "./show_ended_calls.ts";
import { showRun } from "./show_run.ts";
import type { StartedProvider } from "./started_provider.ts";
import type { StartOptions } from "./start_options.ts";
import type { Project } from "./start_project.ts";

/** What a session works with. */
export interface SessionOptions extends Omit<StartOptions, "leads"> {
  project: Project;
  provider: StartedProvider;
  terminal: Terminal;
  leads: LeadsFile | null;
  /** Aborted when it is to end. */
  stopped: AbortSignal;
}

/** The runs and the calls that this session tells of. */
interface Watches {
  runs: RunWatch;
  ends: EndWatch;
}

/** From a running project to its end: load, ask, dispatch at once, then follow the schedule. */
export class Session {
  constructor(private readonly options: SessionOptions) {}

  /** Returns the code to end with. */
  async run(): Promise<number> {
    const { project, stopped, live, yes, terminal } = this.options;
    stopped.addEventListener("abort", () => void project.stopWork());
    this.#introduce();
    const prepared = await prepareLeads(project.sql, this.options);
    if (live && !yes && !await this.#isConfirmed()) {
      terminal.say("Nobody was called.");
      return stopped.aborted ? EXIT_CODE.interrupted : EXIT_CODE.notOk;
    }
    if (stopped.aborted) return EXIT_CODE.interrupted;
    const watches = {
      runs: await RunWatch.fromNow(project.sql),
      ends: await EndWatch.fromNow(project.sql),
    };
    const code = await this.#call(watches, prepared);
    await this.#tellOfCallsGoingOn(watches.ends);
    return code;
  }

  #introduce(): void {
    const { project: { stack }, provider, terminal } = this.options;
    terminal.say([
      `PostgreSQL at ${stack.postgres.host}:${stack.postgres.port}, with all migrations; its data in ${stack.dataDirectory}`,
      `The project's API at ${stack.url}; its keys and passwords are files beside them`,
      `The functions at ${stack.url}/functions/v1/call-dispatch and …/call-ended`,
      provider.description,
    ].join("\n"));
  }

  async #isConfirmed(): Promise<boolean> {
    const { project, provider, once, stopped } = this.options;
    const callable = await countCallable(project);
    const baseUrl = provider.env.OMNI_BASE_URL ?? "";
    return await confirmLive({ callable, baseUrl, once }, stopped);
  }

  async #call({ runs, ends }: Watches, prepared: PreparedLeads): Promise<number> {
    const { project, terminal, stopped, once } = this.options;
    // A single run stays a single one.
    if (!once) project.letRunsBegin();
    const onLook = async () => {
      if (!once) showEndedCalls(await ends.look(), terminal);
    };
    const ok = await this.#dispatch({ watch: runs, terminal, onLook }, prepared);
    if (stopped.aborted) {
      await project.stopWork();
      await onLook();
      return EXIT_CODE.interrupted;
    }
    if (once) return ok ? EXIT_CODE.ok : EXIT_CODE.notOk;
    await followSchedule(runs, { ...this.options, onEnded: (run) => this.#tell(run), onLook });
    return EXIT_CODE.interrupted;
  }

  async #dispatch(
    options: Parameters<typeof dispatchAtOnce>[1],
    prepared: PreparedLeads,
  ): Promise<boolean> {
    const { project, terminal } = this.options;
    const reply = await dispatchAtOnce(project, options);
    if (reply.run) await showRun(reply.run, { sql: project.sql, terminal, everybody: true });
    else terminal.warn(reply.error ?? "The function replied without a run");
    terminal.result({ ...reply.body, rings: await this.#rings(reply.run), ...prepared });
    return reply.ok;
  }

  async #tell(run: DispatchRun): Promise<void> {
    const { project, terminal } = this.options;
    await showRun(run, { sql: project.sql, terminal, everybody: false });
    terminal.result({ ...await runResult(project.sql, run), rings: await this.#rings(run) });
  }

  async #tellOfCallsGoingOn(ends: EndWatch): Promise<void> {
    const count = await ends.countGoingOn();
    if (count > 0) this.options.terminal.say(describeGoingOn(count, this.options));
  }

  async #rings(run: DispatchRun | undefined): Promise<number | null> {
    const { project, provider } = this.options;
    const attempts = await project.sql<{ id: string }[]>`
      select id from public.call_attempts where run_id = ${run?.id ?? null}`;
    return provider.ringsOf(new Set(attempts.map(({ id }) => id)));
  }
}

import { type Clock, startClock } from "../../clock/start_clock.ts";
import { connect, type Sql } from "../../postgres/connect.ts";
import { type Stack, startStack } from "../../stack.ts";
import { closeBrokenOffRuns } from "./close_broken_off_runs.ts";
import { holdBackRuns } from "./hold_back_runs.ts";

// Ended in this order: once nothing is sent any more, what is reported is still taken.
const FUNCTIONS = ["call-dispatch", "call-ended"];

/** What the project is started with. */
export interface StartProjectOptions {
  dataDirectory: string;
  /** Variables of the functions. */
  env: Record<string, string>;
  /** Hears what is being set up. */
  onProgress: (message: string) => void;
  /** Hears what a function writes to its log. */
  onLog: (functionName: string, line: string) => void;
}

/** A running project that calls nobody until it is told to. */
export interface Project extends AsyncDisposable {
  readonly stack: Stack;
  /** As the role `postgres`. */
  readonly sql: Sql;
  /** From here on a new lead, or the end of a call, starts a run. */
  letRunsBegin(): void;
  /** Starts the schedule; `everyMs` in place of the interval of the dispatch job, if not null. */
  startClock(everyMs: number | null): Promise<void>;
  /** Ends schedule and functions: what is being sent is stored, what was claimed is given back. */
  stopWork(): Promise<void>;
}

/** Starts the local stack without its clock, and holds runs back. */
export async function startProject(options: StartProjectOptions): Promise<Project> {
  const stack = await startStack({
    dataDirectory: options.dataDirectory,
    functions: FUNCTIONS,
    functionEnv: options.env,
    clock: false,
    intercept: holdBackRuns,
    // Where there is a real pg_cron: our clock runs its jobs, at our time.
    settings: { "cron.launch_active_jobs": "off" },
    onProgress: options.onProgress,
    onLog: options.onLog,
  });
  return new StartedProject(stack);
}

class StartedProject implements Project {
  readonly sql: Sql;
  #clock: Promise<Clock> | null = null;
  #stopping: Promise<void> | null = null;

  constructor(readonly stack: Stack) {
    this.sql = connect(stack.databaseUrl, { max: 3 });
  }

  letRunsBegin(): void {
    this.stack.gateway.intercept = undefined;
  }

  async startClock(everyMs: number | null): Promise<void> {
    if (this.#stopping) return;
    this.#clock = startClock({
      adminUrl: this.stack.adminDatabaseUrl,
      every: everyMs === null ? {} : { "call-dispatch": everyMs },
    });
    await this.#clock;
  }

  stopWork(): Promise<void> {
    return this.#stopping ??= this.#stopInOrder();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.stopWork();
      await this.sql.end({ timeout: 2 });
      await closeBrokenOffRuns(this.stack.adminDatabaseUrl);
    } finally {
      await this.stack.stop();
    }
  }

  async #stopInOrder(): Promise<void> {
    await this.#clock?.then((clock) => clock.stop());
    for (const name of FUNCTIONS) await this.stack.function(name).stop();
  }
}

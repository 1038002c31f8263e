import { type Clock, startClock } from "../../clock/start_clock.ts";
import { connect, type Sql } from "../../postgres/connect.ts";
import { type Stack, startStack } from "../../stack.ts";
import { closeBrokenOffRuns } from "./close_broken_off_runs.ts";

const FUNCTION = "call-dispatch";

/** What the project is started with. */
export interface StartProjectOptions {
  dataDirectory: string;
  /** Variables of the function. */
  env: Record<string, string>;
  /** Hears what is being set up. */
  onProgress: (message: string) => void;
  /** Hears what the function writes to its log. */
  onLog: (line: string) => void;
}

/** A running project whose schedule stands still until it is told to go. */
export interface Project extends AsyncDisposable {
  readonly stack: Stack;
  /** As the role `postgres`. */
  readonly sql: Sql;
  /** Starts the schedule; `everyMs` in place of the interval of the dispatch job, if not null. */
  startClock(everyMs: number | null): Promise<void>;
  /** Ends the function: what it is sending is stored, what it has claimed is given back. */
  stopFunction(): Promise<void>;
}

/** Starts the local stack without its clock, so that nothing is called before it is time. */
export async function startProject(options: StartProjectOptions): Promise<Project> {
  const stack = await startStack({
    dataDirectory: options.dataDirectory,
    functions: [FUNCTION],
    functionEnv: options.env,
    clock: false,
    // Where there is a real pg_cron: our clock runs its jobs, at our time.
    settings: { "cron.launch_active_jobs": "off" },
    onProgress: options.onProgress,
    onLog: (_name, line) => options.onLog(line),
  });
  const sql = connect(stack.databaseUrl, { max: 3 });
  let clock: Clock | null = null;
  return {
    stack,
    sql,
    startClock: async (everyMs) => {
      clock = await startClock({
        adminUrl: stack.adminDatabaseUrl,
        every: everyMs === null ? {} : { [FUNCTION]: everyMs },
      });
    },
    stopFunction: () => stack.function(FUNCTION).stop(),
    [Symbol.asyncDispose]: async () => {
      try {
        await clock?.stop();
        await stack.function(FUNCTION).stop();
        await sql.end({ timeout: 2 });
        await closeBrokenOffRuns(stack.adminDatabaseUrl);
      } finally {
        await stack.stop();
      }
    },
  };
}

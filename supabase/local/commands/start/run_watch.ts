import type { Sql } from "../../postgres/connect.ts";
import { type DispatchRun, readRuns } from "./read_runs.ts";

/** Looks at `dispatch_runs` again and again and tells what is new. */
export class RunWatch {
  readonly #told = new Set<string>();

  private constructor(private readonly sql: Sql, private since: Date) {}

  /** A watch that sees the runs that begin from now on, by the database's clock. */
  static async fromNow(sql: Sql): Promise<RunWatch> {
    const [clock] = await sql<{ now: Date }[]>`select date_trunc('milliseconds', now()) as now`;
    return new RunWatch(sql, clock?.now ?? new Date());
  }

  /** The run of this id, left out from now on. */
  async take(runId: string): Promise<DispatchRun | undefined> {
    const runs = await readRuns(this.sql, { since: this.since, except: [] });
    this.#told.add(runId);
    return runs.find((run) => run.id === runId);
  }

  /** The runs that have ended since the last look, each told once, and those under way. */
  async look(): Promise<{ ended: DispatchRun[]; underWay: DispatchRun[] }> {
    const runs = await readRuns(this.sql, { since: this.since, except: this.#told });
    const ended = runs.filter((run) => run.finished_at !== null);
    const underWay = runs.filter((run) => run.finished_at === null);
    ended.forEach((run) => this.#told.add(run.id));
    return { ended, underWay };
  }
}

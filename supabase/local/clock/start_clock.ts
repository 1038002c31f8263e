import { connect, type Sql } from "../postgres/connect.ts";
import { nextRun } from "./next_run.ts";
import { type CronJob, runJob } from "./run_job.ts";

const LONGEST_SLEEP_MS = 60_000;

/** Which database's jobs to run, and how. */
export interface StartClockOptions {
  /** The database as the superuser `supabase_admin`. */
  adminUrl: string;
  /** Milliseconds between two runs of the job of that name, in place of its schedule. */
  every?: Record<string, number>;
}

/** A running clock. */
export interface Clock {
  /** Starts nothing any more, and returns when the jobs under way are over. */
  stop(): Promise<void>;
}

/**
 * Runs the jobs in `cron.job` of one database, as pg_cron does: in UTC, as the user who scheduled
 * them, never one over itself, and without making up for runs that fell into a pause.
 */
export async function startClock(options: StartClockOptions): Promise<Clock> {
  const clock = new JobClock(connect(options.adminUrl, { max: 4 }), options);
  await clock.start();
  return clock;
}

interface Entry {
  job: CronJob;
  due: Date | null;
  running: Promise<void> | null;
}

class JobClock implements Clock {
  readonly #entries = new Map<string, Entry>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(private readonly sql: Sql, private readonly options: StartClockOptions) {}

  async start(): Promise<void> {
    const reload = () => {
      this.#reload().catch((error) => {
        if (!this.#stopped) console.error("The clock could not read cron.job:", error);
      });
    };
    await this.sql.listen("call_dispatch_cron_changed", reload, reload);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await Promise.all([...this.#entries.values()].map((entry) => entry.running));
    await this.sql.end({ timeout: 2 });
  }

  async #reload(): Promise<void> {
    const jobs = await this.sql<CronJob[]>`
      select jobid, jobname, schedule, command, username, database
      from cron.job where active and database = current_database()`;
    const present = new Set(jobs.map((job) => job.jobid));
    for (const [jobid, entry] of this.#entries) if (!present.has(jobid)) entry.due = null;
    for (const job of jobs) this.#update(job);
    this.#sleep();
  }

  #update(job: CronJob): void {
    const entry = this.#entries.get(job.jobid);
    if (!entry) {
      this.#entries.set(job.jobid, { job, due: this.#next(job), running: null });
      return;
    }
    const sameSchedule = entry.due !== null && entry.job.schedule === job.schedule;
    entry.job = job;
    // Editing a job's command must not put off its next run.
    if (!sameSchedule) entry.due = this.#next(job);
  }

  #next(job: CronJob): Date | null {
    const now = new Date();
    const every = this.options.every?.[job.jobname ?? ""];
    if (every !== undefined) return new Date(now.getTime() + every);
    try {
      return nextRun(job.schedule, now);
    } catch (error) {
      console.error(
        `Job "${job.jobname ?? job.jobid}" never runs, its schedule is not valid:`,
        error,
      );
      return null;
    }
  }

  #sleep(): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    const dues = [...this.#entries.values()].flatMap(({ due }) => due ? [due.getTime()] : []);
    const wait = Math.min(...dues, Date.now() + LONGEST_SLEEP_MS) - Date.now();
    this.#timer = setTimeout(() => this.#tick(), Math.max(0, wait));
  }

  #tick(): void {
    const now = Date.now();
    for (const entry of this.#entries.values()) {
      if (!entry.due || entry.due.getTime() > now) continue;
      entry.due = this.#next(entry.job);
      // Still at it: this run is left out, so that a job never overlaps itself.
      entry.running ??= this.#run(entry);
    }
    this.#sleep();
  }

  async #run(entry: Entry): Promise<void> {
    try {
      await runJob(this.sql, this.options.adminUrl, entry.job);
    } catch (error) {
      console.error(`Job "${entry.job.jobname ?? entry.job.jobid}" could not be run:`, error);
    } finally {
      entry.running = null;
    }
  }
}

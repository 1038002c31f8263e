import { startClock } from "../../supabase/local/clock/start_clock.ts";
import { freshDatabase } from "./fresh_database.ts";
import { openDatabase } from "./open_database.ts";
import { scheduleJobs } from "./schedule_jobs.ts";
import { type EmbeddedProject, startEmbeddedProject } from "./start_embedded_project.ts";
import { TEST_CLUSTER } from "./test_cluster.ts";

/** The jobs that are fired once a minute, which is the finest that pg_cron 1.4 can. */
const JOBS = ["call-dispatch", "call-dispatch-alarm"];

/** A project whose jobs are fired by a schedule. */
export interface ScheduledProject extends AsyncDisposable {
  readonly project: EmbeddedProject;
  /** How long a job may take to be fired, in ms. */
  readonly longestWaitMs: number;
}

/**
 * Starts a project whose schedule runs: by the real pg_cron where the cluster has it, in the one
 * database that it serves, else by the clock of the local stack, which then need not wait for minutes.
 */
export async function startScheduledProject(): Promise<ScheduledProject> {
  const realCron = Deno.env.get(TEST_CLUSTER.realCronVariable) === "true";
  const database = realCron
    ? openDatabase(TEST_CLUSTER.cronDatabase, async () => {})
    : await freshDatabase();
  const project = await startEmbeddedProject({}, { database });
  const { sql } = project;
  await scheduleJobs(sql);
  for (const job of JOBS) {
    await sql`select cron.alter_job(jobid, schedule => '* * * * *') from cron.job
      where jobname = ${job}`;
  }
  const clock = realCron ? null : await startClock({
    adminUrl: database.adminUrl,
    every: Object.fromEntries(JOBS.map((job) => [job, 500])),
  });
  return {
    project,
    longestWaitMs: realCron ? 150_000 : 60_000,
    async [Symbol.asyncDispose]() {
      await clock?.stop();
      await sql`select cron.unschedule(jobid) from cron.job`;
      await project[Symbol.asyncDispose]();
    },
  };
}

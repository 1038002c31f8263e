import { nextRun } from "../../../clock/next_run.ts";
import type { Check } from "../check.ts";
import { type Verdict, verdict } from "../verdict.ts";

/** A job as it should be. */
interface WantedJob {
  name: string;
  schedule: string;
  command: string;
}

/** A job as it is. */
interface FoundJob extends WantedJob {
  active: boolean;
  /** Whether it runs in this database. */
  is_here: boolean;
  /** What its last run said, when it failed. */
  failure: string | null;
}

interface Facts {
  wanted: WantedJob[];
  found: FoundJob[];
}

const REMEDY = "select public.schedule_call_dispatch() puts it right";
/** So many runs ahead are looked at to tell how often a job comes. */
const RUNS_AHEAD = 300;

/** The jobs of pg_cron. */
export const cronJobsCheck: Check<Facts, "database"> = {
  name: "cron jobs",
  needs: ["database"],
  async read({ database: sql }) {
    const [scheduler] = await sql<{ source: string }[]>`
      select prosrc as source from pg_proc where oid = 'public.schedule_call_dispatch'::regproc`;
    const found = await sql<FoundJob[]>`
      select job.jobname as name, job.schedule, job.command, job.active,
        job.database = current_database() as is_here,
        case when last.status = 'failed' then split_part(last.return_message, E'\\n', 1) end as failure
      from cron.job as job
      left join lateral (
        select details.status, details.return_message
        from cron.job_run_details as details
        where details.jobid = job.jobid and details.status in ('succeeded', 'failed')
        order by details.runid desc
        limit 1
      ) as last on true`;
    return { wanted: wantedJobs(scheduler?.source ?? ""), found: [...found] };
  },
  judge({ wanted, found }) {
    if (wanted.length === 0) {
      return [verdict.notChecked("schedule_call_dispatch is not understood")];
    }
    const wrong = wanted.flatMap((job) =>
      judgeJob(job, found.filter(({ name }) => name === job.name))
    );
    if (wrong.length > 0) return wrong;
    return [
      verdict.ok(`The jobs ${wanted.map(({ name }) => name).join(", ")} are there and active`),
    ];
  },
};

// What the jobs should be stands in the function that sets them, and nowhere else.
function wantedJobs(source: string): WantedJob[] {
  const calls = source.matchAll(/cron\.schedule\(\s*'([^']+)',\s*'([^']+)',\s*'([^']+)'\s*\)/g);
  return [...calls].map(([, name, schedule, command]) => ({
    name: name!,
    schedule: schedule!,
    command: command!,
  }));
}

function judgeJob(wanted: WantedJob, [job, other]: FoundJob[]): Verdict[] {
  const { name } = wanted;
  if (job === undefined) return [verdict.fault(`There is no job ${name}: ${REMEDY}`)];
  if (other !== undefined) {
    return [verdict.fault(`There are two jobs ${name}, of two roles: cron.unschedule one of them`)];
  }
  if (!job.active) return [verdict.fault(`The job ${name} is switched off: ${REMEDY}`)];
  if (!job.is_here) {
    return [verdict.fault(
      `The job ${name} runs in another database: select cron.unschedule('${name}'), and then ` +
        "select public.schedule_call_dispatch()",
    )];
  }
  if (job.command.trim() !== wanted.command) {
    return [verdict.fault(`The job ${name} does something else than it should: ${REMEDY}`)];
  }
  if (isRarer(job.schedule, wanted.schedule)) {
    return [verdict.warning(
      `The job ${name} runs less often (${job.schedule}) than it should (${wanted.schedule}): ${REMEDY}`,
    )];
  }
  if (job.failure === null) return [];
  return [verdict.fault(`The job ${name} failed when it ran last: ${job.failure}`)];
}

function isRarer(schedule: string, wanted: string): boolean {
  return schedule !== wanted && longestGap(schedule) > longestGap(wanted);
}

/** Milliseconds between two runs, at most; Infinity for what is not understood or never comes. */
function longestGap(schedule: string): number {
  try {
    let last = new Date(Date.UTC(2026, 0, 1));
    let longest = 0;
    for (let run = 0; run < RUNS_AHEAD; run++) {
      const next = nextRun(schedule, last);
      if (next === null) return Infinity;
      longest = Math.max(longest, next.getTime() - last.getTime());
      last = next;
    }
    return longest;
  } catch {
    return Infinity;
  }
}

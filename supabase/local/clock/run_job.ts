import { connect, PostgresError, type Sql } from "../postgres/connect.ts";

/** A row of `cron.job`. */
export interface CronJob {
  jobid: string;
  jobname: string | null;
  schedule: string;
  command: string;
  username: string;
  database: string;
}

interface Outcome {
  status: "succeeded" | "failed";
  message: string;
  /** Process id of the server's end of the session. */
  pid: number | null;
}

/**
 * Runs the job's command once as the job's user, in a session of its own as pg_cron does, and keeps
 * the record of it in `cron.job_run_details`. A command that fails is a record, not an exception.
 */
export async function runJob(sql: Sql, adminUrl: string, job: CronJob): Promise<void> {
  const [run] = await sql<{ runid: string }[]>`
    insert into cron.job_run_details (jobid, database, username, command, status, start_time)
    values (${job.jobid}, ${job.database}, ${job.username}, ${job.command}, 'running',
      clock_timestamp())
    returning runid`;
  const { status, message, pid } = await execute(adminUrl, job);
  await sql`
    update cron.job_run_details
    set status = ${status}, return_message = ${message}, job_pid = ${pid},
      end_time = clock_timestamp()
    where runid = ${run?.runid ?? null}`;
}

async function execute(adminUrl: string, job: CronJob): Promise<Outcome> {
  // All roles that can log in have the one password of the cluster.
  const url = new URL(adminUrl);
  url.username = job.username;
  const session = connect(url.href, { max: 1, connection: { application_name: "pg_cron" } });
  let pid: number | null = null;
  try {
    const [backend] = await session<{ pid: number }[]>`select pg_backend_pid() as pid`;
    pid = backend?.pid ?? null;
    const result = await session.unsafe<Row[] | Row[][]>(job.command).simple();
    return { status: "succeeded", message: rowCount(result), pid };
  } catch (error) {
    return { status: "failed", message: errorText(error), pid };
  } finally {
    await session.end({ timeout: 2 });
  }
}

type Row = Record<string, unknown>;

function rowCount(result: Row[] | Row[][]): string {
  // Of several statements the last one counts.
  const last = result.at(-1);
  const rows = Array.isArray(last) ? last.length : result.length;
  return rows === 1 ? "1 row" : `${rows} rows`;
}

// All that the server says, DETAIL too: a secret that a job lets slip has to be seen here as well.
function errorText(error: unknown): string {
  if (!(error instanceof PostgresError)) return `ERROR:  ${String(error)}`;
  return [
    `ERROR:  ${error.message}`,
    error.detail && `DETAIL:  ${error.detail}`,
    error.hint && `HINT:  ${error.hint}`,
    error.where && `CONTEXT:  ${error.where}`,
  ].filter(Boolean).join("\n");
}

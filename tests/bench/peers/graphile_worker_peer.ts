import { connect } from "../../../supabase/local/postgres/connect.ts";
import { Logger, run, runMigrations } from "graphile-worker";
import type { Peer, PeerJob, PeerJobs, PeerTask } from "./peer.ts";

const TASK = "call";
const JOBS_A_STATEMENT = 20_000;
const QUIET = new Logger(() => () => {});

/**
 * graphile-worker as its page on performance advises for many short jobs: jobs are fetched ahead into
 * a local queue, and completions stored in batches.
 */
export async function graphileWorkerPeer(databaseUrl: string): Promise<Peer> {
  await runMigrations({ connectionString: databaseUrl, logger: QUIET });
  const sql = connect(databaseUrl, { max: 1 });
  return {
    async fill({ firstNumber, count }: PeerJobs, due) {
      for (let first = 0; first < count; first += JOBS_A_STATEMENT) {
        const last = Math.min(first + JOBS_A_STATEMENT, count) - 1;
        await sql`
          select count(*) from graphile_worker.add_jobs(array(
            select json_populate_record(null::graphile_worker.job_spec, json_build_object(
              'identifier', ${TASK}::text,
              'payload', json_build_object('number', '+' || ${firstNumber}::bigint + index),
              'run_at', now() + ${due === "now" ? "0" : "5 years"}::interval
            ))
            from generate_series(${first}::bigint, ${last}::bigint) as index
          ))`;
      }
    },
    async workOff(count, { concurrency, task }) {
      await work(databaseUrl, { count, task, concurrency, ahead: true });
    },
    async oneByOne(count) {
      return await work(databaseUrl, {
        count,
        concurrency: 1,
        ahead: false,
        task: () => Promise.resolve(),
      });
    },
    [Symbol.asyncDispose]: () => sql.end(),
  };
}

interface Work {
  count: number;
  concurrency: number;
  /** Fetches jobs before a worker asks for them, and stores completions together. */
  ahead: boolean;
  task: PeerTask;
}

async function work(databaseUrl: string, work: Work): Promise<number[]> {
  const { count, concurrency, ahead, task } = work;
  const done = Promise.withResolvers<void>();
  let left = count;
  const runner = await run({
    preset: {
      worker: {
        connectionString: databaseUrl,
        concurrentJobs: concurrency,
        maxPoolSize: ahead ? 10 : 2,
        logger: QUIET,
        ...(ahead ? { localQueue: { size: 2 * concurrency }, completeJobBatchDelay: 50 } : {}),
      },
    },
    noHandleSignals: true,
    taskList: { [TASK]: (payload) => task(payload as PeerJob) },
  });
  const claims: number[] = [];
  let askedAt = 0;
  runner.events.on("worker:getJob:start", () => askedAt = performance.now());
  runner.events.on("job:start", () => void claims.push(performance.now() - askedAt));
  runner.events.on("job:error", ({ error }) => done.reject(error));
  runner.events.on("job:complete", () => {
    left -= 1;
    if (left === 0) done.resolve();
  });
  try {
    await done.promise;
  } finally {
    await runner.stop();
  }
  return claims;
}

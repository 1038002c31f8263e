import { PgBoss } from "pg-boss";
import type { Peer, PeerJob, PeerJobs } from "./peer.ts";
import { phoneNumber } from "./phone_number.ts";

const QUEUE = "call";
const JOBS_A_STATEMENT = 20_000;
const IN_YEARS = new Date(Date.now() + 5 * 365 * 86_400_000);
// A worker waits for the slowest of its batch, and fetches on without a pause only while batches are full
// and of more than one: few jobs in each of many workers lose the least.
const JOBS_A_BATCH = 5;

/** pg-boss with workers that fetch on without a pause as long as their batches are full. */
export async function pgBossPeer(databaseUrl: string): Promise<Peer> {
  // It lives while the others are measured: what it would do of itself meanwhile is not theirs.
  const boss = new PgBoss({
    connectionString: databaseUrl,
    max: 10,
    supervise: false,
    schedule: false,
  });
  // What it warns of, such as a long backlog, is what is measured.
  boss.on("error", (error) => console.error(`pg-boss: ${error}`));
  await boss.start();
  await boss.createQueue(QUEUE, { retentionSeconds: 10 * 365 * 86_400 });
  return {
    async fill({ firstNumber, count }: PeerJobs, due) {
      for (let first = 0; first < count; first += JOBS_A_STATEMENT) {
        const length = Math.min(JOBS_A_STATEMENT, count - first);
        await boss.insert(
          QUEUE,
          Array.from({ length }, (_, index) => ({
            data: { number: phoneNumber(firstNumber, first + index) },
            ...(due === "now" ? {} : { startAfter: IN_YEARS }),
          })),
        );
      }
    },
    async workOff(count, { concurrency, task }) {
      let left = count;
      const done = Promise.withResolvers<void>();
      const options = {
        batchSize: JOBS_A_BATCH,
        localConcurrency: Math.ceil(concurrency / JOBS_A_BATCH),
        burstWhenBatchFull: true,
        pollingIntervalSeconds: 0.5,
      };
      await boss.work<PeerJob>(QUEUE, options, async (jobs) => {
        await Promise.all(jobs.map(({ data }) => task(data)));
        left -= jobs.length;
        if (left === 0) done.resolve();
      });
      await done.promise;
      await boss.offWork(QUEUE, { wait: true });
    },
    async oneByOne(count) {
      const claims: number[] = [];
      for (let each = 0; each < count; each += 1) {
        const askedAt = performance.now();
        const [job] = await boss.fetch(QUEUE);
        claims.push(performance.now() - askedAt);
        if (job === undefined) throw new Error("pg-boss has no job left");
        await boss.complete(QUEUE, job.id);
      }
      return claims;
    },
    [Symbol.asyncDispose]: () => boss.stop({ close: true, graceful: true }),
  };
}

import { connect, type Sql } from "../../../supabase/local/postgres/connect.ts";
import type { Peer, PeerJobs } from "./peer.ts";

interface ClaimedJob {
  id: string;
  number: string;
}

/** The loop that everybody writes first: workers that each claim one job, do it, and mark it done. */
export async function loopPeer(databaseUrl: string): Promise<Peer> {
  const sql = connect(databaseUrl, { max: 10 });
  await sql`create schema if not exists one_by_one`;
  await sql`
    create table if not exists one_by_one.job (
      id uuid primary key default gen_random_uuid(),
      number text not null,
      due_at timestamptz not null,
      status text not null default 'pending'
    )`;
  await sql`
    create index if not exists due_jobs on one_by_one.job (due_at) where status = 'pending'`;
  return {
    async fill({ firstNumber, count }: PeerJobs, due) {
      await sql`
        insert into one_by_one.job (number, due_at)
        select '+' || ${firstNumber}::bigint + index, now() + ${
        due === "now" ? "0" : "5 years"
      }::interval
        from generate_series(0, ${count - 1}::bigint) as index`;
    },
    async workOff(_count, { concurrency, task }) {
      const worker = async () => {
        for (let job = await claim(sql); job !== null; job = await claim(sql)) {
          await task(job);
          await complete(sql, job);
        }
      };
      await Promise.all(Array.from({ length: concurrency }, worker));
    },
    async oneByOne(count) {
      const claims: number[] = [];
      for (let each = 0; each < count; each += 1) {
        const askedAt = performance.now();
        const job = await claim(sql);
        claims.push(performance.now() - askedAt);
        if (job === null) throw new Error("The loop has no job left");
        await complete(sql, job);
      }
      return claims;
    },
    [Symbol.asyncDispose]: () => sql.end(),
  };
}

async function claim(sql: Sql): Promise<ClaimedJob | null> {
  const [job] = await sql<ClaimedJob[]>`
    update one_by_one.job as job
    set status = 'calling'
    from (
      select due.id
      from one_by_one.job as due
      where due.status = 'pending' and due.due_at <= now()
      order by due.due_at
      for update skip locked
      limit 1
    ) as picked
    where job.id = picked.id
    returning job.id, job.number`;
  return job ?? null;
}

async function complete(sql: Sql, { id }: ClaimedJob): Promise<void> {
  await sql`update one_by_one.job set status = 'completed' where id = ${id}`;
}

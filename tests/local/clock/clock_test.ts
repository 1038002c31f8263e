import assert from "node:assert/strict";
import { startClock } from "../../../supabase/local/clock/start_clock.ts";
import type { TestDatabase } from "../../support/clone_database.ts";
import { eventually } from "../../support/eventually.ts";
import { freshEmptyDatabase } from "../../support/fresh_empty_database.ts";

async function runsOf(database: TestDatabase, status: string, atLeast: number) {
  return await eventually(`${atLeast} runs ${status}`, async () => {
    const runs = await database.sql`
      select * from cron.job_run_details where status = ${status} order by runid`;
    return runs.length >= atLeast ? runs : undefined;
  });
}

Deno.test("clock runs a job as the user who scheduled it and keeps a record", async () => {
  await using database = await freshEmptyDatabase();
  const { sql } = database;
  await sql`create table who (name text, at timestamptz default clock_timestamp())`;
  await sql`select cron.schedule('note', '*/5 * * * *', 'insert into who values (session_user)')`;
  await sql`select cron.schedule('other', '*/5 * * * *', 'insert into who values (''wrong'')')`;
  const clock = await startClock({ ...database, every: { note: 50 } });
  const [run] = await runsOf(database, "succeeded", 2);
  await clock.stop();
  assert.equal(run?.username, "postgres");
  assert.equal(run?.command, "insert into who values (session_user)");
  assert.ok(run?.end_time >= run?.start_time);
  assert.deepEqual([...await sql`select distinct name from who`], [{ name: "postgres" }]);
});

Deno.test("clock records a failed run with all that the server said", async () => {
  await using database = await freshEmptyDatabase();
  const command = "do $$ begin raise exception 'broken' using detail = 'why'; end $$";
  await database.sql`select cron.schedule('bad', '*/5 * * * *', ${command})`;
  const clock = await startClock({ ...database, every: { bad: 50 } });
  const [run] = await runsOf(database, "failed", 1);
  await clock.stop();
  assert.match(run?.return_message, /^ERROR: {2}broken\nDETAIL: {2}why/);
});

Deno.test("clock never runs a job over itself", async () => {
  await using database = await freshEmptyDatabase();
  await database.sql`select cron.schedule('slow', '*/5 * * * *', 'select pg_sleep(0.2)')`;
  const clock = await startClock({ ...database, every: { slow: 20 } });
  await runsOf(database, "succeeded", 3);
  await clock.stop();
  const [overlaps] = await database.sql`
    select count(*)::int as n from cron.job_run_details a join cron.job_run_details b
      on a.runid < b.runid and b.start_time < a.end_time`;
  assert.equal(overlaps?.n, 0);
});

Deno.test("clock hears of jobs that are added, switched off and removed", async () => {
  await using database = await freshEmptyDatabase();
  const { sql } = database;
  const clock = await startClock({ ...database, every: { a: 30, b: 30 } });
  await sql`select cron.schedule('a', '*/5 * * * *', 'select 1')`;
  const [job] = await sql`select cron.schedule('b', '*/5 * * * *', 'select 2') as id`;
  await runsOf(database, "succeeded", 4);
  await sql`select cron.unschedule('a')`;
  await sql`select cron.alter_job(${job?.id}, active => false)`;
  await new Promise((resolve) => setTimeout(resolve, 200));
  const count = async () => (await sql`select from cron.job_run_details`).length;
  const before = await count();
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(await count(), before);
  await clock.stop();
});

Deno.test("clock takes up a job again that was switched off while it ran", async () => {
  await using database = await freshEmptyDatabase();
  const { sql } = database;
  const [job] =
    await sql`select cron.schedule('slow', '*/5 * * * *', 'select pg_sleep(0.2)') as id`;
  const clock = await startClock({ ...database, every: { slow: 20 } });
  await runsOf(database, "running", 1);
  await sql`select cron.alter_job(${job?.id}, active => false)`;
  await runsOf(database, "succeeded", 1);
  await sql`select cron.alter_job(${job?.id}, active => true)`;
  await runsOf(database, "succeeded", 3);
  await clock.stop();
});

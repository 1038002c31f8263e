import assert from "node:assert/strict";
import type { Sql } from "../../supabase/local/postgres/connect.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { beginRun, claim, followUp, open, record } from "../support/sql_contract.ts";

async function rescue(sql: Sql, later: string): Promise<number> {
  const [row] = await sql<{ n: number }[]>`
    select public.rescue_stale_attempts(as_of => now() + ${later}::interval) as n`;
  return row!.n;
}

async function attempt(sql: Sql) {
  const [row] = await sql`select status, outcome, ended_at from public.call_attempts`;
  return { ...row };
}

Deno.test("rescue: sending past its time becomes unknown, and its follow-up stays held", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const id = await insertFollowUp(sql);
  await open(sql, await claim(sql));
  assert.equal(await rescue(sql, "1 minute"), 0);
  assert.equal((await attempt(sql)).status, "sending");
  assert.equal(await rescue(sql, "1 hour"), 1);
  assert.equal((await attempt(sql)).status, "unknown");
  const row = await followUp(sql, id);
  assert.match(row.reason!, /^Held, the call may have been placed/);
  assert.equal(row.status, "pending");
  assert.deepEqual(await claim(sql), []);
});

Deno.test("rescue: accepted past the longest call is over, without an outcome", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await insertFollowUp(sql);
  await record(sql, await open(sql, await claim(sql)), { status: "accepted" });
  await rescue(sql, "59 minutes");
  assert.equal((await attempt(sql)).status, "accepted");
  await rescue(sql, "61 minutes");
  const { status, outcome, ended_at } = await attempt(sql);
  assert.equal(status, "ended");
  assert.equal(outcome, null);
  assert.ok(ended_at instanceof Date);
});

Deno.test("rescue: an unknown attempt never changes because time has passed", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await insertFollowUp(sql);
  await record(sql, await open(sql, await claim(sql)), { status: "unknown", error: "x" });
  assert.equal(await rescue(sql, "10 years"), 0);
  assert.equal((await attempt(sql)).status, "unknown");
});

Deno.test("rescue: frees the claims of a run that died before it opened them", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const id = await insertFollowUp(sql);
  await claim(sql, 1, "2 minutes");
  assert.equal(await rescue(sql, "1 minute"), 0);
  assert.equal(await rescue(sql, "3 minutes"), 1);
  assert.equal((await followUp(sql, id)).lease_token, null);
  assert.equal((await claim(sql)).length, 1);
});

Deno.test("rescue: closes the run that never told its end", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await beginRun(sql);
  await rescue(sql, "14 minutes");
  const open_ = await sql`select from public.dispatch_runs where finished_at is null`;
  assert.equal(open_.length, 1);
  await rescue(sql, "16 minutes");
  const [run] = await sql`select stop_reason, error from public.dispatch_runs`;
  assert.equal(run!.stop_reason, "error");
  assert.match(run!.error, /^The run did not report its end/);
});

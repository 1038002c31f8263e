import assert from "node:assert/strict";
import type { Sql } from "../../supabase/local/postgres/connect.ts";
import { insertCall, recordEvent } from "../support/call_event.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { claim, followUp, open, type Opened, record } from "../support/sql_contract.ts";

/** Follow-ups whose calls are being sent, in the order of their attempts. */
async function sending(sql: Sql, count = 1): Promise<Opened[]> {
  for (let n = 0; n < count; n += 1) await insertFollowUp(sql);
  const opened = await open(sql, await claim(sql));
  assert.equal(opened.length, count);
  return opened;
}

async function openedAt(sql: Sql, id: string): Promise<Date> {
  const [row] = await sql<{ opened_at: Date }[]>`
    select opened_at from public.call_attempts where id = ${id}`;
  return row!.opened_at;
}

for (const status of ["cancelled", "skipped"]) {
  Deno.test(`mark calls placed: a follow-up that was ${status} while its call was being sent stays so, and says that it was called`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const [one, other] = await sending(sql, 2) as [Opened, Opened];
    await sql`update public.follow_ups set status = ${status} where id = ${one.follow_up_id}`;
    await record(sql, [one, other], { status: "accepted" });
    const row = await followUp(sql, one.follow_up_id);
    assert.equal(row.status, status);
    assert.equal(row.reason, `Its call was placed all the same, though it was ${status}`);
    assert.deepEqual(row.completed_at, await openedAt(sql, one.attempt_id));
    assert.deepEqual([row.lease_token, row.leased_until], [null, null]);
    const beside = await followUp(sql, other.follow_up_id);
    assert.deepEqual([beside.status, beside.reason], ["completed", null]);
  });
}

Deno.test("mark calls placed: one that a person has completed meanwhile keeps its time, and its lease ends", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const opened = await sending(sql);
  const id = opened[0]!.follow_up_id;
  const at = new Date("2026-06-10T12:00:00Z");
  await sql`update public.follow_ups set status = 'completed', completed_at = ${at} where id = ${id}`;
  await record(sql, opened, { status: "accepted" });
  const row = await followUp(sql, id);
  assert.deepEqual([row.status, row.completed_at], ["completed", at]);
  assert.equal(row.reason, "Its call was placed all the same, though it was completed");
  assert.equal(row.lease_token, null);
});

Deno.test("mark calls placed: a held call that was cancelled and then reported says so, too", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql, { status: "unknown" });
  await sql`update public.follow_ups set status = 'cancelled' where id = ${call.follow_up_id}`;
  await recordEvent(sql, { attempt_id: call.attempt_id });
  const row = await followUp(sql, call.follow_up_id);
  assert.deepEqual([row.status, row.reason], [
    "cancelled",
    "Its call was placed all the same, though it was cancelled",
  ]);
  assert.deepEqual(row.completed_at, await openedAt(sql, call.attempt_id));
});

Deno.test("mark calls placed: what a second call has completed says nothing of the first, reported late", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const [first] = await sending(sql) as [Opened];
  await record(sql, [first], { status: "unknown", error: "x" });
  await sql`select public.resolve_call_attempt(${first.attempt_id}, 'not_placed')`;
  const second = await open(sql, await claim(sql));
  assert.equal((await record(sql, second, { status: "accepted" })).length, 1);
  const before = await followUp(sql, first.follow_up_id);
  assert.equal(before.status, "completed");
  await recordEvent(sql, { attempt_id: first.attempt_id, call_id: "late" });
  assert.deepEqual(await followUp(sql, first.follow_up_id), before);
});

Deno.test("mark calls placed: an app that allows no change of what it has cancelled loses no reply by it", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const opened = await sending(sql, 2);
  const [cancelled, other] = opened.map((one) => one.follow_up_id) as [string, string];
  await sql`update public.follow_ups set status = 'cancelled' where id = ${cancelled}`;
  const before = await followUp(sql, cancelled);
  await sql.unsafe(`
    alter table public.follow_ups add constraint completed_when_completed
      check (completed_at is null or status = 'completed')`);
  assert.equal((await record(sql, opened, { status: "accepted" })).length, 2);
  assert.equal((await followUp(sql, other)).status, "completed");
  assert.deepEqual(await followUp(sql, cancelled), before);
});

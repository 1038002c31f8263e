import assert from "node:assert/strict";
import { pushMigrations } from "../../supabase/local/push_migrations.ts";
import type { Sql } from "../../supabase/local/postgres/connect.ts";
import { insertCall, recordEvent } from "../support/call_event.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { freshEmptyDatabase } from "../support/fresh_empty_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { freshNumber } from "../support/insert_lead.ts";
import { followUp } from "../support/sql_contract.ts";
import { APP_SCHEMA } from "./adopted_app.ts";

const DAY = 86_400_000;
const START = new Date("2026-03-02T12:00:00Z");
const EXPIRED = /^Expired: it could not be called since /;

function day(n: number): Date {
  return new Date(START.getTime() + n * DAY);
}

async function claimedAt(sql: Sql, asOf: Date): Promise<string[]> {
  const rows = await sql<{ follow_up_id: string }[]>`
    select follow_up_id from public.claim_due_follow_ups(as_of => ${asOf})`;
  return rows.map((row) => row.follow_up_id);
}

async function pause(sql: Sql, id: string, from: Date, until: Date): Promise<void> {
  await sql`
    insert into public.call_pauses (lead_id, until, reason)
    select lead_id, ${until}, 'On holiday' from public.follow_ups where id = ${id}`;
  assert.deepEqual(await claimedAt(sql, from), []);
}

/** A follow-up that was due on day 0 and that a pause has moved to day 1. */
async function putOff(sql: Sql, lead_id?: string): Promise<string> {
  await sql`update public.dispatch_settings set expire_after = '30 days'`;
  const id = await insertFollowUp(sql, { due_at: START, ...(lead_id && { lead_id }) });
  await pause(sql, id, START, day(1));
  assert.equal((await followUp(sql, id)).due_at.getTime(), day(1).getTime());
  return id;
}

const movers: Record<string, (sql: Sql, id: string) => Promise<unknown>> = {
  "its time alone": (sql, id) =>
    sql`update public.follow_ups set due_at = ${day(45)} where id = ${id}`,
  "its time, when it is due": async (sql, id) => {
    await sql`update public.dispatch_settings set paused = true`;
    assert.deepEqual(await claimedAt(sql, day(2)), []);
    await sql`
      update public.follow_ups set due_at = ${day(45)}, updated_at = now() where id = ${id}`;
    await sql`update public.dispatch_settings set paused = false`;
  },
  "the whole row, as it was read": async (sql, id) => {
    const [row] = await sql`select * from public.follow_ups where id = ${id}`;
    await sql`
      update public.follow_ups
      set due_at = ${day(45)}, status = ${row!.status}, reason = ${row!.reason},
        first_due_at = ${row!.first_due_at}, lease_token = ${row!.lease_token},
        leased_until = ${row!.leased_until}
      where id = ${id}`;
  },
};

for (const [what, move] of Object.entries(movers)) {
  Deno.test(`expiry: an app that sets ${what}, after a rule has moved it, has it called then`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const id = await putOff(sql);
    await move(sql, id);
    assert.deepEqual(await claimedAt(sql, day(46)), [id]);
  });
}

Deno.test("expiry: what the rules move again and again still expires by when it was first due", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const id = await putOff(sql);
  for (const n of [1, 10, 20]) await pause(sql, id, day(n), day(n === 1 ? 10 : n + 10));
  assert.deepEqual(await claimedAt(sql, day(31)), []);
  const { status, reason } = await followUp(sql, id);
  assert.deepEqual([status, EXPIRED.test(reason ?? "")], ["failed", true]);
  assert.match(reason!, /2026-03-02 12:00 UTC$/);
});

Deno.test("expiry: an opening that is put off counts from when it was first due, too", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const id = await putOff(sql);
  const claimed = await sql`select * from public.claim_due_follow_ups(as_of => ${day(2)})`;
  await sql`
    insert into public.call_pauses (lead_id, until) values (${claimed[0]!.lead_id}, ${day(29)})`;
  const items = [{ ...claimed[0], attempt_id: crypto.randomUUID(), to_number: claimed[0]!.phone }];
  await sql`select public.open_call_attempts(
    ${JSON.stringify(items)}::text::jsonb, as_of => ${day(2)})`;
  const [row] = await sql`select due_at, first_due_at from public.follow_ups where id = ${id}`;
  assert.deepEqual({ ...row }, { due_at: day(29), first_due_at: START });
});

Deno.test("expiry: a try that was not sent counts from when it was first due, too", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const id = await putOff(sql);
  const [claimed] = await sql`select * from public.claim_due_follow_ups(as_of => ${day(2)})`;
  const item = { ...claimed, attempt_id: crypto.randomUUID(), to_number: claimed!.phone };
  await sql`select public.open_call_attempts(
    ${JSON.stringify([item])}::text::jsonb, as_of => ${day(2)})`;
  await sql`select public.record_dispatch_results(
    ${JSON.stringify([{ ...item, status: "not_sent", error: "x" }])}::text::jsonb, ${day(2)})`;
  const [row] = await sql`select due_at, first_due_at from public.follow_ups where id = ${id}`;
  assert.ok(row!.due_at > day(2));
  assert.deepEqual(row!.first_due_at, START);
});

Deno.test("expiry: what expired and is retried is called", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const id = await putOff(sql);
  assert.deepEqual(await claimedAt(sql, day(31)), []);
  assert.match((await followUp(sql, id)).reason ?? "", EXPIRED);
  const [retried] = await sql`select public.retry_follow_up(${id}, ${day(40)}) as done`;
  assert.equal(retried!.done, true);
  assert.deepEqual(await claimedAt(sql, day(40)), [id]);
});

Deno.test("expiry: a callback is called on its day, whatever kept its follow-up back before, and what waits for it, too", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql, { opened_at: day(-1) });
  const id = await putOff(sql, call.lead_id);
  const other = await putOff(sql, call.lead_id);
  await recordEvent(sql, {
    attempt_id: call.attempt_id,
    outcome: "completed",
    extracted_variables: { callback_time: "in six weeks" },
  }, START);
  const [verdict] = await sql`select public.plan_callback(
    ${call.attempt_id}, 'in six weeks', moment => ${day(42)}, as_of => ${START}) as verdict`;
  assert.equal(verdict!.verdict, "planned");
  const rows = await sql`select id, is_callback, due_at, first_due_at from public.follow_ups
    where id in (${id}, ${other}) order by is_callback desc`;
  assert.deepEqual(rows.map((row) => [row.due_at, row.first_due_at]), [
    [day(42), null],
    [day(42), null],
  ]);
  assert.deepEqual(await claimedAt(sql, day(42)), [rows[0]!.id]);
});

Deno.test("expiry: an adopted app, with plain timestamps and its own role, moves a time in the same way", async () => {
  await using database = await freshEmptyDatabase();
  const { sql } = database;
  await sql.unsafe(APP_SCHEMA);
  await pushMigrations({ databaseUrl: database.url });
  await sql`set time zone 'Asia/Kolkata'`;
  await sql`update public.dispatch_settings set expire_after = '30 days'`;
  await sql`
    with lead as (
      insert into public.leads (customer_name, phone, updated_at)
      values ('Ada', ${freshNumber()}, now()) returning id
    )
    insert into public.follow_ups (lead_id, due_at, channel, created_at, updated_at)
    select id, ${START}::timestamptz, 'voice_call', now(), now() from lead`;
  const [{ id }] = await sql<[{ id: string }]>`select id from public.follow_ups`;
  await pause(sql, id, START, day(1));
  await pause(sql, id, day(1), day(3));
  const [kept] = await sql`select first_due_at from public.follow_ups`;
  assert.deepEqual(kept!.first_due_at, START);
  await sql.begin(async (app) => {
    await app`set local role authenticated`;
    await app`update public.follow_ups set due_at = ${day(45)}::timestamptz where id = ${id}`;
  });
  assert.deepEqual(await claimedAt(sql, day(46)), [id]);
});

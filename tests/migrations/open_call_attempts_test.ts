import assert from "node:assert/strict";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { freshNumber } from "../support/insert_lead.ts";
import { claim, followUp, open, record } from "../support/sql_contract.ts";

Deno.test("open: commits a sending attempt and counts it", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const id = await insertFollowUp(sql);
  const [opened] = await open(sql, await claim(sql));
  const [attempt] = await sql`select * from public.call_attempts where id = ${opened!.attempt_id}`;
  assert.equal(attempt!.status, "sending");
  assert.equal(attempt!.follow_up_id, id);
  assert.equal((await followUp(sql, id)).attempts, 1);
});

Deno.test("open: asking again after a lost answer opens nothing more and gives the same answer", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const id = await insertFollowUp(sql);
  const [row] = await claim(sql);
  const items = JSON.stringify([{
    attempt_id: crypto.randomUUID(),
    follow_up_id: id,
    lease_token: row!.lease_token,
    to_number: row!.phone,
  }]);
  const ask = () => sql`select attempt_id from public.open_call_attempts(${items}::text::jsonb)`;
  const [first, second] = [await ask(), await ask()];
  assert.equal(first.length, 1);
  assert.deepEqual([...second], [...first]);
  assert.equal((await followUp(sql, id)).attempts, 1);
  assert.equal((await sql`select from public.call_attempts`).length, 1);
});

Deno.test("open: a number in another live call puts the follow-up back with the reason", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const number = freshNumber();
  const first = await insertFollowUp(sql, { lead: { phone: number } });
  const second = await insertFollowUp(sql, { lead: { phone: number } });
  const opened = await open(sql, await claim(sql));
  assert.equal(opened.length, 1);
  const loser = opened[0]!.follow_up_id === first ? second : first;
  const { status, reason, attempts, lease_token, due_at } = await followUp(sql, loser);
  assert.deepEqual({ status, reason, attempts, lease_token }, {
    status: "pending",
    reason: "Number is in another live call",
    attempts: 0,
    lease_token: null,
  });
  const minutes = (due_at.getTime() - Date.now()) / 60_000;
  assert.ok(minutes > 9 && minutes <= 10, `due in ${minutes} minutes`);
});

Deno.test("open: what the app has put off or to another channel since the claim is given back", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const later = await insertFollowUp(sql);
  const mailed = await insertFollowUp(sql);
  const left = await insertFollowUp(sql);
  const claimed = await claim(sql);
  await sql`update public.follow_ups set due_at = now() + interval '1 day' where id = ${later}`;
  await sql`update public.follow_ups set channel = 'email' where id = ${mailed}`;
  assert.deepEqual((await open(sql, claimed)).map((row) => row.follow_up_id), [left]);
  for (const id of [later, mailed]) {
    const { status, reason, attempts, lease_token } = await followUp(sql, id);
    assert.deepEqual([status, reason, attempts, lease_token], ["pending", null, 0, null]);
  }
  assert.equal((await sql`select from public.call_attempts`).length, 1);
});

Deno.test("open: a row that the app's database refuses is set aside, and the others are opened", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const bad = await insertFollowUp(sql, { attempts: 3 });
  const good = [await insertFollowUp(sql), await insertFollowUp(sql)];
  await sql`alter table public.follow_ups add constraint few_attempts check (attempts <= 3)`;
  const claimed = await claim(sql);
  assert.equal(claimed.length, 3);
  const opened = await open(sql, claimed);
  assert.deepEqual(opened.map((row) => row.follow_up_id).sort(), good.sort());
  const aside = await sql`select row_id, error from public.set_aside_rows`;
  assert.deepEqual(aside.map((row) => row.row_id), [bad]);
  assert.match(aside[0]!.error, /few_attempts/);
  const { status, attempts, lease_token } = await followUp(sql, bad);
  assert.deepEqual([status, attempts, lease_token], ["pending", 3, null]);
  assert.deepEqual(await claim(sql), []);
});

Deno.test("open: without the lease nothing is opened", async (test) => {
  const spoil: Record<string, string> = {
    "another token": "update public.follow_ups set lease_token = gen_random_uuid()",
    "an expired lease": "update public.follow_ups set leased_until = now() - interval '1 second'",
    "a follow-up that was cancelled": "update public.follow_ups set status = 'cancelled'",
    "a follow-up that was deleted": "delete from public.follow_ups",
  };
  for (const [name, statement] of Object.entries(spoil)) {
    await test.step(name, async () => {
      await using database = await freshDatabase();
      const { sql } = database;
      await insertFollowUp(sql);
      const claimed = await claim(sql);
      await sql.unsafe(statement);
      assert.deepEqual(await open(sql, claimed), []);
      assert.equal((await sql`select from public.call_attempts`).length, 0);
    });
  }
});

Deno.test("open: a phone that was corrected after the claim is called at the next claim, and the old one not", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const [old, corrected] = [freshNumber(), freshNumber()];
  const id = await insertFollowUp(sql, { lead: { phone: old } });
  const other = await insertFollowUp(sql);
  const claimed = await claim(sql);
  await sql`update public.leads set phone = ${corrected} where phone = ${old}`;
  // Nor does what forbids the old number tell of the new one.
  await sql`insert into public.do_not_call (number) values (${old})`;
  assert.deepEqual((await open(sql, claimed)).map((row) => row.follow_up_id), [other]);
  const { status, reason, lease_token, attempts } = await followUp(sql, id);
  assert.deepEqual({ status, reason, lease_token, attempts }, {
    status: "pending",
    reason: null,
    lease_token: null,
    attempts: 0,
  });
  await open(sql, await claim(sql));
  const [attempt] = await sql`
    select to_number from public.call_attempts where follow_up_id = ${id}`;
  assert.equal(attempt!.to_number, corrected);
});

Deno.test("open: the hours are those of the moment at which the rows are held, however long that took", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  // A clock on which it is not about midnight.
  const zone = new Date().getUTCHours() % 23 === 0 ? "Etc/GMT-6" : "UTC";
  const id = await insertFollowUp(sql, { lead: { time_zone: zone } });
  const claimed = await claim(sql);
  const opened = await sql.begin(async (app) => {
    const transaction = app as unknown as typeof sql;
    await transaction`
      insert into public.calling_hours (region, weekdays, opens, closes)
      select 'everywhere', array[extract(isodow from local)::integer], '00:00',
        local::time + interval '0.1 seconds'
      from (select now() at time zone ${zone}) as clock (local)`;
    await transaction`select pg_sleep(0.2)`;
    return await open(transaction, claimed);
  });
  assert.deepEqual(opened, []);
  assert.equal((await followUp(sql, id)).reason, "Outside the calling hours");
});

Deno.test("open: a row that an app holds makes it give up soon, before PostgreSQL ends one of the two", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const id = await insertFollowUp(sql);
  const claimed = await claim(sql);
  await sql.begin(async (app) => {
    await app`update public.follow_ups set message = 'edited' where id = ${id}`;
    await assert.rejects(open(sql, claimed), { code: "55P03" });
  });
  assert.equal((await open(sql, claimed)).length, 1);
});

Deno.test("open: a lead closed after the claim is skipped and not called", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const id = await insertFollowUp(sql);
  const claimed = await claim(sql);
  await sql`update public.leads set stage = 'closed'`;
  assert.deepEqual(await open(sql, claimed), []);
  const { status, reason } = await followUp(sql, id);
  assert.deepEqual({ status, reason }, { status: "skipped", reason: "Lead is closed" });
});

Deno.test("open: a pause after the claim gives the row back as it was", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const id = await insertFollowUp(sql);
  const before = await followUp(sql, id);
  const claimed = await claim(sql);
  await sql`update public.dispatch_settings set paused = true`;
  assert.deepEqual(await open(sql, claimed), []);
  const { status, due_at, attempts, lease_token, reason } = await followUp(sql, id);
  assert.deepEqual({ status, due_at, attempts, lease_token, reason }, {
    status: "pending",
    due_at: before.due_at,
    attempts: 0,
    lease_token: null,
    reason: null,
  });
});

for (const [status, live] of [["accepted", true], ["unknown", true], ["refused", false]] as const) {
  Deno.test(`open: a number whose attempt is ${status} ${live ? "may not" : "may"} be dialled`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const phone = freshNumber();
    await insertFollowUp(sql, { lead: { phone } });
    await record(sql, await open(sql, await claim(sql)), { status, error: "x" });
    await insertFollowUp(sql, { lead: { phone } });
    assert.equal((await open(sql, await claim(sql))).length, live ? 0 : 1);
  });
}

Deno.test("open: the database itself refuses a second live call to one number", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const insert = () =>
    sql`insert into public.call_attempts (follow_up_id, lead_id, lease_token, to_number, sending_until)
      values (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), '+14152000000', now())`;
  await insert();
  await assert.rejects(insert(), /call_attempts_one_live_call_per_number/);
});

// Races need real connections that commit for themselves: one connection, or one transaction rolled
// back at the end, would show each step the rows of the step before and prove nothing.
import assert from "node:assert/strict";
import { connect } from "../../supabase/local/postgres/connect.ts";
import { atOnce } from "../support/at_once.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { freshNumber, insertLead } from "../support/insert_lead.ts";
import { claim, followUp, open, record } from "../support/sql_contract.ts";

Deno.test("races: twenty seeds at once make one follow-up for each lead", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`insert into public.leads (phone) select '+1415' || n from generate_series(2000000, 2000199) n`;
  // Noted five times over, so that several seeds hold the same lead at the same time.
  for (let n = 0; n < 5; n += 1) {
    await sql`insert into public.seed_candidates (lead_id) select id from public.leads`;
  }
  const made = await atOnce(database, 20, async (own) => {
    const [row] = await own<{ n: number }[]>`select public.seed_follow_ups(50) as n`;
    return row!.n;
  });
  assert.equal(made.reduce((sum, n) => sum + n), 200);
  const [row] =
    await sql`select count(*)::int as n, count(distinct lead_id)::int as leads from public.follow_ups`;
  assert.deepEqual({ ...row }, { n: 200, leads: 200 });
});

Deno.test("races: twenty claims at once never get the same row", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`
    with lead as (
      insert into public.leads (phone) select '+1415' || n from generate_series(2000000, 2000199) n
      returning id
    )
    insert into public.follow_ups (lead_id) select id from lead`;
  const claimed = (await atOnce(database, 20, (own) => claim(own, 20))).flat();
  assert.equal(new Set(claimed.map((row) => row.follow_up_id)).size, claimed.length);
  assert.equal(claimed.length + (await claim(sql, 200)).length, 200);
});

Deno.test("races: twenty claims at once share the free slots exactly", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_settings set max_concurrent_calls = 7`;
  for (let n = 0; n < 30; n += 1) await insertFollowUp(sql);
  const claimed = (await atOnce(database, 20, (own) => claim(own, 5))).flat();
  assert.equal(claimed.length, 7);
});

Deno.test("races: one number under twenty leads is opened once", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const phone = freshNumber();
  for (let n = 0; n < 20; n += 1) await insertFollowUp(sql, { lead: { phone } });
  const claimed = await claim(sql, 20);
  assert.equal(claimed.length, 20);
  const opened = (await atOnce(database, 20, (own, index) => open(own, [claimed[index]!]))).flat();
  assert.equal(opened.length, 1);
  const [row] = await sql`select count(*)::int as n from public.follow_ups
    where reason = 'Number is in another live call' and attempts = 0 and lease_token is null`;
  assert.equal(row!.n, 19);
});

Deno.test("races: runs that meet on many numbers in opposite order do not deadlock", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const numbers = Array.from({ length: 50 }, freshNumber);
  for (const phone of [...numbers, ...numbers]) await insertFollowUp(sql, { lead: { phone } });
  const claimed = await claim(sql, 100);
  const byNumber = (order: string[]) =>
    order.map((phone) => claimed.splice(claimed.findIndex((row) => row.phone === phone), 1)[0]!);
  const [forth, back] = [byNumber(numbers), byNumber([...numbers].reverse())];
  // So slow that they do meet: else one is through before the other begins.
  await sql`create function public.dawdle() returns trigger language plpgsql
    as $$ begin perform pg_sleep(0.002); return new; end $$`;
  await sql`create trigger dawdle before insert on public.call_attempts
    for each row execute function public.dawdle()`;
  const opened = await atOnce(database, 2, (own, index) => open(own, index === 0 ? forth : back));
  assert.equal(opened.flat().length, 50);
});

Deno.test("races: twenty reports of one attempt complete it once", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const id = await insertFollowUp(sql);
  const opened = await open(sql, await claim(sql));
  const statuses = ["accepted", "unknown", "not_sent", "refused"];
  const moved = (await atOnce(
    database,
    20,
    (own, index) => record(own, opened, { status: statuses[index % 4]!, error: "x" }),
  )).flat();
  const [attempt] = await sql`select status from public.call_attempts`;
  const { status } = await followUp(sql, id);
  // Whoever was first has decided; an acceptance alone may still follow on an unknown.
  const expected = {
    accepted: "completed",
    unknown: "pending",
    not_sent: "pending",
    refused: "failed",
  };
  assert.equal(status, expected[attempt!.status as keyof typeof expected]);
  assert.ok(moved.length === 1 || (moved.length === 2 && attempt!.status === "accepted"));
});

Deno.test("races: a row that an app has locked is passed over, and the others are claimed", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const locked = await insertFollowUp(sql, { due_at: new Date(Date.now() - 90_000) });
  const free = await insertFollowUp(sql);
  const app = connect(database.url, { max: 1 });
  try {
    await app`begin`;
    await app`update public.follow_ups set message = 'edited' where id = ${locked}`;
    assert.deepEqual((await claim(sql)).map((row) => row.follow_up_id), [free]);
    await app`rollback`;
  } finally {
    await app.end();
  }
  assert.deepEqual((await claim(sql)).map((row) => row.follow_up_id), [locked]);
});

// The later writer: what the webhook will do is to end the attempt before the reply is stored.
Deno.test("races: a reply that comes after somebody else has settled the attempt changes nothing", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const id = await insertFollowUp(sql);
  const opened = await open(sql, await claim(sql));
  await atOnce(database, 1, async (own) => {
    await own`update public.call_attempts set status = 'ended', ended_at = now(), outcome = 'completed'`;
    await own`update public.follow_ups set status = 'completed', completed_at = now(), lease_token = null`;
  });
  for (const status of ["accepted", "unknown", "not_sent", "postponed", "refused"]) {
    assert.deepEqual(await record(sql, opened, { status, error: "x" }), []);
  }
  assert.equal((await followUp(sql, id)).status, "completed");
});

Deno.test("races: the last look before opening sees a lead that was closed in between", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const lead_id = await insertLead(sql);
  await insertFollowUp(sql, { lead_id });
  const claimed = await claim(sql);
  const [opened] = await Promise.all([
    sql`update public.leads set stage = 'lost' where id = ${lead_id}`.then(() =>
      open(sql, claimed)
    ),
  ]);
  assert.deepEqual(opened, []);
});

// The client gave up on the first and asked again: both run, and the second waits on the first's lock.
Deno.test("races: opening the same attempt twice at once leaves it opened once, under its lease", async () => {
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
  const answers = await atOnce(
    database,
    8,
    async (own) =>
      (await own`select attempt_id from public.open_call_attempts(${items}::text::jsonb)`).length,
  );
  assert.deepEqual(answers, Array(8).fill(1));
  const { attempts, reason, lease_token } = await followUp(sql, id);
  assert.deepEqual([attempts, reason, lease_token], [1, null, row!.lease_token]);
});

import assert from "node:assert/strict";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { insertLead } from "../support/insert_lead.ts";
import { claim, followUp, open, record } from "../support/sql_contract.ts";

Deno.test("claim: takes the due ones, oldest first, each under a token of its own", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const young = await insertFollowUp(sql, { due_at: new Date(Date.now() - 1_000) });
  const old = await insertFollowUp(sql, { due_at: new Date(Date.now() - 9_000) });
  const future = await insertFollowUp(sql, { due_at: new Date(Date.now() + 60_000) });
  const claimed = await claim(sql);
  assert.deepEqual(claimed.map((row) => row.follow_up_id), [old, young]);
  assert.notEqual(claimed[0]!.lease_token, claimed[1]!.lease_token);
  assert.equal((await followUp(sql, future)).lease_token, null);
});

Deno.test("claim: never takes another channel, nor what is not pending", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await insertFollowUp(sql, { channel: "whatsapp" });
  for (const status of ["completed", "skipped", "failed", "cancelled"]) {
    await insertFollowUp(sql, { status });
  }
  assert.deepEqual(await claim(sql), []);
  const [row] =
    await sql`select count(*)::int as n from public.follow_ups where lease_token is not null`;
  assert.equal(row!.n, 0);
});

Deno.test("claim: leaves a running lease alone and takes an expired one under a new token", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await insertFollowUp(sql);
  const [first] = await claim(sql);
  assert.deepEqual(await claim(sql), []);
  await sql`update public.follow_ups set leased_until = now() - interval '1 second'`;
  const [second] = await claim(sql);
  assert.equal(second!.follow_up_id, first!.follow_up_id);
  assert.notEqual(second!.lease_token, first!.lease_token);
});

Deno.test("claim: skips the lead that must not be called, with its reason, and fills the batch", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const ago = (seconds: number) => new Date(Date.now() - seconds * 1000);
  const closed = await insertFollowUp(sql, { lead: { stage: "closed" }, due_at: ago(90) });
  const lost = await insertFollowUp(sql, { lead: { stage: "lost" }, due_at: ago(80) });
  const blank = await insertFollowUp(sql, { lead: { phone: "  " }, due_at: ago(70) });
  const callable = await insertFollowUp(sql, { due_at: ago(60) });
  const claimed = await claim(sql, 1);
  assert.deepEqual(claimed.map((row) => row.follow_up_id), [callable]);
  const reasons = ["Lead is closed", "Lead is lost", "Lead has no phone number"];
  for (const [index, id] of [closed, lost, blank].entries()) {
    const { status, reason } = await followUp(sql, id);
    assert.deepEqual({ status, reason }, { status: "skipped", reason: reasons[index] });
  }
});

Deno.test("claim: a thousand leads that must not be called do not keep the one behind them waiting", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`
    with lead as (
      insert into public.leads (phone, stage)
      select '+1415' || n, 'closed' from generate_series(2000000, 2000999) n returning id
    )
    insert into public.follow_ups (lead_id, due_at) select id, now() - interval '1 day' from lead`;
  const callable = await insertFollowUp(sql);
  assert.deepEqual((await claim(sql, 5)).map((row) => row.follow_up_id), [callable]);
  const [row] =
    await sql`select count(*)::int as n from public.follow_ups where status = 'skipped'`;
  assert.equal(row!.n, 1000);
});

Deno.test("claim: takes one follow-up of a lead, and the next only when the first is settled", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const lead_id = await insertLead(sql);
  const first = await insertFollowUp(sql, { lead_id, due_at: new Date(Date.now() - 9_000) });
  const second = await insertFollowUp(sql, { lead_id });
  await sql`update public.follow_ups set due_at = now() - interval '1 second' where id = ${second}`;
  const claimed = await claim(sql);
  assert.deepEqual(claimed.map((row) => row.follow_up_id), [first]);
  assert.deepEqual(await claim(sql), []);
  await record(sql, await open(sql, claimed), { status: "accepted" });
  assert.deepEqual(await claim(sql), [], "the first call goes on");
  await sql`update public.call_attempts set status = 'ended', ended_at = now()`;
  await sql`update public.follow_ups set due_at = now() where id = ${second}`;
  assert.deepEqual((await claim(sql)).map((row) => row.follow_up_id), [second]);
});

for (const status of ["sending", "unknown"]) {
  Deno.test(`claim: a follow-up with an attempt that is ${status} is held, however late it is`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await insertFollowUp(sql);
    const opened = await open(sql, await claim(sql));
    if (status === "unknown") await record(sql, opened, { status, error: "timeout" });
    const later = await sql`
      select from public.claim_due_follow_ups(50, '1 minute', as_of => now() + interval '30 days')`;
    assert.equal(later.length, 0);
  });
}

Deno.test("claim: takes nothing while paused", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const id = await insertFollowUp(sql);
  await sql`update public.dispatch_settings set paused = true`;
  assert.deepEqual(await claim(sql), []);
  assert.equal((await followUp(sql, id)).lease_token, null);
});

Deno.test("claim: takes no more than there are free slots, claims and live calls counted", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_settings set max_concurrent_calls = 3`;
  for (let n = 0; n < 6; n += 1) await insertFollowUp(sql);
  const first = await claim(sql, 2);
  assert.equal(first.length, 2);
  const second = await claim(sql, 50);
  assert.equal(second.length, 1);
  assert.deepEqual(await claim(sql, 50), []);
  const opened = await open(sql, [...first, ...second]);
  assert.equal(opened.length, 3);
  await record(sql, opened.slice(0, 1), { status: "accepted" });
  assert.deepEqual(await claim(sql, 50), []);
  await record(sql, opened.slice(1, 2), { status: "refused", error: "No" });
  assert.equal((await claim(sql, 50)).length, 1);
});

Deno.test("claim: an accepted call whose end nobody told frees its slot after the longest call", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_settings set max_concurrent_calls = 1`;
  await insertFollowUp(sql);
  await record(sql, await open(sql, await claim(sql)), { status: "accepted" });
  await insertFollowUp(sql);
  assert.deepEqual(await claim(sql), []);
  await sql`update public.call_attempts set opened_at = now() - interval '61 minutes'`;
  assert.equal((await claim(sql)).length, 1);
});

Deno.test("claim: a follow-up whose lead does not exist is skipped and blocks nobody", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`alter table public.follow_ups alter lead_id drop not null`;
  await sql`alter table public.follow_ups drop constraint follow_ups_lead_id_fkey`;
  await sql`insert into public.follow_ups (lead_id, due_at)
    select case when n % 2 = 0 then gen_random_uuid() end, now() - interval '1 day'
    from generate_series(1, 20) n`;
  const callable = await insertFollowUp(sql);
  assert.deepEqual((await claim(sql, 5)).map((row) => row.follow_up_id), [callable]);
  const [row] = await sql`
    select count(*)::int as n from public.follow_ups where reason = 'Lead does not exist'`;
  assert.equal(row!.n, 20);
});

Deno.test("claim: a seeded lead that was called meanwhile is skipped; a recall of it is not", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const seeded = await insertFollowUp(sql, { source: "seed", lead: { call_date: new Date() } });
  const manual = await insertFollowUp(sql, { lead: { call_date: new Date() } });
  assert.deepEqual((await claim(sql)).map((row) => row.follow_up_id), [manual]);
  assert.equal((await followUp(sql, seeded)).reason, "Lead has been called meanwhile");
});

for (const stage of ["Closed", " LOST "]) {
  Deno.test(`claim: the stage "${stage}" of an app that is careless with words is not called`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await sql`alter table public.leads drop constraint stage_is_known`;
    await insertFollowUp(sql, { lead: { stage } });
    assert.deepEqual(await claim(sql), []);
  });
}

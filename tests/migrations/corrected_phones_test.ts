// What was given up for a lead's number is due again when somebody corrects its phone.
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { connect, type Sql } from "../../supabase/local/postgres/connect.ts";
import { insertCall } from "../support/call_event.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { insertLead } from "../support/insert_lead.ts";
import { claim, followUp, open, record } from "../support/sql_contract.ts";

const GIVEN_UP = { status: "failed", reason: "Phone number is not valid" };

async function correct(sql: Sql, lead_id: string): Promise<void> {
  await sql`update public.leads set phone = '+14152000009' where id = ${lead_id}`;
}

for (
  const [name, columns, status] of [
    ["is not valid", GIVEN_UP, "pending"],
    [
      "is not valid by now, after a line was sought for it",
      { ...GIVEN_UP, attempts: 2 },
      "pending",
    ],
    ["is on the stop list", { ...GIVEN_UP, reason: "Number is on the stop list" }, "failed"],
    ["is not the reason", { ...GIVEN_UP, reason: "Not sent, attempt 5: no line" }, "failed"],
    ["is not valid, and not to be called", { ...GIVEN_UP, channel: "whatsapp" }, "failed"],
  ] as const
) {
  Deno.test(`corrected phone: a follow-up whose number ${name} is ${status}`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const lead_id = await insertLead(sql, { phone: "12" });
    const id = await insertFollowUp(sql, { lead_id, ...columns });
    await correct(sql, lead_id);
    assert.equal((await followUp(sql, id)).status, status);
  });
}

Deno.test("corrected phone: a number that Omni refused is called with the new one", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const lead_id = await insertLead(sql);
  const id = await insertFollowUp(sql, { lead_id });
  const opened = await open(sql, await claim(sql));
  await record(sql, opened, { status: "refused", error: "No such number" });
  assert.equal((await followUp(sql, id)).reason, "Refused by Omni: No such number");
  await correct(sql, lead_id);
  assert.deepEqual((await claim(sql)).map((row) => row.phone), ["+14152000009"]);
});

for (const status of ["sending", "unknown", "accepted", "ended"]) {
  Deno.test(`corrected phone: whoever was, or may have been, called is not called again: ${status}`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const { lead_id, follow_up_id } = await insertCall(sql, { status });
    await sql`
      update public.follow_ups set status = 'failed', reason = 'Phone number is not valid'
      where id = ${follow_up_id}`;
    await correct(sql, lead_id);
    assert.equal((await followUp(sql, follow_up_id)).status, "failed");
  });
}

Deno.test("corrected phone: of several that Omni refused one is called", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const lead_id = await insertLead(sql);
  for (const at of [3, 2, 1]) {
    const due_at = new Date(Date.now() - at * 60_000);
    await insertFollowUp(sql, { lead_id, ...GIVEN_UP, due_at, message: `No. ${at}` });
  }
  await correct(sql, lead_id);
  const due = await sql`select message from public.follow_ups where status = 'pending'`;
  assert.deepEqual(due.map((row) => row.message), ["No. 1"]);
});

Deno.test("corrected phone: none is called beside one that is open", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const lead_id = await insertLead(sql, { phone: "12" });
  const failed = await insertFollowUp(sql, { lead_id, ...GIVEN_UP });
  await insertFollowUp(sql, { lead_id });
  await correct(sql, lead_id);
  assert.equal((await followUp(sql, failed)).status, "failed");
});

Deno.test("corrected phone: the same number written in another way is none", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const lead_id = await insertLead(sql, { phone: "+1 (415) 200-0009" });
  const id = await insertFollowUp(sql, { lead_id, status: "failed", reason: "Refused by Omni: x" });
  await correct(sql, lead_id);
  assert.equal((await followUp(sql, id)).status, "failed");
});

Deno.test("corrected phone: the correction stands where the app's database refuses the follow-up", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`create unique index one_each on public.follow_ups (lead_id) where status = 'pending'`;
  const lead_id = await insertLead(sql, { phone: "12" });
  const failed = await insertFollowUp(sql, { lead_id, ...GIVEN_UP });
  await insertFollowUp(sql, { lead_id, channel: "whatsapp" });
  await correct(sql, lead_id);
  assert.equal((await followUp(sql, failed)).status, "failed");
  assert.equal((await sql`select phone from public.leads`)[0]!.phone, "+14152000009");
});

Deno.test("corrected phone: an app that has looked before the claim was opened may correct it", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await insertFollowUp(sql);
  const claimed = await claim(sql);
  const app = connect(database.url, { max: 1 });
  try {
    await app`begin isolation level repeatable read`;
    await app`select count(*) from public.leads`;
    assert.equal((await open(sql, claimed)).length, 1);
    await app`update public.leads set phone = '+14152000009'`;
    await app`commit`;
  } finally {
    await app.end();
  }
});

Deno.test("corrected phone: one that fails for the old number just now is due again", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const { id, items } = await claimedWithBadPhone(sql);
  const [run, app] = [connect(database.url, { max: 1 }), connect(database.url, { max: 1 })];
  try {
    await run`begin`;
    await run`select public.fail_follow_ups(${items}::text::jsonb)`;
    const corrected = app`update public.leads set phone = '+14152000009'`.execute();
    await delay(200);
    await run`commit`;
    await corrected;
  } finally {
    await Promise.all([run.end(), app.end()]);
  }
  assert.equal((await followUp(sql, id)).status, "pending");
});

Deno.test("corrected phone: one whose correction is not committed yet does not fail, and is not waited for", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const { id, items } = await claimedWithBadPhone(sql);
  const app = connect(database.url, { max: 1 });
  try {
    await app`begin`;
    await app`update public.leads set phone = '+14152000009'`;
    const [failed] = await sql`select public.fail_follow_ups(${items}::text::jsonb) as n`;
    assert.equal(failed!.n, 0);
    assert.equal((await claim(sql)).length, 0, "it stays claimed until its lease ends");
    await app`commit`;
  } finally {
    await app.end();
  }
  assert.equal((await followUp(sql, id)).status, "pending");
});

async function claimedWithBadPhone(sql: Sql): Promise<{ id: string; items: string }> {
  const id = await insertFollowUp(sql, { lead: { phone: "12" } });
  const claimed = await claim(sql);
  const reason = "Phone number is not valid";
  return { id, items: JSON.stringify(claimed.map((row) => ({ ...row, reason }))) };
}

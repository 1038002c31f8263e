// An app that merges two leads gives the follow-ups of one to the other, and deletes it: its calls go with them.
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { connect, type Sql } from "../../supabase/local/postgres/connect.ts";
import { againWhileLocked } from "../support/again_while_locked.ts";
import { insertCall, type InsertedCall, recordEvent } from "../support/call_event.ts";
import type { TestDatabase } from "../support/clone_database.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { insertLead } from "../support/insert_lead.ts";
import { claim, open, record } from "../support/sql_contract.ts";

/** Gives all follow-ups of the call's lead to another, and deletes the lead. */
async function merge(sql: Sql, call: Pick<InsertedCall, "lead_id">, kept: string): Promise<void> {
  await sql`update public.follow_ups set lead_id = ${kept} where lead_id = ${call.lead_id}`;
  await sql`delete from public.leads where id = ${call.lead_id}`;
}

async function nobodyAnswered(sql: Sql, { attempt_id }: InsertedCall): Promise<void> {
  await recordEvent(sql, { attempt_id, outcome: "no_answer" });
}

const WISH = "in two hours";

async function wish(sql: Sql, { attempt_id }: InsertedCall): Promise<void> {
  const extracted_variables = { callback_time: WISH };
  await recordEvent(sql, { attempt_id, outcome: "completed", extracted_variables });
}

async function planWish(sql: Sql, { attempt_id }: InsertedCall): Promise<unknown> {
  const [answer] = await sql`
    select public.plan_callback(
      ${attempt_id}, ${WISH}, moment => now() + interval '2 hours') as verdict`;
  return answer!.verdict;
}

/** Does `work` while a merge is under way, which is committed 300 ms later, and returns what comes of it. */
async function whileMerging<T>(
  { url }: TestDatabase,
  call: InsertedCall,
  kept: string,
  work: () => Promise<T>,
): Promise<T> {
  const app = connect(url, { max: 1 });
  try {
    await app`begin`;
    await merge(app, call, kept);
    // On a machine that is slow just now it may wait for longer than it is allowed to.
    const done = againWhileLocked(work);
    await delay(300);
    await app`commit`;
    return await done;
  } finally {
    await app.end();
  }
}

async function leadsToBeTriedAgain(sql: Sql): Promise<string[]> {
  const planned = await sql<{ lead_id: string }[]>`
    select lead_id from public.follow_ups where source = 'recall' and status = 'pending'`;
  return planned.map((row) => row.lead_id);
}

Deno.test("merged leads: the call that nobody answered is tried again for the lead that is kept", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const [kept, call] = [await insertLead(sql), await insertCall(sql)];
  await merge(sql, call, kept);
  await nobodyAnswered(sql, call);
  assert.deepEqual(await leadsToBeTriedAgain(sql), [kept]);
  const [lead] = await sql`
    select call_date is not null as is_called, raw_payload -> 'call' ->> 'outcome' as outcome
    from public.leads where id = ${kept}`;
  assert.deepEqual({ ...lead }, { is_called: true, outcome: "no_answer" });
});

Deno.test("merged leads: a call that is being sent marks the lead that is kept", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const kept = await insertLead(sql);
  await insertFollowUp(sql);
  const opened = await open(sql, await claim(sql));
  const [{ lead_id }] = await sql`select lead_id from public.call_attempts` as [
    { lead_id: string },
  ];
  await merge(sql, { lead_id }, kept);
  await record(sql, opened, { status: "accepted" });
  const [lead] = await sql`
    select stage, raw_payload -> 'dispatch' ->> 'status' as status from public.leads
    where id = ${kept}`;
  assert.deepEqual({ ...lead }, { stage: "contacted", status: "accepted" });
});

for (const status of ["accepted", "unknown"]) {
  Deno.test(`merged leads: the report of a call that was ${status} waits for a merge that is under way`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const [kept, call] = [await insertLead(sql), await insertCall(sql, { status })];
    await whileMerging(database, call, kept, () => nobodyAnswered(sql, call));
    assert.deepEqual(await leadsToBeTriedAgain(sql), [kept]);
    const [lead] = await sql`select stage, call_date from public.leads where id = ${kept}`;
    assert.notEqual(lead!.call_date, null);
    assert.equal(lead!.stage, status === "unknown" ? "contacted" : lead!.stage);
  });
}

Deno.test("merged leads: a wish that is read while they are merged becomes a call of the lead that is kept", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const [kept, call] = [await insertLead(sql), await insertCall(sql)];
  await wish(sql, call);
  const verdict = await whileMerging(database, call, kept, () => planWish(sql, call));
  assert.equal(verdict, "planned");
  assert.deepEqual(await leadsToBeTriedAgain(sql), [kept]);
});

Deno.test("merged leads: what the app refuses while they are merged is tried again for the lead that is kept", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const [kept, call] = [await insertLead(sql), await insertCall(sql)];
  await sql`
    alter table public.leads add constraint none check (stage <> 'contacted' and call_date is null)`;
  await whileMerging(database, call, kept, () => nobodyAnswered(sql, call));
  await sql`alter table public.leads drop constraint none`;
  await sql`select public.settle_parked_events()`;
  assert.deepEqual(await leadsToBeTriedAgain(sql), [kept]);
});

Deno.test("merged leads: the tries of before count for the lead that is kept", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const kept = await insertLead(sql);
  const { lead_id } = await insertCall(sql, { status: "ended", outcome: "no_answer" });
  let last = "";
  for (let n = 1; n <= 4; n += 1) {
    const status = n < 4 ? "ended" : "accepted";
    const outcome = n < 4 ? { outcome: "no_answer" } : {};
    last = (await insertCall(sql, { lead_id, status, ...outcome })).attempt_id;
  }
  await sql`update public.dispatch_settings set max_calls_per_series = 5 where id`;
  await merge(sql, { lead_id }, kept);
  await recordEvent(sql, { attempt_id: last, outcome: "no_answer" });
  assert.deepEqual(await leadsToBeTriedAgain(sql), []);
});

Deno.test("merged leads: what the app refuses at first is tried again for the lead that is kept", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const [kept, call] = [await insertLead(sql), await insertCall(sql)];
  await merge(sql, call, kept);
  await sql`alter table public.leads add constraint none check (stage <> 'contacted')`;
  await nobodyAnswered(sql, call);
  await sql`alter table public.leads drop constraint none`;
  await sql`select public.settle_parked_events()`;
  assert.deepEqual(await leadsToBeTriedAgain(sql), [kept]);
  assert.equal((await sql`select stage from public.leads`)[0]!.stage, "contacted");
});

Deno.test("merged leads: a wish that is read after the merge becomes a call of the lead that is kept", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const [kept, call] = [await insertLead(sql), await insertCall(sql)];
  await wish(sql, call);
  await merge(sql, call, kept);
  assert.equal(await planWish(sql, call), "planned");
  assert.deepEqual(await leadsToBeTriedAgain(sql), [kept]);
});

Deno.test("merged leads: whoever was called is not seeded where the follow-up was skipped", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const [kept, call] = [await insertLead(sql), await insertCall(sql, { status: "ended" })];
  await sql`update public.follow_ups set status = 'skipped' where id = ${call.follow_up_id}`;
  await merge(sql, call, kept);
  const [seeded] = await sql`select public.seed_follow_ups() as n`;
  assert.equal(seeded!.n, 0);
});

Deno.test("merged leads: a call that a person resolves as placed marks the lead that is kept", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const [kept, call] = [await insertLead(sql), await insertCall(sql, { status: "unknown" })];
  await merge(sql, call, kept);
  await sql`select public.resolve_call_attempt(${call.attempt_id}, 'placed')`;
  const [lead] = await sql`select stage from public.leads where id = ${kept}`;
  assert.equal(lead!.stage, "contacted");
});

Deno.test("merged leads: the call of a lead that is still there stays its own", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const [other, call] = [await insertLead(sql), await insertCall(sql)];
  await sql`update public.follow_ups set lead_id = ${other} where id = ${call.follow_up_id}`;
  await nobodyAnswered(sql, call);
  const called = await sql`
    select id from public.leads where call_date is not null or stage = 'contacted'`;
  assert.deepEqual(called.map((row) => row.id), [call.lead_id]);
});

Deno.test("merged leads: a seed is not called after the call of a lead that is kept as lost", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_settings set smallest_gap_per_number = '0' where id`;
  const kept = await insertLead(sql);
  await sql`select public.seed_follow_ups()`;
  const call = await insertCall(sql, { status: "ended", outcome: "completed" });
  await sql`update public.follow_ups set lead_id = ${kept} where id = ${call.follow_up_id}`;
  await sql`update public.leads set stage = 'lost' where id = ${call.lead_id}`;
  assert.deepEqual(await claim(sql), []);
});

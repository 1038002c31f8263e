import assert from "node:assert/strict";
import { connect, type Sql } from "../../supabase/local/postgres/connect.ts";
import { insertCall } from "../support/call_event.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { insertLead } from "../support/insert_lead.ts";
import { claim, open, type Opened, record } from "../support/sql_contract.ts";

async function seed(sql: Sql): Promise<number> {
  const [row] = await sql<{ made: number }[]>`select public.seed_follow_ups() as made`;
  return row!.made;
}

/** A seeded lead for which a call is being sent. */
async function sendingCall(sql: Sql): Promise<{ lead: string; opened: Opened[] }> {
  const lead = await insertLead(sql);
  assert.equal(await seed(sql), 1);
  const opened = await open(sql, await claim(sql));
  assert.equal(opened.length, 1);
  return { lead, opened };
}

async function noted(sql: Sql): Promise<string[]> {
  const rows = await sql<{ lead_id: string }[]>`select lead_id from public.seed_candidates`;
  return rows.map((row) => row.lead_id);
}

const ways: Record<string, (sql: Sql, lead: string) => Promise<unknown>> = {
  deleted: (sql, lead) => sql`delete from public.follow_ups where lead_id = ${lead}`,
  skipped: (sql, lead) =>
    sql`update public.follow_ups set status = 'skipped' where lead_id = ${lead}`,
  "given to another lead": async (sql, lead) => {
    const other = await insertLead(sql, { stage: "closed" });
    await sql`update public.follow_ups set lead_id = ${other} where lead_id = ${lead}`;
  },
};

for (const status of ["postponed", "not_sent", "refused"]) {
  for (const [what, way] of Object.entries(ways)) {
    Deno.test(`note uncalled lead: ${what} while its call was being sent, and ${status}, it is seeded at once`, async () => {
      await using database = await freshDatabase();
      const { sql } = database;
      const { lead, opened } = await sendingCall(sql);
      await way(sql, lead);
      assert.equal(await seed(sql), 0);
      assert.deepEqual(await noted(sql), []);
      assert.equal((await record(sql, opened, { status, error: "x" })).length, 1);
      assert.equal(await seed(sql), 1);
      const [made] = await sql`
        select lead_id, status from public.follow_ups order by created_at desc limit 1`;
      assert.deepEqual({ ...made }, { lead_id: lead, status: "pending" });
    });
  }
}

Deno.test("note uncalled lead: an attempt that is given up as not placed notes its lead, too", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  for (const by of ["the log", "the operator"]) {
    const call = await insertCall(sql, {
      status: "unknown",
      opened_at: new Date(Date.now() - 6e7),
    });
    await sql`delete from public.follow_ups where id = ${call.follow_up_id}`;
    assert.equal(await seed(sql), 0);
    if (by === "the log") {
      const verdicts = [{ attempt_id: call.attempt_id, verdict: "not_placed", reason: "x" }];
      await sql`select public.settle_call_attempts(${JSON.stringify(verdicts)}::text::jsonb)`;
    } else {
      await sql`select public.resolve_call_attempt(${call.attempt_id}, 'not_placed')`;
    }
    assert.equal(await seed(sql), 1, by);
  }
});

Deno.test("note uncalled lead: a call that was placed, or may have been, notes nobody", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  for (const status of ["accepted", "unknown"]) {
    const { lead, opened } = await sendingCall(sql);
    await sql`delete from public.follow_ups where lead_id = ${lead}`;
    assert.equal(await seed(sql), 0);
    await record(sql, opened, { status, error: "x" });
    assert.deepEqual(await noted(sql), []);
  }
});

// Else each "all lines busy" would bring a run at once, which finds them busy.
Deno.test("note uncalled lead: what is put back, given up or cancelled keeps its lead from being noted", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  for (const status of ["postponed", "not_sent", "refused"]) {
    const { opened } = await sendingCall(sql);
    await record(sql, opened, { status, error: "x" });
    await sql`update public.follow_ups set due_at = now() + interval '1 day' where true`;
  }
  const { lead, opened } = await sendingCall(sql);
  await sql`update public.follow_ups set status = 'cancelled' where lead_id = ${lead}`;
  await record(sql, opened, { status: "postponed", error: "x" });
  assert.deepEqual(await noted(sql), []);
});

Deno.test("note uncalled lead: a lead that is closed by now is not noted", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const { lead, opened } = await sendingCall(sql);
  await sql`delete from public.follow_ups where lead_id = ${lead}`;
  await seed(sql);
  await sql`update public.leads set stage = 'closed' where id = ${lead}`;
  await record(sql, opened, { status: "postponed", error: "x" });
  assert.deepEqual(await noted(sql), []);
});

Deno.test("note uncalled lead: another follow-up that is just being deleted does not count", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const { lead, opened } = await sendingCall(sql);
  const other = await insertFollowUp(sql, { lead_id: lead });
  await sql`update public.follow_ups set status = 'skipped' where lead_id = ${lead} and id <> ${other}`;
  assert.equal(await seed(sql), 0);
  const app = connect(database.url, { max: 1 });
  try {
    await app`begin`;
    await app`delete from public.follow_ups where id = ${other}`;
    await record(sql, opened, { status: "postponed", error: "x" });
    await app`commit`;
  } finally {
    await app.end();
  }
  assert.equal(await seed(sql), 1);
});

Deno.test("note freed lead: a follow-up that an app gives to another lead frees its own", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const [from, to] = [await insertLead(sql), await insertLead(sql)];
  const moved = await insertFollowUp(sql, { lead_id: from });
  await insertFollowUp(sql, { lead_id: to });
  const kept = await insertFollowUp(sql, { lead_id: from, channel: "whatsapp" });
  assert.equal(await seed(sql), 0);
  await sql`update public.follow_ups set lead_id = ${to} where id = ${moved}`;
  assert.equal(await seed(sql), 0, "another of its follow-ups stands");
  await sql`update public.follow_ups set lead_id = ${to} where id = ${kept}`;
  assert.equal(await seed(sql), 1);
  const [made] = await sql`select lead_id from public.follow_ups where source = 'seed'`;
  assert.equal(made!.lead_id, from);
  assert.equal((await sql`select from public.given_up_follow_ups`).length, 0);
});

Deno.test("note freed lead: one that failed and is given to another lead was given up once", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const id = await insertFollowUp(sql);
  await sql`update public.follow_ups set status = 'failed' where id = ${id}`;
  await sql`update public.follow_ups set lead_id = ${await insertLead(sql)} where id = ${id}`;
  assert.equal((await sql`select from public.given_up_follow_ups`).length, 1);
});

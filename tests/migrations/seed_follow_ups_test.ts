import assert from "node:assert/strict";
import { connect, type Sql } from "../../supabase/local/postgres/connect.ts";
import { recordEvent } from "../support/call_event.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { insertLead } from "../support/insert_lead.ts";
import { claim, followUp, open, record } from "../support/sql_contract.ts";

async function seed(sql: Sql, size = 500): Promise<number> {
  const [row] = await sql<{ made: number }[]>`select public.seed_follow_ups(${size}) as made`;
  return row!.made;
}

Deno.test("seed: makes one due follow-up for each lead that was never called", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  for (const stage of ["new", "contacted", "visit_scheduled"]) await insertLead(sql, { stage });
  assert.equal(await seed(sql), 3);
  const rows = await sql`
    select status, source, channel, due_at <= now() as due from public.follow_ups`;
  for (const row of rows) {
    assert.deepEqual({ ...row }, {
      status: "pending",
      source: "seed",
      channel: "voice_call",
      due: true,
    });
  }
  assert.equal(await seed(sql), 0);
  assert.equal((await sql`select from public.follow_ups`).length, 3);
});

Deno.test("seed: leaves out every lead that is inactive, has no phone or was called", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  for (const stage of ["visit_done", "closed", "lost"]) await insertLead(sql, { stage });
  for (const phone of [null, "", "   "]) await insertLead(sql, { phone });
  await insertLead(sql, { call_date: new Date() });
  assert.equal(await seed(sql), 0);
  assert.equal((await sql`select from public.follow_ups`).length, 0);
});

for (const status of ["pending", "completed", "failed", "cancelled"]) {
  Deno.test(`seed: a ${status} follow-up, whoever made it, keeps its lead from being seeded`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await insertFollowUp(sql, { status });
    assert.equal(await seed(sql), 0);
  });
}

Deno.test("seed: a skipped follow-up does not keep its lead from being seeded", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await insertFollowUp(sql, { status: "skipped" });
  assert.equal(await seed(sql), 1);
});

Deno.test("seed: a lead is looked at again when it becomes seedable", async (test) => {
  const changes: [string, (sql: Sql, id: string) => Promise<unknown>][] = [
    [
      "given a phone",
      (sql, id) => sql`update public.leads set phone = '+14152000000' where id = ${id}`,
    ],
    ["reopened", (sql, id) => sql`update public.leads set stage = 'new' where id = ${id}`],
    [
      "call date taken back",
      (sql, id) => sql`update public.leads set call_date = null where id = ${id}`,
    ],
  ];
  const before = [{ phone: null }, { stage: "closed" }, { call_date: new Date() }];
  for (const [index, [name, change]] of changes.entries()) {
    await test.step(name, async () => {
      await using database = await freshDatabase();
      const { sql } = database;
      const id = await insertLead(sql, before[index]);
      assert.equal(await seed(sql), 0);
      await change(sql, id);
      assert.equal(await seed(sql), 1);
    });
  }
});

Deno.test("seed: a lead is looked at again when its follow-up is skipped, deleted or truncated", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await insertLead(sql);
  assert.equal(await seed(sql), 1);
  await sql`update public.follow_ups set status = 'skipped'`;
  assert.equal(await seed(sql), 1);
  await sql`delete from public.follow_ups where status = 'pending'`;
  assert.equal(await seed(sql), 1);
  await sql`truncate public.follow_ups`;
  assert.equal(await seed(sql), 1);
});

Deno.test("seed: an accepted call leaves nothing to look at, so the next tick has nothing to do", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await insertLead(sql);
  await seed(sql);
  await sql`update public.follow_ups set status = 'completed'`;
  await sql`update public.leads set stage = 'contacted'`;
  assert.equal((await sql`select from public.seed_candidates`).length, 0);
});

Deno.test("seed: an app's role that may only insert leads is not stopped by the noting", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`grant insert on public.leads to authenticated`;
  await sql`create policy app_inserts on public.leads for insert to authenticated with check (true)`;
  await sql.begin(async (transaction) => {
    await transaction`set local role authenticated`;
    await transaction`insert into public.leads (phone) values ('+14152000001')`;
  });
  assert.equal(await seed(sql), 1);
});

Deno.test("seed: leads written while triggers were off are noted by the daily look", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`alter table public.leads disable trigger user`;
  await insertLead(sql);
  await insertLead(sql, { stage: "closed" });
  await insertFollowUp(sql, { status: "completed" });
  await sql`alter table public.leads enable trigger user`;
  assert.equal(await seed(sql), 0);
  const [row] = await sql`select public.note_unseeded_leads() as noted`;
  assert.equal(row!.noted, 1);
  assert.equal(await seed(sql), 1);
});

Deno.test("seed: makes no more than asked for, and goes on where it stopped", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`insert into public.leads (phone) select '+1415' || n from generate_series(2000000, 2000024) n`;
  assert.deepEqual([await seed(sql, 10), await seed(sql, 10), await seed(sql, 10)], [10, 10, 5]);
});

Deno.test("seed: a lead that was called is not called again when its follow-ups are tidied away", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await insertLead(sql);
  await seed(sql);
  await record(sql, await open(sql, await claim(sql)), { status: "accepted" });
  await sql`truncate public.follow_ups`;
  assert.equal(await seed(sql), 0);
  const [row] = await sql`select public.note_unseeded_leads() as noted`;
  assert.equal(row!.noted, 0);
});

Deno.test("seed: a lead that another program holds is left noted, and the others are seeded", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const held = await insertLead(sql);
  await insertLead(sql);
  const app = connect(database.url, { max: 1 });
  try {
    await app`begin`;
    await app`select from public.leads where id = ${held} for update`;
    assert.equal(await seed(sql), 1);
    await app`rollback`;
  } finally {
    await app.end();
  }
  assert.equal(await seed(sql), 1);
});

Deno.test("seed: candidates whose lead is gone are forgotten", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`insert into public.seed_candidates (lead_id) select gen_random_uuid() from generate_series(1, 700)`;
  await insertLead(sql);
  assert.equal(await seed(sql, 100), 1);
  assert.equal((await sql`select from public.seed_candidates`).length, 0);
});

Deno.test("seed: what is made later has a higher id, by the clock", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  for (let n = 0; n < 3; n += 1) {
    await insertLead(sql);
    assert.equal(await seed(sql), 1);
    await sql`select pg_sleep(0.002)`;
  }
  const rows = await sql<{ id: string; created_at: Date }[]>`
    select id, created_at from public.follow_ups order by created_at`;
  assert.deepEqual(rows.map((row) => row.id).sort(), rows.map((row) => row.id));
  for (const { id, created_at } of rows) {
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]/);
    const ms = Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16);
    assert.ok(Math.abs(ms - created_at.getTime()) < 10_000, id);
  }
});

Deno.test("seed: a lead that is reopened while a claim closes its follow-up stays noted", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const lead = await insertLead(sql);
  await seed(sql);
  await sql`update public.leads set stage = 'closed' where id = ${lead}`;
  await meetHolder(database.url, {
    holder: (other) => other`select from public.claim_due_follow_ups(10)`,
    lead,
  });
});

Deno.test("seed: a lead that is reopened while an app closes its follow-up stays noted", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const lead = await insertLead(sql);
  await seed(sql);
  await sql`update public.leads set stage = 'closed' where id = ${lead}`;
  await meetHolder(database.url, {
    holder: (other) =>
      other`update public.follow_ups set status = 'skipped' where lead_id = ${lead}`,
    lead,
  });
});

/** `holder` closes the lead's follow-up and does not commit; the lead is reopened, and seeded. */
async function meetHolder(
  url: string,
  { holder, lead }: { holder: (other: Sql) => Promise<unknown>; lead: string },
): Promise<void> {
  const [sql, other] = [connect(url, { max: 1 }), connect(url, { max: 1 })];
  try {
    const called = await insertFollowUp(sql, { status: "completed" });
    await other`begin`;
    await holder(other);
    await sql`update public.leads set stage = 'new' where id = ${lead}`;
    assert.equal(await seed(sql), 0);
    const noted = await sql`select lead_id from public.seed_candidates`;
    assert.deepEqual(noted.map((row) => row.lead_id), [lead], "and the others are used up");
    await other`commit`;
    assert.equal(await seed(sql), 1);
    assert.equal((await sql`select from public.seed_candidates`).length, 0);
    assert.equal((await followUp(sql, called)).status, "completed");
  } finally {
    await sql.end();
    await other.end();
  }
}

Deno.test("seed: a follow-up that others held once, and do not any more, uses up its candidate", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await insertFollowUp(sql);
  await sql.begin((holder) => holder`select from public.follow_ups for update`);
  assert.equal(await seed(sql), 0);
  assert.equal((await sql`select from public.seed_candidates`).length, 0);
});

/** From now on one look at candidates, found or not, takes longer than a seed goes on. */
async function slowDown(sql: Sql): Promise<void> {
  await sql`create function public.slow() returns trigger language plpgsql as
    $$ begin perform pg_sleep(2.1); return null; end $$`;
  await sql`create trigger slow after delete on public.seed_candidates
    for each statement execute function public.slow()`;
}

Deno.test("seed: one that stops for time says that it was not through, whatever it has made", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`insert into public.seed_candidates (lead_id) select gen_random_uuid() from generate_series(1, 5)`;
  await insertLead(sql);
  await slowDown(sql);
  assert.equal(await seed(sql, 5), 5);
  assert.equal((await sql`select from public.follow_ups`).length, 0);
  await sql`drop trigger slow on public.seed_candidates`;
  assert.equal(await seed(sql, 5), 1);
});

Deno.test("seed: one that stops for time and met only what others hold is not asked again at once", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  for (let n = 0; n < 3; n += 1) await insertLead(sql);
  await slowDown(sql);
  const app = connect(database.url, { max: 1 });
  try {
    await app`begin`;
    await app`select from public.leads for update`;
    assert.equal(await seed(sql, 2), 0);
    await app`rollback`;
  } finally {
    await app.end();
  }
  assert.equal((await sql`select from public.seed_candidates`).length, 3);
});

Deno.test("seed: the daily job looks for leads that no trigger has noted, and finds only those to be called", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const admin = connect(database.adminUrl, { max: 1 });
  try {
    await admin.begin(async (transaction) => {
      // As when an app loads its leads with the triggers switched off.
      await transaction`set local session_replication_role = replica`;
      await transaction`
        insert into public.leads (customer_name, phone, stage)
        values ('Ada', '+14155550101', 'new'), ('Ben', '+14155550102', 'new'),
          ('Cleo', '+14155550103', 'closed')`;
    });
  } finally {
    await admin.end();
  }
  assert.equal(await seed(sql), 0, "nobody has noted them");
  await sql`select public.purge_dispatch_history()`;
  assert.equal(await seed(sql), 2);
  const rows = await sql`
    select lead.customer_name, follow_up.status, follow_up.due_at <= now() as due
    from public.leads as lead
    left join public.follow_ups as follow_up on follow_up.lead_id = lead.id
    order by lead.customer_name`;
  assert.deepEqual(rows.map((row) => ({ ...row })), [
    { customer_name: "Ada", status: "pending", due: true },
    { customer_name: "Ben", status: "pending", due: true },
    { customer_name: "Cleo", status: null, due: null },
  ]);
  await sql`select public.purge_dispatch_history()`;
  assert.equal(await seed(sql), 0, "they are found once");
});

Deno.test("seed: an app that merges two leads may move the follow-ups of one to the other", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const [kept, merged] = [await insertLead(sql), await insertLead(sql)];
  await sql`select public.seed_follow_ups()`;
  await sql`update public.follow_ups set lead_id = ${kept!} where lead_id = ${merged!}`;
  await sql`delete from public.leads where id = ${merged!}`;
  const claimed = await claim(sql);
  assert.deepEqual(claimed.map((row) => row.lead_id), [kept], "one after the other");
  const [opened] = await open(sql, claimed);
  await record(sql, [opened!], { status: "accepted" });
  await recordEvent(sql, { attempt_id: opened!.attempt_id, outcome: "completed", call_id: "77" });
  assert.deepEqual(await claim(sql), [], "the reason for the other was a first call");
  const statuses = await sql`select status from public.follow_ups order by status`;
  assert.deepEqual(statuses.map(({ status }) => status), ["completed", "skipped"]);
});

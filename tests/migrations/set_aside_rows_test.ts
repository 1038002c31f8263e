// An app's checks and triggers may refuse a row that we write. Such a row waits; nobody else does.
import assert from "node:assert/strict";
import { connect, type Sql } from "../../supabase/local/postgres/connect.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { insertLead } from "../support/insert_lead.ts";
import { claim, followUp } from "../support/sql_contract.ts";

const SHORT = "alter table public.follow_ups add constraint message_is_short " +
  "check (length(message) <= 2000) not valid";

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);

/** Due follow-ups, the oldest first; those at `bad` are refused by a check of the app's from now on. */
async function insertWithBad(sql: Sql, count: number, bad: number[]): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const message = bad.includes(n) ? "x".repeat(3000) : "hello";
    ids.push(await insertFollowUp(sql, { due_at: minutesAgo(count - n), message }));
  }
  await sql.unsafe(SHORT);
  return ids;
}

async function claimedIds(sql: Sql, size = 50): Promise<string[]> {
  return (await claim(sql, size)).map((row) => row.follow_up_id);
}

async function setAside(sql: Sql) {
  return await sql<{ row_id: string; kind: string; error: string; minutes: number }[]>`
    select row_id, kind, error, extract(epoch from until - now())::int / 60 as minutes
    from public.set_aside_rows order by set_aside_at, row_id`;
}

for (const [where, bad] of [["the oldest", 0], ["in the middle", 4], ["the last", 8]] as const) {
  Deno.test(`set aside: a follow-up that cannot be written, ${where}, keeps nobody from being claimed`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const ids = await insertWithBad(sql, 9, [bad]);
    const others = ids.filter((_, index) => index !== bad);
    assert.deepEqual(await claimedIds(sql), others, "all others, oldest first");
    const [aside, ...more] = await setAside(sql);
    assert.equal(more.length, 0);
    assert.equal(aside!.row_id, ids[bad]);
    assert.equal(aside!.kind, "follow_up");
    assert.match(aside!.error, /violates check constraint "message_is_short"/);
    assert.ok(aside!.minutes >= 58 && aside!.minutes <= 60, `${aside!.minutes}`);
    assert.equal((await followUp(sql, ids[bad]!)).lease_token, null);
  });
}

Deno.test("set aside: a claim of one goes past ten bad rows, and fills its batch", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const bad = Array.from({ length: 10 }, (_, n) => n);
  const ids = await insertWithBad(sql, 13, bad);
  assert.deepEqual(await claimedIds(sql, 1), [ids[10]]);
  assert.deepEqual(await claimedIds(sql, 2), [ids[11], ids[12]]);
  assert.equal((await setAside(sql)).length, 10);
});

Deno.test("set aside: the counts of the run are of the rows that were written", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await insertWithBad(sql, 6, [2]);
  await insertFollowUp(sql, { lead: { stage: "closed" }, due_at: minutesAgo(60) });
  const [run] = await sql`
    select id from public.begin_dispatch_run(contract => public.dispatch_contract())`;
  await sql`select * from public.claim_due_follow_ups(50, run_id => ${run!.id})`;
  const [counts] = await sql`select claimed, skipped, put_off from public.dispatch_runs`;
  assert.deepEqual({ ...counts }, { claimed: 5, skipped: 1, put_off: 0 });
});

Deno.test("set aside: it is no work meanwhile, and is tried again after its time", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const [id] = await insertWithBad(sql, 1, [0]);
  assert.deepEqual(await claimedIds(sql), []);
  const [reason] = await sql`select public.claim_stop_reason() as reason`;
  assert.equal(reason!.reason, "drained");
  await sql`alter table public.follow_ups drop constraint message_is_short`;
  assert.deepEqual(await claimedIds(sql), [], "nobody has touched the row");
  await sql`update public.set_aside_rows set until = now() where true`;
  assert.deepEqual(await claimedIds(sql), [id]);
});

Deno.test("set aside: a follow-up that the app has mended is claimed at once", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const [id, other] = await insertWithBad(sql, 2, [0, 1]);
  assert.deepEqual(await claimedIds(sql), []);
  await sql`update public.follow_ups set message = 'short' where id = ${id!}`;
  assert.deepEqual(await claimedIds(sql), [id]);
  assert.equal((await followUp(sql, other!)).lease_token, null);
});

Deno.test("set aside: so many that it is no row's fault wait five minutes only", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`
    insert into public.set_aside_rows (row_id, kind, error, until)
    select gen_random_uuid(), 'follow_up', 'x', now() + interval '1 hour' from generate_series(1, 100)`;
  const [id] = await insertWithBad(sql, 1, [0]);
  assert.deepEqual(await claimedIds(sql), []);
  const found = (await setAside(sql)).find((aside) => aside.row_id === id);
  assert.ok(found !== undefined && found.minutes <= 5, JSON.stringify(found));
});

Deno.test("set aside: what passes, such as a lock that is not given, is no fault of the row", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const ids = [await insertFollowUp(sql), await insertFollowUp(sql)];
  for (const code of ["55P03", "40P01", "40001", "53200", "57P01", "57014"]) {
    await sql.unsafe(`
      create or replace function public.refuse() returns trigger language plpgsql as
      $$ begin raise exception 'passes' using errcode = '${code}'; end $$`);
    await sql`create or replace trigger refuse before update on public.follow_ups
      for each row execute function public.refuse()`;
    await assert.rejects(claim(sql), { code });
  }
  assert.equal((await setAside(sql)).length, 0);
  await sql`drop trigger refuse on public.follow_ups`;
  assert.equal((await claim(sql)).length, ids.length);
});

Deno.test("set aside: what the operator has to mend ends the statement and sets no row aside", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await insertFollowUp(sql);
  const [left] = await claim(sql, 1);
  await sql`update public.follow_ups set leased_until = now() - interval '1 minute'
    where id = ${left!.follow_up_id}`;
  await insertLead(sql);
  for (const code of ["42501", "CD001"]) {
    await sql.unsafe(`
      create or replace function public.refuse() returns trigger language plpgsql as
      $$ begin raise exception 'to be mended' using errcode = '${code}'; end $$`);
    await sql`create or replace trigger refuse before insert or update on public.follow_ups
      for each row execute function public.refuse()`;
    await assert.rejects(claim(sql), { code });
    await assert.rejects(seed(sql), { code });
    await assert.rejects(sql`select public.rescue_stale_attempts()`, { code });
  }
  assert.equal((await setAside(sql)).length, 0);
});

Deno.test("set aside: two claims side by side set aside the bad row alone", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const ids = await insertWithBad(sql, 40, [0]);
  const other = connect(database.url, { max: 1 });
  try {
    const claims = [];
    for (let n = 0; n < 10; n += 1) claims.push(claimedIds(sql, 4), claimedIds(other, 4));
    const claimed = (await Promise.all(claims)).flat();
    assert.deepEqual([...claimed].sort(), ids.slice(1).sort());
    assert.deepEqual((await setAside(sql)).map((aside) => aside.row_id), [ids[0]]);
  } finally {
    await other.end();
  }
});

/** From now on the app refuses a follow-up for each lead of this name. */
async function refuseFollowUpsOf(sql: Sql, name: string): Promise<void> {
  await sql.unsafe(`
    create function public.refuse() returns trigger language plpgsql as $$
    begin
      if (select customer_name from public.leads where id = new.lead_id) = '${name}' then
        raise exception 'app: lead is archived';
      end if;
      return new;
    end $$`);
  await sql`create trigger refuse before insert on public.follow_ups
    for each row execute function public.refuse()`;
}

async function seed(sql: Sql, size = 500): Promise<number> {
  const [row] = await sql<{ made: number }[]>`select public.seed_follow_ups(${size}) as made`;
  return row!.made;
}

Deno.test("set aside: a lead for which no follow-up can be made keeps no other from being seeded", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const leads: string[] = [];
  for (let n = 0; n < 9; n += 1) {
    leads.push(await insertLead(sql, { customer_name: n % 4 === 0 ? "archived" : "ok" }));
  }
  await refuseFollowUpsOf(sql, "archived");
  assert.equal(await seed(sql), 6);
  assert.equal((await sql`select from public.seed_candidates`).length, 0);
  const aside = await setAside(sql);
  assert.deepEqual(
    aside.map((row) => row.row_id).sort(),
    [leads[0], leads[4], leads[8]].sort(),
  );
  assert.deepEqual([aside[0]!.kind, aside[0]!.error], ["lead", "app: lead is archived"]);
  assert.equal(await seed(sql), 0, "not before its time");

  await sql`drop trigger refuse on public.follow_ups`;
  await sql`update public.set_aside_rows set until = now() where row_id = ${leads[4]!}`;
  assert.equal(await seed(sql), 1);
  assert.equal((await setAside(sql)).length, 2);
  const [noted] = await sql`select public.note_unseeded_leads() as n`;
  assert.equal(noted!.n, 2, "the daily look finds the others");
});

Deno.test("set aside: the operator's status says how many, and what the database said", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const warnings = async () => {
    const [row] = await sql<{ warnings: string[] }[]>`select warnings from public.call_status`;
    return row!.warnings.filter((warning) => warning.includes("set_aside_rows"));
  };
  assert.deepEqual(await warnings(), []);
  await insertWithBad(sql, 3, [0, 2]);
  await claim(sql);
  await insertLead(sql, { customer_name: "archived" });
  await refuseFollowUpsOf(sql, "archived");
  await seed(sql);
  assert.deepEqual(await warnings(), [
    'Follow-ups that cannot be written: 2 (see set_aside_rows), the last: new row for relation "follow_ups" ' +
    'violates check constraint "message_is_short"',
    "Leads for which no follow-up can be made: 1 (see set_aside_rows), the last: app: lead is archived",
  ]);
});

Deno.test("set aside: the queue says so of the follow-up, until it is mended", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const [bad] = await insertWithBad(sql, 2, [0]);
  await claim(sql);
  const waitsFor = async () => {
    const rows = await sql<{ waits_for: string }[]>`
      select waits_for from public.call_queue order by follow_up_id = ${bad!} desc`;
    return rows.map((row) => row.waits_for);
  };
  assert.deepEqual(await waitsFor(), [
    'Cannot be written: new row for relation "follow_ups" violates check constraint "message_is_short"',
    "A run is working on it",
  ]);
  await sql`update public.follow_ups set message = 'short' where id = ${bad!}`;
  assert.deepEqual(await waitsFor(), ["Due", "A run is working on it"]);
});

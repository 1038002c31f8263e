import assert from "node:assert/strict";
import { connect, type Sql } from "../../supabase/local/postgres/connect.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { claim, open } from "../support/sql_contract.ts";

const WANTED = ["follow_ups_due", "follow_ups_in_order_of_the_claim", "leads_by_stated_zone"];
const GONE = [
  "follow_ups_due_for_a_call",
  "follow_ups_failed_by_day",
  "follow_ups_seeded_once_per_lead",
];

async function indexes(sql: Sql): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select indexname as name from pg_indexes
    where schemaname = 'public' and tablename in ('leads', 'follow_ups') order by 1`;
  return rows.map(({ name }) => name);
}

/** The indexes as a release before left them. */
async function disarrange(sql: Sql): Promise<void> {
  for (const name of WANTED) await sql.unsafe(`drop index public.${name}`);
  await sql`create index follow_ups_due_for_a_call on public.follow_ups (due_at, id)
    where status = 'pending' and channel = 'voice_call'`;
  await sql`create index follow_ups_failed_by_day on public.follow_ups (updated_at)
    where status = 'failed'`;
  await sql`create unique index follow_ups_seeded_once_per_lead on public.follow_ups (lead_id)
    where source = 'seed' and status <> 'skipped'`;
}

async function arrange(sql: Sql): Promise<string[]> {
  const [row] = await sql<{ not_done: string[] }[]>`select public.arrange_indexes() as not_done`;
  return row!.not_done;
}

async function status(sql: Sql): Promise<string[]> {
  const [row] = await sql<{ warnings: string[] }[]>`select warnings from public.call_status`;
  return row!.warnings.filter((warning) => warning.includes("time zone"));
}

Deno.test("arrange_indexes: the migrations have done it, and doing it again changes nothing", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const before = await indexes(sql);
  assert.deepEqual(WANTED.filter((name) => !before.includes(name)), []);
  assert.deepEqual(GONE.filter((name) => before.includes(name)), []);
  assert.deepEqual(await arrange(sql), []);
  assert.deepEqual(await indexes(sql), before);
});

Deno.test("arrange_indexes: an open transaction of the app keeps nobody waiting, and the night does the rest", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const arranged = await indexes(sql);
  await insertFollowUp(sql);
  await disarrange(sql);
  const before = await indexes(sql);
  await sql.begin(async (app) => {
    await app`update public.leads set source = 'app'`;
    await app`update public.follow_ups set reason = 'app'`;
    const startedAt = performance.now();
    const notDone = await arrange(sql);
    assert.deepEqual(
      notDone.toSorted(),
      [...WANTED, "follow_ups_failed_by_day", "follow_ups_seeded_once_per_lead"].toSorted(),
      "the old due index is not touched before the new one is there",
    );
    assert.ok(performance.now() - startedAt < 8_000, "a second for each");
    assert.deepEqual(await indexes(app as unknown as Sql), before);
  });
  await sql`select public.purge_dispatch_history()`;
  assert.deepEqual(await indexes(sql), arranged);
});

Deno.test("arrange_indexes: without them the views say the same", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  for (
    const time_zone of ["Mars/Olympus", " Mars/Olympus ", "x".repeat(3_000), "Asia/Kolkata", null]
  ) {
    await insertFollowUp(sql, { lead: { time_zone } });
  }
  const queue = () => sql`select * from public.call_queue`;
  const [with_them, said] = [await queue(), await status(sql)];
  assert.deepEqual(said, [
    "Leads with a time zone that is not known, who are not called: 3",
  ]);
  await disarrange(sql);
  assert.deepEqual(await status(sql), said);
  assert.deepEqual(
    (await queue()).map(({ follow_up_id, waits_for }) => [follow_up_id, waits_for]),
    with_them.map(({ follow_up_id, waits_for }) => [follow_up_id, waits_for]),
  );
});

Deno.test("arrange_indexes: zones kept as an enum are left without an index, and are still told", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`drop index public.leads_by_stated_zone`;
  await sql`drop view public.call_status, public.calls_by_hour`;
  await sql`create type public.zone as enum ('Asia/Kolkata', 'Mars/Olympus')`;
  await sql`alter table public.leads
    alter column time_zone type public.zone using time_zone::public.zone`;
  await insertFollowUp(sql, { lead: { time_zone: "Mars/Olympus" } });
  await insertFollowUp(sql, { lead: { time_zone: "Asia/Kolkata" } });
  assert.deepEqual(await arrange(sql), []);
  assert.ok(!(await indexes(sql)).includes("leads_by_stated_zone"));
  const [row] = await sql`select public.leads_without_a_known_zone() as n`;
  assert.equal(row!.n, 1);
});

Deno.test("arrange_indexes: an opening writes its follow-ups to no index anew", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  for (let n = 0; n < 10; n += 1) await insertFollowUp(sql);
  const claimed = await claim(sql);
  // On a connection of its own: what one has done before is counted with it for up to a second.
  const opener = connect(database.url, { max: 1 });
  const [counted] = await opener.begin(async (transaction) => {
    assert.equal((await open(transaction as unknown as Sql, claimed)).length, 10);
    return await transaction`
      select n_tup_upd::int as updated, n_tup_hot_upd::int as in_place
      from pg_stat_xact_user_tables where relname = 'follow_ups' and schemaname = 'public'`;
  }).finally(() => opener.end());
  assert.deepEqual({ ...counted }, { updated: 10, in_place: 10 });
});

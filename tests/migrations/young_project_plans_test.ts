// A connection keeps the plans that it made when the tables were empty. Here one makes them so, the tables
// grow with no analyze, and the database's own counters tell how many rows the same plans then read.
import assert from "node:assert/strict";
import { connect, type Sql } from "../../supabase/local/postgres/connect.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { claim, open, record } from "../support/sql_contract.ts";

const CALLS_BEFORE = 20_000;
const CALLS = 20;

async function callSome(sql: Sql, first: number, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await insertFollowUp(sql, { lead: { phone: `+1415${first + index}` } });
  }
  const opened = await open(sql, await claim(sql, count));
  assert.equal(opened.length, count);
  assert.equal((await record(sql, opened, { status: "accepted" })).length, count);
}

/** An import that the database has looked at, and no call yet. */
async function importLeads(sql: Sql): Promise<void> {
  await sql`
    insert into public.leads (phone, stage)
    select '+1416' || n, 'contacted'
    from generate_series(2000000, ${2000000 + CALLS_BEFORE - 1}::int) n`;
  await sql`
    insert into public.follow_ups (lead_id, status, due_at, completed_at)
    select id, 'completed', now(), now() from public.leads`;
  await sql`vacuum analyze public.leads, public.follow_ups, public.call_attempts`;
}

/** A call for each imported lead, and the database has not looked since. */
async function addCalls(sql: Sql): Promise<void> {
  await sql`
    insert into public.call_attempts
      (follow_up_id, lead_id, lease_token, to_number, status, request_id, sending_until)
    select follow_up.id, lead.id, gen_random_uuid(), lead.phone, 'accepted', '1', now()
    from public.follow_ups as follow_up join public.leads as lead on lead.id = follow_up.lead_id
    where lead.phone like '+1416%'`;
}

/** Omni has told of its lines a moment ago: each claim counts what has been begun since. */
async function tellLines(sql: Sql): Promise<void> {
  await sql`
    update public.provider_account
    set read_at = now(), lines_limit = 1000, lines_in_use = 0, lines_available = 1000 where id`;
}

interface TableRead {
  name: string;
  /** Rows read by scans of the whole table, and by indexes. */
  scanned: number;
  fetched: number;
}

/** What `work` read of our large tables, in one transaction. */
async function rowsRead(sql: Sql, work: (sql: Sql) => Promise<void>): Promise<TableRead[]> {
  return await sql.begin(async (transaction) => {
    const own = transaction as unknown as Sql;
    // What the connection has read in earlier transactions is counted here too, for up to a second.
    const before = await readSoFar(own);
    await work(own);
    return (await readSoFar(own)).map(({ name, scanned, fetched }, index) => ({
      name,
      scanned: scanned - (before[index]?.scanned ?? 0),
      fetched: fetched - (before[index]?.fetched ?? 0),
    }));
  });
}

function readSoFar(sql: Sql): Promise<TableRead[]> {
  return sql<TableRead[]>`
    select relname as name, seq_tup_read::int as scanned, coalesce(idx_tup_fetch, 0)::int as fetched
    from pg_stat_xact_user_tables
    where schemaname = 'public' and relname in ('leads', 'follow_ups', 'call_attempts')
    order by relname`;
}

Deno.test("plans: those made on empty tables still read a few rows of twenty thousand", async () => {
  await using database = await freshDatabase();
  const sql = connect(database.url, { max: 1 });
  try {
    for (const table of ["leads", "follow_ups", "call_attempts"]) {
      await sql.unsafe(`alter table public.${table} set (autovacuum_enabled = false)`);
    }
    await importLeads(sql);
    await tellLines(sql);
    // More often than a statement's plans are made for its parameters.
    for (let time = 0; time < 7; time += 1) await callSome(sql, 2000000 + 10 * time, 3);
    await addCalls(sql);
    await tellLines(sql);
    const tables = await rowsRead(sql, (own) => callSome(own, 3000000, CALLS));
    const read = tables.reduce((sum, table) => sum + table.scanned + table.fetched, 0);
    assert.ok(read < 100 * CALLS, `read for ${CALLS} calls: ${JSON.stringify(tables)}`);
    const [left] = await sql`
      select count(*)::int as n from public.call_attempts where status <> 'accepted'`;
    assert.equal(left!.n, 0);
  } finally {
    await sql.end();
  }
});

// An operator's table editor reads the views by the page, in an order of its choice, and counts their rows.
// The database's own counters tell whether that judges the rows that are shown, or all that wait.
import assert from "node:assert/strict";
import { connect, type Sql } from "../../supabase/local/postgres/connect.ts";
import type { TestDatabase } from "../support/clone_database.ts";
import { freshDatabase } from "../support/fresh_database.ts";

const LEADS = 20_000;
const CALLBACKS = 3;
const PAGE = 100;

/** Leads that wait for a call in the days to come, were called today, or have failed today. */
async function fill(sql: Sql): Promise<void> {
  for (const table of ["leads", "follow_ups", "call_attempts"]) {
    await sql.unsafe(`alter table public.${table} set (autovacuum_enabled = false)`);
  }
  await sql`
    insert into public.leads (phone, stage, time_zone)
    select '+1415' || n, 'contacted', (array['America/New_York', 'Mars/Olympus', null])[n % 3 + 1]
    from generate_series(2000000, ${2000000 + LEADS - 1}::int) n`;
  await sql`
    insert into public.follow_ups (lead_id, due_at, is_callback)
    select id, now() + interval '1 hour' + random() * interval '30 days', row_number() over () <= ${CALLBACKS}
    from public.leads`;
  await sql`
    insert into public.follow_ups (lead_id, status, source)
    select id, 'completed', 'seed' from public.leads`;
  await sql`
    update public.follow_ups set status = 'failed'
    where status = 'completed' and lead_id in (select id from public.leads where phone like '%7')`;
  await sql`
    insert into public.call_attempts
      (follow_up_id, lead_id, lease_token, to_number, status, request_id, opened_at, sending_until, ended_at,
        outcome)
    select id, lead_id, gen_random_uuid(), '+14155550100', 'ended', '1', now() - interval '1 year', now(), now(),
      'completed'
    from public.follow_ups where status = 'completed'`;
  // They have been called: none is to be seeded.
  await sql`truncate public.seed_candidates`;
}

interface Read {
  leads: number;
  follow_ups: number;
  call_attempts: number;
}

/** Rows of each large table that `query` reads, by whatever way, and what it returns. */
async function read(sql: Sql, query: string) {
  return await sql.begin(async (transaction) => {
    const rows = [...await transaction.unsafe(query)];
    const tables = await transaction<{ name: string; read: number }[]>`
      select relname as name, (seq_tup_read + coalesce(idx_tup_fetch, 0))::int as read
      from pg_stat_xact_user_tables
      where schemaname = 'public' and relname in ('leads', 'follow_ups', 'call_attempts')`;
    const counts = Object.fromEntries(tables.map((table) => [table.name, table.read]));
    return { rows, read: counts as unknown as Read };
  });
}

async function readAnew(database: TestDatabase, query: string) {
  // Of its own, because the counters of a connection are added up for up to a second.
  const sql = connect(database.url, { max: 1 });
  try {
    return await read(sql, query);
  } finally {
    await sql.end();
  }
}

for (const statistics of ["none", "of all tables"]) {
  Deno.test(`view plans: a page of call_queue judges that page alone, statistics: ${statistics}`, async (test) => {
    await using database = await freshDatabase();
    await fill(database.sql);
    if (statistics !== "none") await database.sql`vacuum analyze`;
    await test.step("the first page, callbacks in front", async () => {
      const { rows, read } = await readAnew(
        database,
        `select * from public.call_queue limit ${PAGE}`,
      );
      assert.equal(rows.length, PAGE);
      assert.deepEqual(
        rows.map((row) => row.is_callback),
        rows.map((_, index) => index < CALLBACKS),
      );
      const due = rows.slice(CALLBACKS).map((row) => Number(row.due_at));
      assert.deepEqual(due, due.toSorted((one, other) => one - other));
      assert.ok(Math.max(read.leads, read.follow_ups) <= 10 * PAGE, JSON.stringify(read));
    });
    await test.step("a page in an order of one's own", async () => {
      const { rows, read } = await readAnew(
        database,
        `select * from public.call_queue order by due_at desc nulls last limit ${PAGE}`,
      );
      assert.equal(rows.length, PAGE);
      // All are put in order; the lead is only looked up of those that are judged.
      assert.ok(read.leads <= 10 * PAGE, JSON.stringify(read));
    });
    await test.step("the number of rows", async () => {
      const { rows, read } = await readAnew(
        database,
        "select count(*)::int from public.call_queue",
      );
      assert.deepEqual([rows[0]!.count, read.leads], [LEADS, 0]);
    });
    await test.step("one lead", async () => {
      const [lead] = await database.sql`select id from public.leads limit 1`;
      const { rows, read } = await readAnew(
        database,
        `select * from public.call_queue where lead_id = '${lead!.id}'`,
      );
      assert.equal(rows.length, 1);
      // Without statistics each index of what waits seems to hold one row, and is read once.
      const most = statistics === "none" ? LEADS + 20 : 20;
      assert.ok(read.leads + read.follow_ups <= most, JSON.stringify(read));
    });
  });

  Deno.test(`view plans: call_status reads what it tells and not all leads, statistics: ${statistics}`, async () => {
    await using database = await freshDatabase();
    await fill(database.sql);
    if (statistics !== "none") await database.sql`vacuum analyze`;
    const { rows: [status], read } = await readAnew(database, "select * from public.call_status");
    assert.deepEqual([status!.failed_today, status!.called_today], [LEADS / 10, 0]);
    assert.ok(
      status!.warnings.includes(
        "Leads with a time zone that is not known, who are not called: 1000",
      ),
    );
    // Those of 1,000 leads in a zone that is not known, and what was given up today.
    assert.ok(read.leads <= 1_100 && read.follow_ups <= LEADS / 10 + 100, JSON.stringify(read));
    assert.equal(read.call_attempts, 0);
    const [plan] = await database.sql`explain (format json) select * from public.call_status`;
    const [{ Plan: { "Total Cost": cost } }] = plan!["QUERY PLAN"];
    // Above 100,000 (jit_above_cost) a server compiles the view for longer than it then runs.
    assert.ok(cost < 50_000, `total cost ${cost}`);
  });
}

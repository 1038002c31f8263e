// Whole hours are added up, so that a claim does not count a month. What was added up must stay exact when
// a call of it changes, and when it changes at the very moment of adding up: that takes two connections.
import assert from "node:assert/strict";
import fc from "fast-check";
import { connect, type Sql } from "../../supabase/local/postgres/connect.ts";
import { atOnce } from "../support/at_once.ts";
import { eventually } from "../support/eventually.ts";
import { freshDatabase } from "../support/fresh_database.ts";

const PLACED = ["sending", "accepted", "unknown", "ended"];
const NOON = "2026-11-24T12:00:00Z";

/** A database in which nothing has been added up, as if it were older than the moments of the test. */
async function freshHistory() {
  const database = await freshDatabase();
  await database.sql`delete from public.call_totals where true`;
  return database;
}

/** A call with these columns; returns its id. */
async function call(sql: Sql, columns: Record<string, unknown>): Promise<string> {
  const row = {
    follow_up_id: crypto.randomUUID(),
    lead_id: crypto.randomUUID(),
    lease_token: crypto.randomUUID(),
    to_number: `+1415${2_000_000 + Math.floor(Math.random() * 7_000_000)}`,
    status: "ended",
    request_id: "7",
    opened_at: NOON,
    sending_until: NOON,
    ...columns,
  };
  const [attempt] = await sql<{ id: string }[]>`
    insert into public.call_attempts ${sql(row)} returning id`;
  return attempt!.id;
}

async function sumUp(sql: Sql, asOf: string): Promise<number> {
  const [row] = await sql`select public.sum_up_calls(${asOf}) as calls`;
  return row!.calls;
}

/** What is said of the calls since a moment, as text; first what was placed, by every single row. */
async function bothCounts(sql: Sql, began: string): Promise<[unknown, unknown]> {
  const [counted] = await sql`
    select count(*)::text as calls, trim_scale(coalesce(sum(call_cost), 0))::text as cost,
      count(*) filter (where call_cost is null)::text as calls_without_cost
    from public.call_attempts where status in ${sql(PLACED)} and opened_at >= ${began}`;
  const [told] = await sql`
    select calls::text, trim_scale(cost)::text as cost, calls_without_cost::text
    from public.calls_placed_since(${began})`;
  return [{ ...counted }, { ...told }];
}

async function assertExact(sql: Sql, began: string): Promise<void> {
  const [counted, told] = await bothCounts(sql, began);
  assert.deepEqual(told, counted, began);
}

Deno.test("call totals: hours that are over are added up, the others are counted, and nothing twice", async () => {
  await using database = await freshHistory();
  const { sql } = database;
  for (const time of ["09:00:00", "09:59:59.999", "10:00", "11:30", "12:10"]) {
    await call(sql, { opened_at: `2026-11-24T${time}Z`, call_cost: 0.5 });
  }
  assert.equal(await sumUp(sql, "2026-11-24T11:14:59Z"), 2);
  assert.equal(await sumUp(sql, "2026-11-24T11:15:00Z"), 1);
  assert.equal(await sumUp(sql, "2026-11-24T11:20:00Z"), 0);
  const totals = await sql`select hour, calls from public.call_totals order by hour`;
  assert.deepEqual(totals.map((row) => [row.hour.toISOString().slice(11, 16), row.calls]), [
    ["09:00", 2],
    ["10:00", 1],
  ]);
  for (const began of ["09:00", "09:30", "10:00", "10:30", "11:00", "11:45", "23:00"]) {
    await assertExact(sql, `2026-11-24T${began}:00Z`);
  }
});

const late: [string, (sql: Sql, id: string) => Promise<unknown>][] = [
  [
    "is told its cost",
    (sql, id) => sql`update public.call_attempts set call_cost = 3 where id = ${id}`,
  ],
  [
    "was never placed",
    (sql, id) => sql`update public.call_attempts set status = 'abandoned' where id = ${id}`,
  ],
  ["was placed in another hour", (sql, id) =>
    sql`
      update public.call_attempts set opened_at = '2026-11-24T09:10:00Z' where id = ${id}`],
  ["was placed just now", (sql, id) =>
    sql`
      update public.call_attempts set opened_at = ${NOON} where id = ${id}`],
  ["is deleted", (sql, id) => sql`delete from public.call_attempts where id = ${id}`],
  ["is deleted with all others", (sql) => sql`truncate public.call_attempts`],
  [
    "has one beside it that is noted late",
    (sql) => call(sql, { opened_at: "2026-11-24T10:20:00Z", call_cost: 7 }),
  ],
];

for (const [what, change] of late) {
  Deno.test(`call totals: exact when a call of an hour added up ${what}`, async () => {
    await using database = await freshHistory();
    const { sql } = database;
    const id = await call(sql, { opened_at: "2026-11-24T10:30:00Z", status: "unknown" });
    await call(sql, { opened_at: "2026-11-24T10:40:00Z", call_cost: 1 });
    await sumUp(sql, NOON);
    await change(sql, id);
    for (const began of ["2026-11-01T00:00:00Z", "2026-11-24T10:00:00Z", NOON]) {
      await assertExact(sql, began);
    }
    await sumUp(sql, "2026-11-24T13:30:00Z");
    await assertExact(sql, "2026-11-01T00:00:00Z");
    const hours = await sql`select hour from public.call_totals group by hour having count(*) > 1`;
    assert.equal(hours.length, 0, "what was noted late is put into its hour");
  });
}

Deno.test("call totals: a call that was not placed and comes to count is added", async () => {
  await using database = await freshHistory();
  const { sql } = database;
  const id = await call(sql, { opened_at: "2026-11-24T10:30:00Z", status: "abandoned" });
  await sumUp(sql, NOON);
  await sql`update public.call_attempts set status = 'ended', call_cost = 2 where id = ${id}`;
  await assertExact(sql, "2026-11-24T00:00:00Z");
  const [counted] = await bothCounts(sql, "2026-11-24T00:00:00Z");
  assert.deepEqual(counted, { calls: "1", cost: "2", calls_without_cost: "0" });
});

Deno.test("call totals: a person who is erased was called all the same", async () => {
  await using database = await freshHistory();
  const { sql } = database;
  for (let n = 0; n < 3; n += 1) {
    await call(sql, {
      to_number: "+14155550123",
      opened_at: "2026-11-24T10:30:00Z",
      ended_at: "2026-11-24T10:31:00Z",
      call_cost: 0.2,
    });
  }
  await sumUp(sql, NOON);
  const before = await bothCounts(sql, "2026-11-24T00:00:00Z");
  await sql`select public.erase_person('+14155550123')`;
  const erased = await sql`select from public.call_attempts where erased_at is not null`;
  assert.equal(erased.length, 3);
  assert.deepEqual(await bothCounts(sql, "2026-11-24T00:00:00Z"), before);
});

Deno.test("call totals: random histories, added up in between, are counted like their rows", async () => {
  await using database = await freshHistory();
  const { sql } = database;
  const minute = fc.integer({ min: 0, max: 47 * 60 });
  const at = (minutes: number) => new Date(Date.parse(NOON) + minutes * 60_000).toISOString();
  const step = fc.oneof(
    fc.record({
      kind: fc.constant("call"),
      at: minute,
      status: fc.constantFrom(...PLACED, "refused"),
    }),
    fc.record({
      kind: fc.constant("change"),
      at: minute,
      status: fc.constantFrom("ended", "abandoned"),
    }),
    fc.record({ kind: fc.constant("cost"), at: minute, status: fc.constant("") }),
    fc.record({ kind: fc.constant("sum"), at: minute, status: fc.constant("") }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), minute, async (steps, began) => {
      await sql`truncate public.call_attempts`;
      for (const { kind, at: minutes, status } of steps) {
        if (kind === "call") await call(sql, { opened_at: at(minutes), status });
        if (kind === "sum") await sumUp(sql, at(minutes));
        const nearest = sql`(select id from public.call_attempts
          order by abs(extract(epoch from opened_at - ${at(minutes)})) limit 1)`;
        if (kind === "change") {
          await sql`update public.call_attempts set status = ${status} where id = ${nearest}`;
        }
        if (kind === "cost") {
          await sql`update public.call_attempts set call_cost = ${minutes} where id = ${nearest}`;
        }
      }
      await assertExact(sql, at(began));
      await assertExact(sql, at(0));
    }),
    { numRuns: 60 },
  );
});

Deno.test("call totals: races: what somebody is just changing is not added up before it is committed", async () => {
  await using database = await freshHistory();
  const { sql } = database;
  const id = await call(sql, { opened_at: "2026-11-24T10:30:00Z" });
  const writer = await sql.reserve();
  await writer`begin`;
  await writer`update public.call_attempts set call_cost = 4 where id = ${id}`;
  assert.equal(await sumUp(sql, NOON), 0, "it waits for a tenth of a second and gives up");
  assert.equal((await sql`select from public.call_totals`).length, 0);
  const summing = sumUp(sql, NOON);
  await writer`commit`;
  writer.release();
  assert.equal(await summing, 1);
  await assertExact(sql, "2026-11-24T00:00:00Z");
});

Deno.test("call totals: races: a change waits for those who add up, and then counts", async () => {
  await using database = await freshHistory();
  const { sql } = database;
  const id = await call(sql, { opened_at: "2026-11-24T10:30:00Z" });
  const summing = await sql.reserve();
  await summing`begin`;
  await summing`select public.sum_up_calls(${NOON})`;
  const change = sql`update public.call_attempts set call_cost = 4 where id = ${id}`.execute();
  await eventually("the change waits", async () => {
    const waits = await sql`select from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`;
    return waits.length > 0 ? true : undefined;
  });
  await summing`commit`;
  summing.release();
  await change;
  await assertExact(sql, "2026-11-24T00:00:00Z");
  const [counted] = await bothCounts(sql, "2026-11-24T00:00:00Z");
  assert.deepEqual(counted, { calls: "1", cost: "4", calls_without_cost: "0" });
});

function hoursAgo(hours: number): string {
  return new Date(Date.now() - hours * 3_600_000).toISOString();
}

for (const statement of ["invoke_call_dispatch()", "purge_dispatch_history()"]) {
  Deno.test(`call totals: races: who holds the sums keeps ${statement} from nothing but adding up`, async () => {
    await using database = await freshHistory();
    const { sql } = database;
    const ended = { status: "ended", outcome: "completed", ended_at: hoursAgo(6) };
    const id = await call(sql, { opened_at: hoursAgo(6), ...ended });
    await sumUp(sql, hoursAgo(3));
    // A second row of that hour, which wants to be added to the first.
    await sql`update public.call_attempts set call_cost = 4 where id = ${id}`;
    const before = await sql`select id from public.call_totals order by id`;
    const holder = await sql.reserve();
    await holder`begin`;
    await holder`select from public.call_totals for update`;
    await sql.unsafe(`select public.${statement}`);
    const [beat] = await sql`select last_tick_at from public.dispatch_heartbeat`;
    if (statement.startsWith("invoke")) assert.ok(beat!.last_tick_at, "it has ticked");
    assert.deepEqual(await sql`select id from public.call_totals order by id`, before);
    await holder`rollback`;
    holder.release();
    await assertExact(sql, hoursAgo(24));
  });
}

Deno.test("call totals: a transaction that does not see what is committed meanwhile adds nothing up", async () => {
  await using database = await freshHistory();
  const { sql } = database;
  await call(sql, { opened_at: "2026-11-24T10:30:00Z" });
  const added = await sql.begin(
    "isolation level repeatable read",
    async (own) => await own`select public.sum_up_calls(${NOON}) as calls`,
  );
  assert.equal(added[0]!.calls, 0);
  assert.equal(await sumUp(sql, NOON), 1);
});

Deno.test("call totals: races: twenty that add up at once add up once", async () => {
  await using database = await freshHistory();
  const { sql } = database;
  for (let n = 0; n < 50; n += 1) {
    await call(sql, { opened_at: `2026-11-24T${String(n % 10).padStart(2, "0")}:30:00Z` });
  }
  const added = await atOnce(database, 20, (own) => sumUp(own, NOON));
  assert.deepEqual(added.toSorted((a, b) => b - a).slice(0, 2), [50, 0]);
  await assertExact(sql, "2026-11-24T00:00:00Z");
});

for (const statement of ["invoke_call_dispatch()", "purge_dispatch_history()"]) {
  Deno.test(`call totals: ${statement} adds up what is over`, async () => {
    await using database = await freshHistory();
    const { sql } = database;
    await call(sql, { opened_at: new Date(Date.now() - 3 * 3_600_000) });
    await call(sql, { opened_at: new Date() });
    await sql`select vault.create_secret('https://project.test', 'project_url')`;
    await sql`select vault.create_secret('secret', 'cron_job_secret')`;
    await sql.unsafe(`select public.${statement}`);
    const [row] = await sql`select sum(calls)::int as calls from public.call_totals`;
    assert.equal(row!.calls, 1);
  });
}

Deno.test("call totals: another default time zone is another day, and right at once", async () => {
  await using database = await freshHistory();
  const { sql } = database;
  for (let hour = 0; hour < 24; hour += 1) {
    await call(sql, { opened_at: `2026-11-23T${String(hour).padStart(2, "0")}:40:00Z` });
  }
  await sumUp(sql, NOON);
  await sql`update public.dispatch_settings set max_calls_per_day = 100 where id`;
  // 06:00 UTC of the 24th: in India the day began at 18:30 of the 23rd, in Los Angeles at 08:00.
  const zones = { "UTC": 100, "Asia/Kolkata": 94, "Asia/Kathmandu": 94, "America/Los_Angeles": 84 };
  for (const [zone, left] of Object.entries(zones)) {
    await sql`update public.dispatch_settings set default_time_zone = ${zone} where id`;
    const [row] = await sql`select calls from public.call_allowance(as_of => '2026-11-24T06:00Z')`;
    assert.equal(row!.calls, left, zone);
  }
});

/** How many entries of the indexes of calls `statement` has read, and its first row. */
async function entriesRead(sql: Sql, statement: string): Promise<[number, unknown]> {
  return await sql.begin(async (transaction) => {
    // Counted since the last time that the statistics were sent on.
    const read = async () => {
      const [row] = await transaction<{ entries: number }[]>`
        select sum(pg_stat_get_xact_tuples_returned(indexrelid))::int as entries
        from pg_index
        where indrelid in ('public.call_attempts'::regclass, 'public.call_totals'::regclass)`;
      return row!.entries;
    };
    const before = await read();
    const [row] = await transaction.unsafe(statement);
    const entries = await read() - before;
    const scans = await transaction`
      select relname from pg_stat_xact_user_tables
      where relname in ('call_attempts', 'call_totals') and seq_scan > 0`;
    assert.deepEqual([...scans], [], statement);
    return [entries, row];
  });
}

Deno.test("plans: with 300,000 calls in the month the limits of day and month read few rows", async () => {
  await using database = await freshHistory();
  const sql = connect(database.url, { max: 1 });
  try {
    // Of 29 days, ten hours a day.
    await sql`
      insert into public.call_attempts
        (follow_up_id, lead_id, lease_token, to_number, status, opened_at, sending_until, ended_at,
          call_cost)
      select gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), '+1' || 2000000000 + n,
        'ended', moment, moment, moment, 0.1
      from generate_series(0, 299999) as n
      cross join lateral (
        select timestamptz '2026-11-01T09:00Z' + n / 10345 * interval '1 day'
          + n % 10345 * interval '36000 seconds' / 10345 as moment
      ) as placed`;
    await sql`vacuum analyze public.call_attempts`;
    await sql`update public.dispatch_settings set max_calls_per_day = 20000,
      max_calls_per_month = 1000000, max_spend_per_month = 100000, expected_call_cost = 1 where id`;
    const now = "2026-11-29T18:30:00Z";
    const ask = `select calls from public.call_allowance(as_of => '${now}')`;
    const [before, answer] = await entriesRead(sql, ask);
    assert.ok(before > 300_000, `${before} entries, without sums`);
    await sql`select public.sum_up_calls(${now})`;
    for (let time = 1; time <= 7; time += 1) {
      const [after, again] = await entriesRead(sql, ask);
      assert.ok(after < 2_500, `${after} entries, time ${time}`);
      assert.deepEqual(again, answer);
    }
  } finally {
    await sql.end();
  }
});

Deno.test("plans: with 20,000 calls that ended within the minute the free lines are counted from those that live", async () => {
  await using database = await freshHistory();
  const sql = connect(database.url, { max: 1 });
  try {
    await sql`
      insert into public.call_attempts
        (follow_up_id, lead_id, lease_token, to_number, status, request_id, opened_at, sending_until,
          ended_at)
      select gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), '+1' || 2000000000 + n,
        case when n % 1000 = 0 then 'accepted' else 'ended' end, n,
        timestamptz '2026-11-29T18:29:30Z', now(), case when n % 1000 > 0 then now() end
      from generate_series(0, 19999) as n`;
    await sql`update public.dispatch_settings set max_concurrent_calls = 50 where id`;
    await sql`update public.provider_account set read_at = '2026-11-29T18:29:20Z',
      lines_limit = 100, lines_in_use = 0, lines_available = 100 where id`;
    const ask = "select calls from public.call_allowance(as_of => '2026-11-29T18:30:00Z')";
    for (const analyzed of [false, true]) {
      if (analyzed) await sql`vacuum analyze public.call_attempts`;
      const [entries, answer] = await entriesRead(sql, ask);
      assert.deepEqual(answer, { calls: 30 });
      assert.ok(entries < 200, `${entries} entries, ${analyzed ? "with" : "without"} statistics`);
    }
  } finally {
    await sql.end();
  }
});

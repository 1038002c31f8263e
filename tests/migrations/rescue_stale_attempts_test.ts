import assert from "node:assert/strict";
import { connect, type Sql } from "../../supabase/local/postgres/connect.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { beginRun, claim, followUp, open, record } from "../support/sql_contract.ts";

async function rescue(sql: Sql, later: string): Promise<number> {
  const [row] = await sql<{ n: number }[]>`
    select public.rescue_stale_attempts(as_of => now() + ${later}::interval) as n`;
  return row!.n;
}

async function attempt(sql: Sql) {
  const [row] = await sql`select status, outcome, ended_at from public.call_attempts`;
  return { ...row };
}

Deno.test("rescue: sending past its time becomes unknown, and its follow-up stays held", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const id = await insertFollowUp(sql);
  await open(sql, await claim(sql));
  assert.equal(await rescue(sql, "1 minute"), 0);
  assert.equal((await attempt(sql)).status, "sending");
  assert.equal(await rescue(sql, "1 hour"), 1);
  assert.equal((await attempt(sql)).status, "unknown");
  const row = await followUp(sql, id);
  assert.match(row.reason!, /^Held, the call may have been placed/);
  assert.equal(row.status, "pending");
  assert.deepEqual(await claim(sql), []);
});

Deno.test("rescue: accepted past the longest call is over, without an outcome", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await insertFollowUp(sql);
  await record(sql, await open(sql, await claim(sql)), { status: "accepted" });
  await rescue(sql, "59 minutes");
  assert.equal((await attempt(sql)).status, "accepted");
  await rescue(sql, "61 minutes");
  const { status, outcome, ended_at } = await attempt(sql);
  assert.equal(status, "ended");
  assert.equal(outcome, null);
  assert.ok(ended_at instanceof Date);
});

Deno.test("rescue: an unknown attempt never changes because time has passed", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await insertFollowUp(sql);
  await record(sql, await open(sql, await claim(sql)), { status: "unknown", error: "x" });
  assert.equal(await rescue(sql, "10 years"), 0);
  assert.equal((await attempt(sql)).status, "unknown");
});

Deno.test("rescue: frees the claims of a run that died before it opened them", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const id = await insertFollowUp(sql);
  await claim(sql, 1, "2 minutes");
  assert.equal(await rescue(sql, "1 minute"), 0);
  assert.equal(await rescue(sql, "3 minutes"), 1);
  assert.equal((await followUp(sql, id)).lease_token, null);
  assert.equal((await claim(sql)).length, 1);
});

Deno.test("rescue: closes the run that never told its end", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await beginRun(sql);
  await rescue(sql, "14 minutes");
  const open_ = await sql`select from public.dispatch_runs where finished_at is null`;
  assert.equal(open_.length, 1);
  await rescue(sql, "16 minutes");
  const [run] = await sql`select stop_reason, error from public.dispatch_runs`;
  assert.equal(run!.stop_reason, "error");
  assert.match(run!.error, /^The run did not report its end/);
});

/** Follow-ups with an attempt each that is past its time, of a run that has died; their ids in order. */
async function insertStale(sql: Sql, count: number): Promise<string[]> {
  for (let n = 0; n < count; n += 1) await insertFollowUp(sql);
  const opened = await open(sql, await claim(sql));
  await sql`update public.call_attempts set sending_until = now() - interval '1 minute'`;
  return opened.map((one) => one.follow_up_id).sort();
}

async function attemptsByStatus(sql: Sql): Promise<Record<string, number>> {
  const rows = await sql<{ status: string; n: number }[]>`
    select status, count(*)::int as n from public.call_attempts group by status`;
  return Object.fromEntries(rows.map((row) => [row.status, row.n]));
}

Deno.test("rescue: a follow-up that an app holds stops nobody else's rescue, and is not waited for", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const [held, , gone] = await insertStale(sql, 4);
  await sql`update public.follow_ups set status = 'cancelled' where id = ${gone!}`;
  const app = connect(database.url, { max: 1 });
  try {
    await app`begin`;
    await app`update public.follow_ups set message = 'app' where id = ${held!}`;
    assert.equal(await rescue(sql, "0"), 3);
    assert.deepEqual(await attemptsByStatus(sql), { sending: 1, unknown: 3 });
    await app`commit`;
  } finally {
    await app.end();
  }
  assert.equal(await rescue(sql, "0"), 1);
  assert.match((await followUp(sql, held!)).reason!, /^Held/);
  assert.equal((await followUp(sql, gone!)).reason, null);
});

Deno.test("rescue: an app that updates its rows in its own order is not ended as a deadlock", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const ids = await insertStale(sql, 2);
  const app = connect(database.url, { max: 1 });
  try {
    for (const order of [ids, [...ids].reverse()]) {
      await app`begin`;
      await app`update public.follow_ups set message = 'app' where id = ${order[0]!}`;
      const rescued = rescue(sql, "0");
      await app`update public.follow_ups set message = 'app' where id = ${order[1]!}`;
      await app`rollback`;
      await rescued;
    }
  } finally {
    await app.end();
  }
  await rescue(sql, "0");
  assert.deepEqual(await attemptsByStatus(sql), { unknown: 2 });
});

Deno.test("rescue: a follow-up that cannot be written keeps nothing from being rescued, its own attempt neither", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const [bad, good] = await insertStale(sql, 5);
  const leased = await insertFollowUp(sql);
  const badLeased = await insertFollowUp(sql);
  await claim(sql);
  await sql`update public.follow_ups set leased_until = now() - interval '1 second' where id in (${leased}, ${badLeased})`;
  await sql`update public.follow_ups set message = repeat('x', 3000) where id in (${bad!}, ${badLeased})`;
  await sql`alter table public.follow_ups
    add constraint message_is_short check (length(message) <= 2000) not valid`;
  assert.equal(await rescue(sql, "0"), 6, "five attempts and one claim");
  assert.deepEqual(await attemptsByStatus(sql), { unknown: 5 });
  assert.match((await followUp(sql, good!)).reason!, /^Held/);
  assert.equal((await followUp(sql, leased)).lease_token, null);
  const aside = await sql`select row_id, kind from public.set_aside_rows`;
  assert.deepEqual(aside.map((row) => row.row_id).sort(), [bad, badLeased].sort());
  assert.deepEqual((await claim(sql)).map((row) => row.follow_up_id), [leased]);
});

Deno.test("rescue: what was set aside long enough, is mended or gone, is forgotten; the rest is not", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const ids: string[] = [];
  for (let n = 0; n < 4; n += 1) {
    ids.push(await insertFollowUp(sql));
    await sql`select public.set_aside(${ids[n]!}, 'follow_up', 'x')`;
  }
  await sql`select public.set_aside(lead_id, 'lead', 'x') from public.follow_ups where id = ${ids[
    3
  ]!}`;
  await sql`update public.set_aside_rows set until = now() where row_id = ${ids[0]!}`;
  await sql`update public.follow_ups set message = 'mended' where id = ${ids[1]!}`;
  await sql`delete from public.follow_ups where id = ${ids[2]!}`;
  await rescue(sql, "0");
  const left = await sql`select row_id from public.set_aside_rows where kind = 'follow_up'`;
  assert.deepEqual(left.map((row) => row.row_id), [ids[3]]);
  assert.equal((await sql`select from public.set_aside_rows where kind = 'lead'`).length, 1);
});

/** A call that goes on, whose end was told and is parked. */
async function insertParked(sql: Sql): Promise<void> {
  await insertFollowUp(sql);
  await record(sql, await open(sql, await claim(sql)), { status: "accepted", request_id: "5" });
  await sql`
    insert into public.call_events
      (content_hash, source, status, reason, request_id, call_id, direction, outcome)
    values ('h', 'webhook', 'parked', 'No attempt of ours is known under these ids', '5', '1',
      'outbound', 'completed')`;
}

Deno.test("rescue: a parked report whose lead an app holds is left parked, and the rest is kept", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await insertParked(sql);
  const [stale] = await insertStale(sql, 1);
  const app = connect(database.url, { max: 1 });
  try {
    await app`begin`;
    await app`select from public.leads for update`;
    await app`select from public.follow_ups where id <> ${stale!} for update`;
    assert.equal(await rescue(sql, "0"), 1);
    assert.deepEqual(await attemptsByStatus(sql), { accepted: 1, unknown: 1 });
    await app`rollback`;
  } finally {
    await app.end();
  }
  await rescue(sql, "0");
  assert.deepEqual(await attemptsByStatus(sql), { ended: 1, unknown: 1 });
});

// The claim of the same run wants that row with its follow-ups in hand.
Deno.test("rescue: takes its run's row after all that it may have to wait for", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await insertParked(sql);
  await insertStale(sql, 1);
  const run = await beginRun(sql);
  await sql`
    create function public.refuse() returns trigger language plpgsql as $$
    begin
      if exists (select from public.dispatch_runs where rescued > 0) then
        raise exception 'the row is taken already';
      end if;
      return new;
    end $$`;
  await sql`create trigger refuse before update on public.call_events
    for each row execute function public.refuse()`;
  await sql`select public.rescue_stale_attempts(${run})`;
  assert.deepEqual(await attemptsByStatus(sql), { ended: 1, unknown: 1 });
  const [row] = await sql`select rescued from public.dispatch_runs where id = ${run}`;
  assert.equal(row!.rescued, 1);
});

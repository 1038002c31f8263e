// What the whole account may do: lines, calls and money. Limits that are read and then used would be
// shared by two claims, so the races are here as well, on connections of their own.
import assert from "node:assert/strict";
import type { Sql } from "../../supabase/local/postgres/connect.ts";
import { atOnce } from "../support/at_once.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { insertLead } from "../support/insert_lead.ts";
import { beginRun, claim, followUp, open, record } from "../support/sql_contract.ts";

const NOON = "2026-11-24T12:00:00Z";

interface Allowance {
  calls: number | null;
  reason: string | null;
  is_limit: boolean;
  until: Date | null;
}

async function allowance(
  sql: Sql,
  { asOf = NOON, linesOfOmni = true, runId = null as string | null } = {},
): Promise<Allowance> {
  const [row] = await sql<Allowance[]>`
    select * from public.call_allowance(${runId}, ${linesOfOmni}, ${asOf})`;
  return row!;
}

/** Sets switches of the operator by column. */
async function set(sql: Sql, columns: Record<string, unknown>): Promise<void> {
  await sql`update public.dispatch_settings set ${sql(columns)} where id`;
}

/** A call that was placed at a moment. */
async function placed(
  sql: Sql,
  openedAt: string,
  columns: { status?: string; call_cost?: number; run_id?: string; ended_at?: string } = {},
): Promise<string> {
  const row = {
    follow_up_id: crypto.randomUUID(),
    lead_id: crypto.randomUUID(),
    lease_token: crypto.randomUUID(),
    to_number: `+1415${2_000_000 + Math.floor(Math.random() * 7_000_000)}`,
    status: "ended",
    request_id: crypto.randomUUID(),
    opened_at: openedAt,
    sending_until: openedAt,
    ...columns,
  };
  const [attempt] = await sql<{ id: string }[]>`
    insert into public.call_attempts ${sql(row)} returning id`;
  return attempt!.id;
}

async function due(sql: Sql, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) await insertFollowUp(sql);
}

Deno.test("allowance: without a limit there is none, and nothing is counted", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await placed(sql, NOON);
  assert.deepEqual({ ...await allowance(sql) }, {
    calls: null,
    reason: null,
    is_limit: false,
    until: null,
  });
});

Deno.test("allowance: a day is one of the default time zone, and ends at its midnight", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await set(sql, { max_calls_per_day: 2, default_time_zone: "Asia/Kolkata" });
  // 23:59 and 00:01 in India, where the day began at 18:30 UTC.
  await placed(sql, "2026-11-23T18:29:00Z");
  await placed(sql, "2026-11-23T18:31:00Z");
  assert.equal((await allowance(sql)).calls, 1);
  await placed(sql, "2026-11-24T11:00:00Z", { status: "unknown" });
  assert.deepEqual({ ...await allowance(sql) }, {
    calls: 0,
    reason: "The most calls for today are made: 2",
    is_limit: true,
    until: new Date("2026-11-24T18:30:00Z"),
  });
  assert.equal((await allowance(sql, { asOf: "2026-11-24T18:30:00Z" })).calls, 2);
});

Deno.test("allowance: what was never placed uses up nothing", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await set(sql, { max_calls_per_day: 3, max_calls_per_month: 3 });
  for (const status of ["postponed", "not_sent", "refused", "abandoned"]) {
    await placed(sql, NOON, { status });
  }
  assert.equal((await allowance(sql)).calls, 3);
});

Deno.test("allowance: a month goes on over its days", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await set(sql, { max_calls_per_month: 3, max_calls_per_day: 100 });
  await placed(sql, "2026-10-31T23:59:00Z");
  await placed(sql, "2026-11-01T00:00:00Z");
  await placed(sql, "2026-11-20T00:00:00Z");
  assert.equal((await allowance(sql)).calls, 1);
  await placed(sql, "2026-11-24T00:00:00Z");
  const { calls, reason, until } = await allowance(sql);
  assert.deepEqual(
    [calls, reason, until],
    [0, "The most calls for this month are made: 3", new Date("2026-12-01T00:00:00Z")],
  );
});

Deno.test("allowance: money is what calls cost, and the expected cost for those not told yet", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await set(sql, { max_spend_per_day: 1, expected_call_cost: 0.3 });
  assert.equal((await allowance(sql)).calls, 3);
  await placed(sql, NOON, { call_cost: 0.35 });
  assert.equal((await allowance(sql)).calls, 2);
  await placed(sql, NOON, { call_cost: 0 });
  await placed(sql, NOON, { status: "accepted" });
  assert.equal((await allowance(sql)).calls, 1);
  await placed(sql, NOON, { status: "sending" });
  const { calls, reason } = await allowance(sql);
  assert.deepEqual([calls, reason], [0, "The money for today is used up: 1"]);
});

Deno.test("allowance: a limit of money without an expected cost is refused by the database", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await assert.rejects(
    set(sql, { max_spend_per_month: 100 }),
    /a_limit_of_spend_needs_the_expected_cost_of_a_call/,
  );
});

Deno.test("allowance: of several limits the smallest counts, and is named", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await set(sql, { max_calls_per_day: 5, max_concurrent_calls: 2, max_calls_per_month: 9 });
  const { calls, reason, is_limit } = await allowance(sql);
  assert.deepEqual([calls, is_limit], [2, false]);
  assert.match(reason!, /max_concurrent_calls/);
});

Deno.test("allowance: Omni's free lines, less those kept for inbound calls, less calls since", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await set(sql, { lines_left_free: 2 });
  await sql`select public.record_provider_account(
    ${JSON.stringify({ lines_limit: 10, lines_in_use: 4, lines_available: 6 })}::text::jsonb,
    ${NOON}::timestamptz - interval '20 seconds')`;
  assert.equal((await allowance(sql)).calls, 4);
  await placed(sql, "2026-11-24T11:59:45Z", { status: "accepted" });
  // Its request may have reached Omni only after it counted.
  const sending = await placed(sql, "2026-11-24T11:59:30Z", { status: "sending" });
  await sql`update public.call_attempts
    set sending_until = '2026-11-24T12:01:30Z' where id = ${sending}`;
  assert.equal((await allowance(sql)).calls, 2);
  await sql`update public.call_attempts
    set sending_until = '2026-11-24T11:59:39Z' where id = ${sending}`;
  // Known to Omni when it answered, and so among the lines in use.
  await placed(sql, "2026-11-24T11:59:30Z", { status: "accepted" });
  assert.equal((await allowance(sql)).calls, 3);
  assert.equal((await allowance(sql, { linesOfOmni: false })).calls, null);
  // An old answer says nothing about now.
  assert.equal((await allowance(sql, { asOf: "2026-11-24T12:00:41Z" })).calls, null);
});

Deno.test("allowance: an answer of Omni's that comes late does not replace a newer one", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  for (const [available, age] of [[5, "10 seconds"], [9, "30 seconds"]] as const) {
    await sql`select public.record_provider_account(
      ${JSON.stringify({ lines_available: available })}::text::jsonb,
      ${NOON}::timestamptz - ${age}::interval)`;
  }
  assert.equal((await allowance(sql)).calls, 5);
});

Deno.test("claim: no more than the day allows, claims included, and the rest stays as it was", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await due(sql, 5);
  await set(sql, { max_calls_per_day: 3 });
  const first = await claim(sql, 2);
  assert.equal(first.length, 2);
  const second = await claim(sql, 50);
  assert.equal(second.length, 1);
  assert.equal((await claim(sql, 50)).length, 0);
  await record(sql, await open(sql, [...first, ...second]), { status: "accepted" });
  assert.equal((await claim(sql, 50)).length, 0);
  const [row] = await sql`
    select count(*)::int as n from public.follow_ups
    where status = 'pending' and reason is null and lease_token is null and attempts = 0`;
  assert.equal(row!.n, 2);
});

Deno.test("races: twenty claims at once share what the day and the money allow exactly", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await due(sql, 60);
  await set(sql, { max_calls_per_day: 50, max_spend_per_day: 3.7, expected_call_cost: 0.1 });
  const claimed = (await atOnce(database, 20, (own) => claim(own, 5))).flat();
  assert.equal(claimed.length, 37);
});

const ONE_LINE = [
  ["drained", {}, 0],
  ["paused", { paused: true }, 1],
  ["limited", { max_calls_per_day: 0 }, 1],
  [null, {}, 1],
] as const;

for (const [reason, columns, count] of ONE_LINE) {
  Deno.test(`claim stop reason: ${reason} with ${JSON.stringify(columns)} and ${count} due`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await due(sql, count);
    await set(sql, { max_attempts: 6, ...columns });
    const [row] = await sql`select public.claim_stop_reason() as reason`;
    assert.equal(row!.reason, reason);
  });
}

Deno.test("claim stop reason: no_capacity when a line is missing, and not a limit", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await due(sql, 2);
  await set(sql, { max_concurrent_calls: 1 });
  await record(sql, await open(sql, await claim(sql)), { status: "accepted" });
  const [row] = await sql`select public.claim_stop_reason() as reason`;
  assert.equal(row!.reason, "no_capacity");
});

Deno.test("run limit: flocks that are opened at once begin no more than the run may", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await due(sql, 40);
  const runId = await beginRun(sql);
  const claimed = await claim(sql, 40);
  await set(sql, { max_calls_per_run: 7 });
  const flocks = await atOnce(
    database,
    10,
    (own, index) => open(own, claimed.slice(4 * index, 4 * index + 4), { runId }),
  );
  assert.equal(flocks.flat().length, 7);
  const [row] = await sql`
    select count(*)::int as n from public.follow_ups
    where status = 'pending' and attempts = 0 and lease_token is null and reason is null`;
  assert.equal(row!.n, 33);
  const [stop] = await sql`select public.claim_stop_reason(${runId}) as reason`;
  assert.equal(stop!.reason, "limited");
  assert.equal((await allowance(sql, { runId: crypto.randomUUID() })).calls, 7);
});

Deno.test("run limit: opening again after a lost reply gives the same attempts and no more", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await due(sql, 3);
  const runId = await beginRun(sql);
  await set(sql, { max_calls_per_run: 2 });
  const items = (await claim(sql)).map((row) => ({
    attempt_id: crypto.randomUUID(),
    follow_up_id: row.follow_up_id,
    lease_token: row.lease_token,
    to_number: row.phone,
  }));
  const ask = () =>
    sql<{ attempt_id: string }[]>`
      select attempt_id from public.open_call_attempts(
        ${JSON.stringify(items)}::text::jsonb, ${runId}) order by attempt_id`;
  const first = await ask();
  assert.equal(first.length, 2);
  assert.deepEqual([...await ask()], [...first]);
});

Deno.test("dry run and queue: beyond what the day allows they name the limit, in the claim's order", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const ids = [];
  for (const minutes of [3, 2, 1]) {
    ids.push(await insertFollowUp(sql, { due_at: new Date(Date.now() - minutes * 60_000) }));
  }
  await sql`update public.follow_ups set is_callback = true where id = ${ids[2]!}`;
  await set(sql, { max_calls_per_day: 2 });
  const preview = await sql`select follow_up_id, refusal from public.preview_dispatch()`;
  assert.deepEqual(preview.map((row) => [row.follow_up_id, row.refusal]), [
    [ids[2], null],
    [ids[0], null],
    [ids[1], "The most calls for today are made: 2"],
  ]);
  await set(sql, { max_calls_per_day: 0 });
  const [queue] = await sql`select * from public.call_queue where follow_up_id = ${ids[0]!}`;
  assert.equal(queue!.waits_for, "The most calls for today are made: 0");
  assert.ok(queue!.next_allowed_at > new Date());
  assert.equal((await followUp(sql, ids[0]!)).reason, null);
});

Deno.test("dry run: a run's most calls are named beyond them", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await due(sql, 3);
  await set(sql, { max_calls_per_run: 1 });
  const preview = await sql`select refusal from public.preview_dispatch()`;
  assert.deepEqual(preview.map((row) => row.refusal === null), [true, false, false]);
  assert.match(preview[1]!.refusal, /max_calls_per_run/);
});

Deno.test("readings: one of twenty runs asks Omni, and none for an hour after a refusal", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const due = await atOnce(database, 20, async (own) => {
    const [row] = await own`select * from public.account_readings_due()`;
    return row!.headroom as boolean;
  });
  assert.equal(due.filter((headroom) => headroom).length, 1);
  const [again] =
    await sql`select * from public.account_readings_due(now() + interval '9 seconds')`;
  assert.equal(again!.headroom, false);
  await sql`select public.record_provider_account('{"refusal": "HTTP 403"}', now())`;
  const at = async (later: string) => {
    const [row] = await sql`select * from public.account_readings_due(now() + ${later}::interval)`;
    return row!.headroom;
  };
  assert.deepEqual([await at("59 minutes"), await at("61 minutes")], [false, true]);
});

Deno.test("readings: who keeps lines free knows them before calling; costs are asked for with a limit of money", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const ask = async (later: string) => {
    const [row] = await sql`select * from public.account_readings_due(now() + ${later}::interval)`;
    return [row!.headroom, row!.before_calling, row!.costs];
  };
  assert.deepEqual(await ask("0"), [true, false, false]);
  await set(sql, { lines_left_free: 1, max_spend_per_day: 5, expected_call_cost: 1 });
  assert.deepEqual(await ask("1 minute"), [true, true, true]);
  assert.deepEqual(await ask("2 minutes"), [true, true, false]);
  assert.deepEqual(await ask("7 minutes"), [true, true, true]);
});

Deno.test("readings: where no line was free, each run asks, and waits for the answer", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`select public.record_provider_account('{"lines_available": 0}', now())`;
  await sql`update public.provider_account set asked_at = now() where id`;
  for (let n = 0; n < 2; n += 1) {
    const [row] = await sql`select * from public.account_readings_due()`;
    assert.deepEqual([row!.headroom, row!.before_calling], [true, true]);
  }
  await sql`select public.record_provider_account('{"lines_available": 3}', now())`;
  const [row] = await sql`select * from public.account_readings_due()`;
  assert.deepEqual([row!.headroom, row!.before_calling], [false, false]);
});

Deno.test("costs: noted by Omni's request, once, and of no other call", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const over = { ended_at: "2026-11-24T11:58:00Z" };
  const paid = await placed(sql, "2026-11-24T11:57:00Z", over);
  const other = await placed(sql, "2026-11-24T11:57:00Z", over);
  await sql`update public.call_attempts set request_id = '77' where id = ${paid}`;
  const note = async () => {
    const costs = JSON.stringify([{ request_id: "77", cost: 0.12 }, { request_id: "9", cost: 1 }]);
    const [row] = await sql`select public.record_call_costs(${costs}::text::jsonb) as n`;
    return row!.n;
  };
  assert.deepEqual([await note(), await note()], [1, 0]);
  const wanted = await sql`select public.calls_without_cost(as_of => ${NOON}) as request_id`;
  assert.equal(wanted.length, 1);
  const rows =
    await sql`select id, call_cost from public.call_attempts where call_cost is not null`;
  assert.deepEqual(rows.map((row) => [row.id, Number(row.call_cost)]), [[paid, 0.12]]);
  assert.notEqual(other, paid);
});

Deno.test("costs: asked for calls that are over, and the oldest are not kept back by newer ones", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = async (name: string, opened: string, columns: Record<string, string>) => {
    const id = await placed(sql, `2026-11-${opened}:00Z`, columns);
    await sql`update public.call_attempts set request_id = ${name} where id = ${id}`;
  };
  await call("just over", "24T11:50", { ended_at: "2026-11-24T11:58:01Z" });
  await call("over", "24T11:49", { ended_at: "2026-11-24T11:58:00Z" });
  await call("going on", "24T11:46", { status: "accepted" });
  await call("never told", "24T11:45", { status: "accepted" });
  await call("too old", "21T11:59", { ended_at: "2026-11-21T12:00:00Z" });
  for (const day of [22, 23]) {
    await call(`of ${day}`, `${day}T09:00`, { ended_at: `2026-11-${day}T09:01:00Z` });
  }
  const wanted = async (size: number | null) => {
    const rows = await sql`
      select public.calls_without_cost(coalesce(${size}::int, 1000), ${NOON}) as name`;
    return rows.map((row) => row.name);
  };
  assert.deepEqual(await wanted(null), ["over", "never told", "of 23", "of 22"]);
  assert.deepEqual(await wanted(3), ["over", "never told", "of 22"]);
  assert.deepEqual(await wanted(1), ["over"]);
});

Deno.test("readings: who holds the account's row stops no run, which asks nothing then", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await set(sql, { lines_left_free: 1, max_spend_per_day: 5, expected_call_cost: 1 });
  const holder = await sql.reserve();
  await holder`begin`;
  await holder`select from public.provider_account for update`;
  const startedAt = performance.now();
  const [row] = await sql`select * from public.account_readings_due()`;
  assert.ok(performance.now() - startedAt < 5_000, "it does not wait for long");
  assert.deepEqual([row!.headroom, row!.before_calling, row!.costs], [false, false, false]);
  assert.notEqual(row!.asked_at, null);
  await assert.rejects(
    sql`select public.record_provider_account('{"lines_available": 3}', now())`.execute(),
    { code: "55P03" },
  );
  await holder`rollback`;
  holder.release();
  const [account] = await sql`select asked_at, read_at from public.provider_account`;
  assert.deepEqual({ ...account }, { asked_at: null, read_at: null });
});

const unasked: [string, Record<string, unknown>, number][] = [
  ["with nobody to call", {}, 0],
  ["while paused", { paused: true }, 3],
];

for (const [when, columns, count] of unasked) {
  Deno.test(`allowance: ${when} neither a tick nor a new lead counts what is left`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await due(sql, count);
    await sql`delete from public.seed_candidates where true`;
    await set(sql, { max_calls_per_month: 9, ...columns });
    await sql`
      create or replace function public.call_allowance(
        run_id uuid default null, lines_of_omni boolean default true, as_of timestamptz default now()
      )
      returns table (calls integer, reason text, is_limit boolean, until timestamptz)
      language plpgsql stable as $$ begin raise exception 'It was counted'; end $$`;
    const [tick] = await sql`select public.invoke_call_dispatch() as id`;
    const [waiting] = await sql`select public.is_work_waiting() as is_waiting`;
    const [backlog] = await sql`select due from public.dispatch_backlog()`;
    assert.deepEqual([tick!.id, waiting!.is_waiting, backlog!.due], [null, false, count]);
    // Else it is.
    await due(sql, 1);
    await set(sql, { paused: false });
    await assert.rejects(sql`select public.is_work_waiting()`.execute(), /It was counted/);
    await assert.rejects(sql`select public.invoke_call_dispatch()`.execute(), /It was counted/);
  });
}

Deno.test("seed: with the day used up a tick starts no run, and says why", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await insertLead(sql);
  await set(sql, { max_calls_per_day: 0 });
  const [row] = await sql`select public.invoke_call_dispatch() as id`;
  const [beat] = await sql`select last_tick_did from public.dispatch_heartbeat`;
  assert.deepEqual([row!.id, beat!.last_tick_did], [null, "The most calls for today are made: 0"]);
  assert.equal((await sql`select from public.dispatch_runs`).length, 0);
});

Deno.test("call_status: it tells what is left, what is spent and what Omni said, and warns of a limit that is used up", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const status = async () => (await sql`select * from public.call_status`)[0]!;
  const before = await status();
  assert.deepEqual([before.calls_left, before.spent_today], [null, null]);
  await set(sql, { max_spend_per_day: 1, expected_call_cost: 0.4 });
  await placed(sql, new Date().toISOString(), { call_cost: 0.3 });
  await placed(sql, new Date(Date.now() - 86_400_000).toISOString(), { call_cost: 50 });
  await sql`select public.record_provider_account(
    '{"lines_limit": 9, "lines_available": 5, "balance": 0, "currency": "USD"}', now())`;
  const after = await status();
  assert.deepEqual(
    [after.calls_left, Number(after.spent_today), after.omni_lines_available, after.omni_currency],
    [1, 0.3, 5, "USD"],
  );
  assert.ok(after.warnings.includes("Omni's balance is used up: 0 USD"));
  const unreachable =
    /lines_left_free is 9 and Omni gives the account 9 lines, so nobody is called/;
  assert.doesNotMatch(after.warnings.join("\n"), unreachable);
  await set(sql, { lines_left_free: 9 });
  assert.match((await status()).warnings.join("\n"), unreachable);
  await set(sql, { lines_left_free: 0 });
  await placed(sql, new Date().toISOString(), { status: "sending" });
  const { warnings } = await status();
  assert.match(warnings.join("\n"), /The money for today is used up: 1; calls go on \d{4}-/);
});

Deno.test("tick: money that is used up by expected costs starts a run that learns the true ones", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`select vault.create_secret('https://project.test', 'project_url')`;
  await sql`select vault.create_secret('secret', 'cron_job_secret')`;
  await due(sql, 1);
  await set(sql, { max_spend_per_month: 1, expected_call_cost: 1 });
  // Of this minute, because the month may have just begun; over for long.
  await placed(sql, new Date().toISOString(), { ended_at: "2026-01-01T00:00:00Z" });
  const tick = async () => (await sql`select public.invoke_call_dispatch() as id`)[0]!.id;
  assert.notEqual(await tick(), null);
  await sql`update public.dispatch_runs set finished_at = now(), stop_reason = 'limited' where true`;
  await sql`update public.provider_account set costs_read_at = now() where id`;
  assert.equal(await tick(), null, "they have just been asked for");
});

Deno.test("races: a pause that comes while an opening waits for a row is kept", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await due(sql, 1);
  const claimed = await claim(sql);
  const holder = await sql.reserve();
  await holder`begin`;
  await holder`select from public.follow_ups for update`;
  const opening = open(sql, claimed);
  await new Promise((resolve) => setTimeout(resolve, 200));
  await set(sql, { paused: true });
  await holder`rollback`;
  holder.release();
  assert.deepEqual(await opening, []);
  assert.equal((await sql`select from public.call_attempts`).length, 0);
});

Deno.test("races: a lease that ends while its opening waits opens nothing", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await due(sql, 1);
  const claimed = await claim(sql, 1, "400 milliseconds");
  const holder = await sql.reserve();
  await holder`begin`;
  await holder`select from public.follow_ups for update`;
  const opening = open(sql, claimed);
  await new Promise((resolve) => setTimeout(resolve, 700));
  await holder`rollback`;
  holder.release();
  assert.deepEqual(await opening, []);
});

Deno.test("claim: a change of the settings that somebody left open keeps nobody from being called", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await due(sql, 3);
  await set(sql, { max_calls_per_day: 2 });
  const holder = await sql.reserve();
  await holder`begin`;
  await holder`update public.dispatch_settings set max_attempts = 3 where id`;
  assert.equal((await claim(sql)).length, 2);
  await holder`rollback`;
  holder.release();
});

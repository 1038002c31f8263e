import assert from "node:assert/strict";
import type { Sql } from "../../supabase/local/postgres/connect.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { freshNumber, insertLead } from "../support/insert_lead.ts";
import { claim, followUp, open, record } from "../support/sql_contract.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const VIEWS = ["call_queue", "call_status", "calls_daily", "calls_by_outcome", "calls_by_hour"];

interface Queued {
  follow_up_id: string | null;
  lead_id: string;
  source: string;
  is_callback: boolean;
  due_at: Date;
  next_allowed_at: Date | null;
  waits_for: string;
  reason: string | null;
}

async function queue(sql: Sql): Promise<Queued[]> {
  return [...await sql<Queued[]>`select * from public.call_queue`];
}

async function queued(sql: Sql, followUpId: string): Promise<Queued> {
  const [row] = await sql<Queued[]>`
    select * from public.call_queue where follow_up_id = ${followUpId}`;
  return row!;
}

async function status(sql: Sql) {
  const rows = await sql`select * from public.call_status`;
  assert.equal(rows.length, 1);
  return rows[0]!;
}

async function warnings(sql: Sql): Promise<string[]> {
  return (await status(sql)).warnings;
}

/** Nothing to be warned of: the schedule ticks and there are hours, which are always open. */
async function setAllWell(sql: Sql): Promise<void> {
  await sql`update public.dispatch_heartbeat
    set last_tick_at = now(), last_tick_did = 'nothing to do', last_watched_at = now()`;
  await sql`insert into public.calling_hours (opens, closes) values ('00:00', '24:00')`;
}

/** Hours of +44 that are shut now, whenever now is, and open in about two hours. */
async function shutHours(sql: Sql): Promise<void> {
  await sql`
    insert into public.calling_hours (region, opens, closes)
    select '+44', (now() at time zone 'Europe/London')::time + interval '2 hours',
      (now() at time zone 'Europe/London')::time + interval '3 hours'`;
}

interface CallColumns {
  to_number: string;
  status: string;
  opened_at: Date;
  outcome: string | null;
  duration_seconds: number | null;
  lead_id: string;
}

async function insertCall(sql: Sql, columns: Partial<CallColumns> = {}): Promise<string> {
  const call = {
    to_number: freshNumber(),
    status: "ended",
    opened_at: new Date(),
    outcome: null,
    duration_seconds: null,
    lead_id: crypto.randomUUID(),
    ...columns,
  };
  const [row] = await sql<{ id: string }[]>`
    insert into public.call_attempts
      (follow_up_id, lead_id, lease_token, to_number, status, opened_at, sending_until, outcome,
        duration_seconds, request_id)
    values (gen_random_uuid(), ${call.lead_id}, gen_random_uuid(), ${call.to_number}, ${call.status},
      ${call.opened_at}, now() + interval '1 minute', ${call.outcome}, ${call.duration_seconds},
      '3166940')
    returning id`;
  return row!.id;
}

for (const view of VIEWS) {
  Deno.test(`${view}: on an empty database it has ${view === "call_status" ? "one row" : "no row"}`, async () => {
    await using database = await freshDatabase();
    const rows = await database.sql.unsafe(`select * from public.${view}`);
    assert.equal(rows.length, view === "call_status" ? 1 : 0);
  });

  Deno.test(`${view}: service_role reads it with rows in it, anon and authenticated do not`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await setAllWell(sql);
    await insertFollowUp(sql);
    await insertLead(sql);
    await insertCall(sql, { outcome: "completed", lead_id: await insertLead(sql) });
    await sql.begin(async (transaction) => {
      await transaction`set local role service_role`;
      const rows = await transaction.unsafe(`select * from public.${view}`);
      assert.ok(rows.length > 0);
    });
    for (const role of ["anon", "authenticated"]) {
      await assert.rejects(
        sql.begin(async (transaction) => {
          await transaction.unsafe(`set local role ${role}`);
          await transaction.unsafe(`select * from public.${view}`);
        }),
        /permission denied/,
      );
    }
  });
}

Deno.test("call_queue: what it says is Due is what the claim takes, and the rest is as it says", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_settings
    set smallest_gap_per_number = '1 hour', expire_after = '2 days'`;
  await shutHours(sql);
  await sql`insert into public.call_pauses (source, reason) values ('recall', 'New script')`;
  const stopped = freshNumber();
  await sql`insert into public.do_not_call (number) values (${stopped})`;

  // Two that have been claimed: of one the call is under way.
  await insertFollowUp(sql);
  await insertFollowUp(sql);
  const [leased, live] = await claim(sql);
  await open(sql, [live!]);
  const called = freshNumber();
  await insertCall(sql, { to_number: called, opened_at: new Date(Date.now() - 20 * MINUTE) });

  const behind = await insertLead(sql);
  const ids = {
    first: await insertFollowUp(sql, { lead_id: behind, due_at: new Date(Date.now() - HOUR) }),
    second: await insertFollowUp(sql, { lead_id: behind }),
    open: await insertFollowUp(sql),
    abroad: await insertFollowUp(sql, { lead: { phone: "+442079460123" } }),
    closed: await insertFollowUp(sql, { lead: { stage: "closed" } }),
    stopped: await insertFollowUp(sql, { lead: { phone: stopped } }),
    recall: await insertFollowUp(sql, { source: "recall" }),
    future: await insertFollowUp(sql, { due_at: new Date(Date.now() + HOUR) }),
    futureAbroad: await insertFollowUp(sql, {
      lead: { phone: "+442079460124" },
      due_at: new Date(Date.now() + MINUTE),
    }),
    gap: await insertFollowUp(sql, { lead: { phone: called } }),
    expired: await insertFollowUp(sql, { due_at: new Date(Date.now() - 72 * HOUR) }),
    nowhere: await insertFollowUp(sql, { lead: { time_zone: "Mars/Olympus" } }),
    callback: await insertFollowUp(sql, { due_at: new Date() }),
  };
  await sql`update public.follow_ups set is_callback = true where id = ${ids.callback}`;
  await insertFollowUp(sql, { channel: "email" });
  await insertFollowUp(sql, { status: "completed" });

  // In one transaction, so that both look at the same moment.
  const { before, claimed } = await sql.begin(async (transaction) => {
    const both = transaction as unknown as Sql;
    const before = await queue(both);
    const claimed = await claim(both);
    return { before, claimed };
  });
  const waits = (id: string) => before.find((row) => row.follow_up_id === id)!.waits_for;
  const said = before.filter((row) => row.waits_for === "Due").map((row) => row.follow_up_id);
  assert.deepEqual(said, claimed.map((row) => row.follow_up_id));
  assert.deepEqual(said, [ids.callback, ids.first, ids.open]);
  assert.equal(before.length, Object.keys(ids).length + 2);

  assert.equal(waits(leased!.follow_up_id), "A run is working on it");
  assert.equal(waits(live!.follow_up_id), "Its call is under way");
  assert.equal(waits(ids.second), "An older follow-up of the same lead comes first");
  assert.equal(waits(ids.future), "Due later");
  assert.equal(waits(ids.futureAbroad), "Outside the calling hours");

  for (const name of ["closed", "stopped", "expired"] as const) {
    const { status, reason } = await followUp(sql, ids[name]);
    assert.deepEqual(
      [status, reason],
      [name === "closed" ? "skipped" : "failed", waits(ids[name])],
      name,
    );
    const row = before.find((candidate) => candidate.follow_up_id === ids[name])!;
    assert.equal(row.next_allowed_at, null, name);
  }
  for (const name of ["abroad", "recall", "gap", "nowhere"] as const) {
    const { status, reason, due_at } = await followUp(sql, ids[name]);
    assert.deepEqual([status, reason], ["pending", waits(ids[name])], name);
    const row = before.find((candidate) => candidate.follow_up_id === ids[name])!;
    const later = due_at.getTime() - row.next_allowed_at!.getTime();
    // The claim spreads what waits for its hours over ten minutes.
    assert.ok(later >= 0 && later <= (name === "abroad" ? 10 * MINUTE : 0), `${name}: ${later}`);
  }
  const put_off = await queued(sql, ids.abroad);
  assert.deepEqual([put_off.waits_for, put_off.reason], ["Due later", "Outside the calling hours"]);
  assert.equal(put_off.next_allowed_at!.getTime(), put_off.due_at.getTime());
});

Deno.test("call_queue: a call that may have been placed gives the follow-up's reason, and no time", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const id = await insertFollowUp(sql);
  const opened = await open(sql, await claim(sql));
  await record(sql, opened, { status: "unknown", error: "Connection lost" });
  const row = await queued(sql, id);
  assert.ok(row.reason);
  assert.deepEqual([row.waits_for, row.next_allowed_at], [row.reason, null]);
});

Deno.test("call_queue: while the engine is paused, or every line is in use, nothing is Due", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_settings set max_concurrent_calls = 1`;
  await insertFollowUp(sql, { due_at: new Date(Date.now() - HOUR) });
  await claim(sql);
  const id = await insertFollowUp(sql);
  assert.match((await queued(sql, id)).waits_for, /^All lines are in use/);
  assert.deepEqual(await claim(sql), []);
  await sql`update public.dispatch_settings set max_concurrent_calls = null, paused = true`;
  assert.match((await queued(sql, id)).waits_for, /^Paused/);
  assert.deepEqual(await claim(sql), []);
  await sql`update public.dispatch_settings set paused = false`;
  assert.equal((await queued(sql, id)).waits_for, "Due");
});

Deno.test("call_queue: leads that would be seeded stand in it once, and only those", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const lead_id = await insertLead(sql);
  await sql`insert into public.seed_candidates (lead_id) values (${lead_id})`;
  const reopened = await insertLead(sql);
  await insertFollowUp(sql, { lead_id: reopened, status: "skipped" });
  for (const columns of [{ stage: "closed" }, { phone: null }, { call_date: new Date() }]) {
    await insertLead(sql, columns);
  }
  await insertCall(sql, { lead_id: await insertLead(sql) });
  await insertFollowUp(sql, { status: "cancelled" });

  const rows = await queue(sql);
  assert.deepEqual(rows.map((row) => row.lead_id).toSorted(), [lead_id, reopened].toSorted());
  for (const { follow_up_id, source, waits_for } of rows) {
    assert.deepEqual([follow_up_id, source, waits_for], [null, "seed", "Due"]);
  }
  await sql`insert into public.call_pauses (source) values ('seed')`;
  assert.deepEqual((await queue(sql)).map((row) => row.waits_for), ["Paused", "Paused"]);
  await sql`delete from public.call_pauses where source = 'seed'`;

  await sql`select public.seed_follow_ups()`;
  const seeded = await queue(sql);
  assert.deepEqual(seeded.map((row) => row.lead_id).toSorted(), [lead_id, reopened].toSorted());
  assert.ok(seeded.every((row) => row.follow_up_id !== null && row.waits_for === "Due"));
});

Deno.test("call_status: a new database says that nothing ticks and no hours are set", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_heartbeat set installed_at = now()`;
  const row = await status(sql);
  assert.deepEqual(row.warnings, [
    "The schedule has never ticked",
    "No calling hours are set, so people are called at any time (see use_calling_hours_pack)",
  ]);
  assert.deepEqual([row.tick_is_late, row.due_now, row.oldest_due_at], [true, 0, null]);
  await setAllWell(sql);
  assert.deepEqual(await warnings(sql), []);
  assert.equal((await status(sql)).tick_is_late, false);
});

/** What a person should look at: what brings the warning, what it says, and what takes it away. */
const CAUSES: { name: string; cause: string; says: string; remedy: string }[] = [
  {
    name: "paused",
    cause: "update public.dispatch_settings set paused = true",
    says: "Paused: nobody is called until dispatch_settings.paused is false",
    remedy: "update public.dispatch_settings set paused = false",
  },
  {
    name: "no tick for minutes",
    cause: "update public.dispatch_heartbeat set last_tick_at = now() - interval '13 minutes'",
    says: "The schedule has not ticked for 13 minutes",
    remedy: "update public.dispatch_heartbeat set last_tick_at = now() - interval '11 minutes'",
  },
  {
    name: "no tick for days",
    cause: "update public.dispatch_heartbeat set last_tick_at = now() - interval '75 hours'",
    says: "The schedule has not ticked for 3 days",
    remedy: "update public.dispatch_heartbeat set last_tick_at = now()",
  },
  ...[
    { stop_reason: "halted", says: "The last run was halted: Wrong API key" },
    { stop_reason: "error", says: "The last run met an error: Wrong API key" },
  ].map(({ stop_reason, says }) => ({
    name: `a run that ended with ${stop_reason}`,
    cause: `insert into public.dispatch_runs (source, started_at, finished_at, stop_reason, error)
      values ('manual', now() - interval '2 minutes', now(), '${stop_reason}', 'Wrong API key')`,
    says,
    remedy: `insert into public.dispatch_runs (source, started_at, finished_at, stop_reason)
      values ('manual', now() - interval '1 minute', now(), 'drained')`,
  })),
  {
    name: "calls that may have been placed",
    cause: `insert into public.call_attempts (follow_up_id, lead_id, lease_token, to_number, status,
        opened_at, sending_until, looked_up_at)
      values
        (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), '+14155550101', 'unknown',
          now() - interval '4 days', now(), null),
        (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), '+14155550102', 'unknown',
          now() - interval '1 hour', now(), now())`,
    says: "Calls that may have been placed and wait for a person: 2 (see unsettled_calls)",
    // Those that are still looked for by themselves wait for nobody.
    remedy: `update public.call_attempts
      set opened_at = now(), next_lookup_at = case when looked_up_at is not null then now() end`,
  },
  {
    name: "no calling hours",
    cause: "delete from public.calling_hours",
    says: "No calling hours are set, so people are called at any time (see use_calling_hours_pack)",
    remedy: "select public.use_calling_hours_pack('everywhere')",
  },
  {
    name: "a wish that a person must read",
    cause: `with lead as (
        insert into public.leads (phone, stage, call_date) values ('+14155550103', 'new', now())
        returning id
      )
      insert into public.call_attempts (follow_up_id, lead_id, lease_token, to_number, status,
        sending_until, ended_at, outcome, callback_text, callback_status)
      select gen_random_uuid(), lead.id, gen_random_uuid(), '+14155550103', 'ended', now(),
        now() - interval '1 hour', 'completed', 'after the harvest', 'not_understood' from lead`,
    says: "Wishes to be called again that a person must read: 1 (see unread_callbacks)",
    remedy: `insert into public.follow_ups (lead_id, due_at)
      select id, now() + interval '3 months' from public.leads`,
  },
  {
    name: "a report that fits no attempt",
    cause: "insert into public.call_events (content_hash, source) values ('a', 'webhook')",
    says: "Reports of the last day that fit no attempt: 1 (see parked_call_events)",
    remedy: "update public.call_events set received_at = now() - interval '25 hours'",
  },
  {
    name: "zones that are not known",
    cause: `insert into public.leads (phone, time_zone) values
      ('+14155550104', 'Mars/Olympus'), ('+14155550105', 'Mars/Olympus'), ('+14155550106', 'IST'),
      ('+14155550107', 'Asia/Kolkata'), ('+14155550108', ' Asia/Kolkata '), ('+14155550109', ' '),
      ('+14155550110', null)`,
    says: "Leads with a time zone that is not known, who are not called: 3",
    remedy: "update public.leads set time_zone = 'Europe/Berlin'",
  },
];

for (const { name, cause, says, remedy } of CAUSES) {
  Deno.test(`call_status: it warns of ${name}, and of nothing once that is mended`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await setAllWell(sql);
    assert.deepEqual(await warnings(sql), []);
    await sql.unsafe(cause);
    assert.deepEqual(await warnings(sql), [says]);
    await sql.unsafe(remedy);
    assert.deepEqual(await warnings(sql), []);
  });
}

Deno.test("call_status: it counts what is due, under way, live, and what today has brought", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await setAllWell(sql);
  await sql`update public.dispatch_settings set max_concurrent_calls = 5`;
  const oldest = new Date(Date.now() - 3 * HOUR);
  await insertFollowUp(sql, { due_at: oldest });
  await insertFollowUp(sql);
  await insertFollowUp(sql, { due_at: new Date(Date.now() + HOUR) });
  const failed = await Promise.all(Array.from({ length: 3 }, () => insertFollowUp(sql)));
  await sql`update public.follow_ups set status = 'failed' where id = any (${failed}::uuid[])`;
  const [, longAgo, madeDueAgain] = failed;
  await sql`update public.given_up_follow_ups set given_up_at = now() - interval '25 hours'
    where follow_up_id = ${longAgo!}`;
  await sql`update public.follow_ups set status = 'cancelled' where id = ${madeDueAgain!}`;
  await insertCall(sql, { status: "accepted" });
  await insertCall(sql, { status: "sending" });
  await insertCall(sql, { status: "unknown" });
  await insertCall(sql, { status: "refused" });
  await insertCall(sql, { outcome: "busy" });
  await insertCall(sql, { opened_at: new Date(Date.now() - 25 * HOUR) });
  await sql`insert into public.dispatch_runs (source) values ('manual')`;
  await sql`insert into public.dispatch_runs (source, started_at, finished_at, stop_reason)
    values ('manual', now() - interval '1 hour', now(), 'deadline')`;

  const { warnings: warned, last_tick_at, ...row } = await status(sql);
  assert.deepEqual(warned, []);
  assert.ok(last_tick_at);
  assert.deepEqual(row, {
    paused: false,
    last_tick_did: "nothing to do",
    tick_is_late: false,
    due_now: 2,
    oldest_due_at: oldest,
    under_way: 1,
    live_calls: 2,
    unknown_calls: 1,
    called_today: 2,
    calls_left: 2,
    why_none_is_left: null,
    spent_today: null,
    spent_this_month: null,
    omni_balance: null,
    omni_currency: null,
    omni_lines_available: null,
    omni_lines_limit: null,
    omni_told_at: null,
    failed_today: 1,
    free_slots: 2,
    last_run_stop_reason: "deadline",
    last_run_error: null,
    incidents: [],
  });
});

Deno.test("calls_daily: each placed call counts once, on its day in UTC, under its outcome", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const outcomes = ["completed", "voicemail_detected", "no_answer", "busy", "failed", "cancelled"];
  for (const outcome of [...outcomes, "completed"]) {
    await insertCall(sql, {
      outcome,
      opened_at: new Date("2026-03-02T23:59:59Z"),
      duration_seconds: outcome === "completed" ? 60 : null,
    });
  }
  await insertCall(sql, { opened_at: new Date("2026-03-03T00:00:00Z") });
  await insertCall(sql, { opened_at: new Date("2026-03-03T01:00:00Z"), status: "accepted" });
  for (const status of ["sending", "unknown", "postponed", "not_sent", "refused", "abandoned"]) {
    await insertCall(sql, { opened_at: new Date("2026-03-03T02:00:00Z"), status });
  }
  const rows = await sql`select day::text as day, calls, completed, voicemail_detected, no_answer,
    busy, failed, cancelled, not_told, talk_seconds::integer as talk_seconds from public.calls_daily`;
  const none = { completed: 0, voicemail_detected: 0, no_answer: 0, busy: 0, failed: 0 };
  assert.deepEqual(rows.map((row) => ({ ...row })), [
    { day: "2026-03-03", calls: 2, ...none, cancelled: 0, not_told: 2, talk_seconds: 0 },
    {
      day: "2026-03-02",
      calls: 7,
      completed: 2,
      voicemail_detected: 1,
      no_answer: 1,
      busy: 1,
      failed: 1,
      cancelled: 1,
      not_told: 0,
      talk_seconds: 120,
    },
  ]);
});

Deno.test("calls_by_outcome: shares of the placed calls of 30 days, and how long they took", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await insertCall(sql, { outcome: "completed", duration_seconds: 30 });
  await insertCall(sql, { outcome: "completed", duration_seconds: 61 });
  await insertCall(sql, { outcome: "no_answer" });
  await insertCall(sql, { status: "accepted" });
  await insertCall(sql, { status: "refused" });
  await insertCall(sql, { outcome: "busy", opened_at: new Date(Date.now() - 31 * 24 * HOUR) });
  const rows = await sql`select outcome, calls, share::float as share,
    average_seconds::float as average_seconds from public.calls_by_outcome`;
  assert.deepEqual(rows.map((row) => ({ ...row })), [
    { outcome: "completed", calls: 2, share: 0.5, average_seconds: 45.5 },
    { outcome: "no_answer", calls: 1, share: 0.25, average_seconds: null },
    { outcome: "not_told", calls: 1, share: 0.25, average_seconds: null },
  ]);
});

Deno.test("calls_by_hour: the hour is that of the lead's own clock, or of the default zone", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_settings set default_time_zone = 'Asia/Tokyo'`;
  const yesterday = new Date(Date.now() - 24 * HOUR).toISOString().slice(0, 10);
  const opened_at = new Date(`${yesterday}T18:40:00Z`);
  const kolkata = await insertLead(sql, { time_zone: "Asia/Kolkata" });
  const mars = await insertLead(sql, { time_zone: "Mars/Olympus" });
  await insertCall(sql, { lead_id: kolkata, opened_at, outcome: "completed" });
  await insertCall(sql, { lead_id: kolkata, opened_at, outcome: "no_answer" });
  await insertCall(sql, { lead_id: kolkata, opened_at, status: "accepted" });
  await insertCall(sql, { lead_id: kolkata, opened_at, status: "refused" });
  await insertCall(sql, { lead_id: mars, opened_at, outcome: "completed" });
  // Of a lead that has been deleted.
  await insertCall(sql, { opened_at, outcome: "completed" });
  await insertCall(sql, { lead_id: kolkata, opened_at: new Date(Date.now() - 31 * 24 * HOUR) });
  const rows = await sql`select hour, calls, completed, share_answered::float as share_answered
    from public.calls_by_hour`;
  assert.deepEqual(rows.map((row) => ({ ...row })), [
    { hour: 0, calls: 3, completed: 1, share_answered: 0.333 },
    { hour: 3, calls: 2, completed: 2, share_answered: 1 },
  ]);
});

Deno.test("queue: a follow-up that is due at the end of all time, or never, hides no other", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await setAllWell(sql);
  const near = await insertFollowUp(sql);
  for (const due of ["infinity", "294276-12-20"]) {
    const id = await insertFollowUp(sql);
    await sql`update public.follow_ups set due_at = ${due}::text::timestamptz where id = ${id}`;
  }
  const rows = await sql<{ follow_up_id: string }[]>`select follow_up_id from public.call_queue`;
  assert.equal(rows.length, 3);
  assert.ok(rows.some(({ follow_up_id }) => follow_up_id === near));
  assert.deepEqual((await claim(sql)).map((row) => row.follow_up_id), [near]);
});

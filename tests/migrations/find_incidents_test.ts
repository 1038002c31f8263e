import assert from "node:assert/strict";
import { connect, type Sql } from "../../supabase/local/postgres/connect.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { freshNumber, insertLead } from "../support/insert_lead.ts";
import { claim, open } from "../support/sql_contract.ts";

const MINUTE = 60_000;

/** A moment so many minutes ago. */
function ago(minutes: number): Date {
  return new Date(Date.now() - minutes * MINUTE);
}

/** The schedule has just ticked. */
async function tick(sql: Sql): Promise<void> {
  await sql`update public.dispatch_heartbeat set last_tick_at = now(), last_tick_did = 'nothing to do'`;
}

async function found(sql: Sql): Promise<{ kind: string; detail: string }[]> {
  return [
    ...await sql<{ kind: string; detail: string }[]>`
      select kind, detail from public.find_incidents()`,
  ];
}

async function kinds(sql: Sql): Promise<string[]> {
  return (await found(sql)).map((incident) => incident.kind);
}

interface Run {
  startedMinutesAgo: number;
  /** The run's end; null = it has not ended. */
  stop_reason?: string | null;
  claimed?: number;
  /** Whether pg_net was asked for it. */
  asked?: boolean;
  begun?: boolean;
}

async function insertRun(sql: Sql, run: Run): Promise<number> {
  const { stop_reason = null, claimed = 0, asked = true, begun = true } = run;
  const at = ago(run.startedMinutesAgo);
  const [row] = await sql<{ net_request_id: number }[]>`
    insert into public.dispatch_runs
      (source, started_at, begun_at, finished_at, stop_reason, claimed, net_request_id)
    values ('pg_cron', ${at}, ${begun ? at : null}, ${stop_reason ? at : null}, ${stop_reason},
      ${claimed}, ${asked ? Math.floor(Math.random() * 1e9) : null})
    returning net_request_id::int`;
  return row!.net_request_id;
}

async function insertReply(sql: Sql, id: number, minutesAgo: number, columns: {
  status_code?: number;
  error_msg?: string;
  timed_out?: boolean;
}): Promise<void> {
  await sql`insert into net._http_response (id, status_code, error_msg, timed_out, created)
    values (${id}, ${columns.status_code ?? null}, ${columns.error_msg ?? null},
      ${columns.timed_out ?? false}, ${ago(minutesAgo)})`;
}

Deno.test("late tick: from twelve minutes on, by the operator's own limit, and not in a new project", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_heartbeat set installed_at = now() - interval '11 minutes'`;
  assert.deepEqual(await kinds(sql), []);
  await sql`update public.dispatch_heartbeat set installed_at = now() - interval '13 minutes'`;
  assert.deepEqual(await found(sql), [
    { kind: "late_tick", detail: "The schedule has never ticked" },
  ]);
  await tick(sql);
  assert.deepEqual(await kinds(sql), []);
  await sql`update public.dispatch_heartbeat set last_tick_at = ${ago(13)}`;
  assert.deepEqual(await found(sql), [
    { kind: "late_tick", detail: "The schedule has not ticked for 13 minutes" },
  ]);
  await sql`update public.dispatch_settings set tick_late_after = '15 minutes'`;
  assert.deepEqual(await kinds(sql), []);
  const [status] = await sql`select tick_is_late from public.call_status`;
  assert.equal(status!.tick_is_late, false);
});

const REFUSALS: { name: string; reply: Parameters<typeof insertReply>[3] | null; says: RegExp }[] =
  [
    {
      name: "401",
      reply: { status_code: 401 },
      says: /refuses the runs .*\(status 401\): CRON_JOB_SECRET/,
    },
    { name: "404", reply: { status_code: 404 }, says: /not found \(status 404\): deploy it/ },
    { name: "500", reply: { status_code: 500 }, says: /answers with status 500/ },
    {
      name: "an error of the network",
      reply: { error_msg: "Couldn't connect to https://secret.test" },
      says: /cannot be reached: see net\._http_response, request \d+$/,
    },
    {
      name: "a time-out",
      reply: { timed_out: true, error_msg: "Timeout of 5000 ms reached" },
      says: /cannot be reached/,
    },
    { name: "202 and nothing begun", reply: { status_code: 202 }, says: /takes them and stops/ },
    { name: "no reply at all", reply: null, says: /pg_net has noted no reply/ },
  ];

for (const { name, reply, says } of REFUSALS) {
  Deno.test(`run not begun: ${name} is told in words after four minutes, until one is begun`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await tick(sql);
    await insertRun(sql, { startedMinutesAgo: 10, stop_reason: "drained" });
    const id = await insertRun(sql, { startedMinutesAgo: 3, begun: false });
    if (reply) await insertReply(sql, id, 3, reply);
    assert.deepEqual(await kinds(sql), []);

    await sql`update public.dispatch_runs set started_at = ${ago(5)} where net_request_id = ${id}`;
    await sql`update net._http_response set created = ${ago(5)} where id = ${id}`;
    const [incident] = await found(sql);
    assert.equal(incident!.kind, "run_not_begun");
    assert.match(incident!.detail, says);
    assert.doesNotMatch(incident!.detail, /secret\.test/);

    // A run by hand shows nothing of what the schedule meets; its own next one does.
    await insertRun(sql, { startedMinutesAgo: 2, stop_reason: "drained", asked: false });
    assert.deepEqual(await kinds(sql), ["run_not_begun"]);
    await insertRun(sql, { startedMinutesAgo: 1, stop_reason: "drained" });
    assert.deepEqual(await kinds(sql), []);
  });
}

Deno.test("run not begun: a reply of another request that bears the number after a crash is not taken", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await tick(sql);
  const id = await insertRun(sql, { startedMinutesAgo: 60, begun: false });
  await insertReply(sql, id, 5, { status_code: 404 });
  assert.match((await found(sql))[0]!.detail, /pg_net has noted no reply/);
});

Deno.test("run not begun: one whose reply came too late for pg_net, but which was begun, is none", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await tick(sql);
  const id = await insertRun(sql, { startedMinutesAgo: 6 });
  await insertReply(sql, id, 6, { timed_out: true, error_msg: "Timeout of 5000 ms reached" });
  assert.deepEqual(await kinds(sql), []);
});

for (const [stop_reason, kind] of [["halted", "runs_halted"], ["error", "runs_failed"]] as const) {
  Deno.test(`${kind}: two in a row, or one without a better for ten minutes`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await tick(sql);
    await insertRun(sql, { startedMinutesAgo: 60, stop_reason: "drained", claimed: 1 });
    await insertRun(sql, { startedMinutesAgo: 9, stop_reason, claimed: 1 });
    assert.deepEqual(await kinds(sql), []);
    await insertRun(sql, { startedMinutesAgo: 4, stop_reason, claimed: 1 });
    assert.deepEqual(await kinds(sql), [kind]);
    assert.match((await found(sql))[0]!.detail, /, 2 so far/);
    await insertRun(sql, { startedMinutesAgo: 1, stop_reason: "no_capacity", claimed: 1 });
    assert.deepEqual(await kinds(sql), []);

    await sql`delete from public.dispatch_runs where started_at > ${ago(8)}`;
    await sql`update public.dispatch_runs set finished_at = ${
      ago(11)
    } where stop_reason = ${stop_reason}`;
    assert.deepEqual(await kinds(sql), [kind]);
  });
}

Deno.test("runs_halted: a run that had nobody to call does not end it, and the status warns on", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await tick(sql);
  for (const startedMinutesAgo of [15, 10]) {
    await insertRun(sql, { startedMinutesAgo, stop_reason: "halted", claimed: 1 });
  }
  await insertRun(sql, { startedMinutesAgo: 5, stop_reason: "drained", claimed: 0 });
  assert.deepEqual(await kinds(sql), ["runs_halted"]);
  const [status] = await sql`select warnings from public.call_status`;
  assert.ok(status!.warnings.some((warning: string) => /^Runs are halted, 2/.test(warning)));
});

Deno.test("runs_failed: a run that was never begun is not told twice", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await tick(sql);
  await insertRun(sql, { startedMinutesAgo: 20, begun: false });
  await sql`select public.close_lost_runs()`;
  assert.deepEqual(await kinds(sql), ["run_not_begun"]);
});

Deno.test("work not called: due for over 15 minutes, allowed, and no attempt since", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await tick(sql);
  const id = await insertFollowUp(sql, { due_at: ago(14) });
  assert.deepEqual(await kinds(sql), []);
  await sql`update public.follow_ups set due_at = ${ago(16)} where id = ${id}`;
  assert.deepEqual(await kinds(sql), ["work_not_called"]);

  // Others are called: it is its turn later.
  await insertFollowUp(sql);
  const other = (await claim(sql)).filter((row) => row.follow_up_id !== id);
  await sql`update public.follow_ups set lease_token = null, leased_until = null where id = ${id}`;
  await open(sql, other);
  assert.deepEqual(await kinds(sql), []);
  await sql`update public.call_attempts set opened_at = ${ago(16)}`;
  assert.deepEqual(await kinds(sql), ["work_not_called"]);
});

Deno.test("work not called: it is not told beside what explains it", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await insertFollowUp(sql, { due_at: ago(60) });
  await sql`update public.dispatch_heartbeat set last_tick_at = ${ago(40)}`;
  assert.deepEqual(await kinds(sql), ["late_tick"]);
  await tick(sql);
  assert.deepEqual(await kinds(sql), ["work_not_called"]);
});

Deno.test("work not called: a lead that no run has seeded counts, one that is not to be called does not", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await tick(sql);
  await insertLead(sql, { stage: "closed" });
  await sql`insert into public.seed_candidates (lead_id) select id from public.leads`;
  await sql`update public.seed_candidates set noted_at = ${ago(60)}`;
  assert.deepEqual(await kinds(sql), []);
  await insertLead(sql);
  assert.deepEqual(await kinds(sql), []);
  await sql`update public.seed_candidates set noted_at = ${ago(16)}`;
  assert.deepEqual(await kinds(sql), ["work_not_called"]);
});

Deno.test("work not called: one that may be called is found behind those that may not", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await tick(sql);
  for (let n = 0; n < 60; n += 1) {
    const phone = freshNumber();
    await insertFollowUp(sql, { due_at: ago(100), lead: { phone } });
    await sql`insert into public.do_not_call (number) values (${phone})`;
  }
  assert.deepEqual(await kinds(sql), []);
  await insertFollowUp(sql, { due_at: ago(20) });
  assert.deepEqual(await kinds(sql), ["work_not_called"]);
});

Deno.test("work not called: of a backlog that may not be called, a hundred are asked and not all", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await tick(sql);
  await sql`insert into public.call_pauses (source) values ('manual')`;
  const lead = await insertLead(sql, { stage: "visit_done" });
  await sql`insert into public.follow_ups (lead_id, due_at, source)
    select ${lead}, now() - n * interval '1 hour', 'manual' from generate_series(1, 300) as n`;
  const admin = connect(database.adminUrl, { max: 1 });
  try {
    await admin`set track_functions = 'all'`;
    const [asked] = await admin.begin(async (at) => {
      await at`select public.work_not_called()`;
      return await at`
        select calls::int from pg_stat_xact_user_functions where funcname = 'call_refusal'`;
    });
    assert.equal(asked!.calls, 100);
  } finally {
    await admin.end();
  }
});

/** Projects with work that is long due, in which all is as it should be. */
const QUIET: Record<string, (sql: Sql) => Promise<unknown>> = {
  idle: (sql) => sql`update public.follow_ups set status = 'completed'`,
  paused: (sql) => sql`update public.dispatch_settings set paused = true`,
  "outside the calling hours": (sql) =>
    sql`insert into public.calling_hours (opens, closes) values (
      (now() at time zone 'UTC')::time + interval '2 hours',
      (now() at time zone 'UTC')::time + interval '3 hours'
    )`,
  "whose source is paused": (sql) => sql`insert into public.call_pauses (source) values ('manual')`,
  "whose most calls for today are made": async (sql) => {
    await sql`update public.dispatch_settings set max_calls_per_day = 1`;
    await sql`insert into public.call_attempts
      (follow_up_id, lead_id, lease_token, to_number, status, opened_at, sending_until)
      values (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), '+14155550100', 'ended',
        date_trunc('day', now() at time zone 'UTC') at time zone 'UTC', now())`;
  },
  "in shadow mode": (sql) => sql`select public.use_shadow_mode(true)`,
  "whose lines are in use": async (sql) => {
    await sql`update public.dispatch_settings set max_concurrent_calls = 1`;
    await sql`insert into public.call_attempts
      (follow_up_id, lead_id, lease_token, to_number, status, opened_at, sending_until,
        request_id)
      values (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), '+14155550100', 'accepted',
        now() - interval '20 minutes', now(), '3166940')`;
  },
  "whose lead is being called for another follow-up": async (sql) => {
    const [{ lead_id }] = await sql<[{ lead_id: string }]>`select lead_id from public.follow_ups`;
    const earlier = await insertFollowUp(sql, { lead_id, due_at: ago(60) });
    await sql`update public.follow_ups set leased_until = now() + interval '1 minute',
      lease_token = gen_random_uuid() where id = ${earlier}`;
  },
  "whose call may have been placed": (sql) =>
    sql`insert into public.call_attempts
      (follow_up_id, lead_id, lease_token, to_number, status, opened_at, sending_until)
      select id, lead_id, gen_random_uuid(), '+14155550100', 'unknown', ${ago(60)}, now()
      from public.follow_ups`,
};

for (const [name, prepare] of Object.entries(QUIET)) {
  Deno.test(`find_incidents: there is none in a project ${name}`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await tick(sql);
    await insertRun(sql, { startedMinutesAgo: 60, stop_reason: "drained", claimed: 1 });
    await insertFollowUp(sql, { due_at: ago(20) });
    assert.deepEqual(await kinds(sql), ["work_not_called"]);
    await prepare(sql);
    assert.deepEqual(await kinds(sql), []);
    const [status] = await sql`select incidents from public.call_status`;
    assert.deepEqual(status!.incidents, []);
  });
}

Deno.test("find_incidents: service_role sees the same as the schedule's own role", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_heartbeat set last_tick_at = ${ago(30)}`;
  const id = await insertRun(sql, { startedMinutesAgo: 10, begun: false });
  await insertReply(sql, id, 10, { status_code: 404 });
  const own = await found(sql);
  assert.equal(own.length, 2);
  const others = await database.asServiceRole((as) =>
    as`select kind, detail from public.find_incidents()`
  );
  assert.deepEqual([...others], own);
});

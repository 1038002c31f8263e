// Who brings work commits for himself, beside runs that end for themselves: real connections, and the
// deferred trigger fired by hand where one of them has to stand still just before its commit.
import assert from "node:assert/strict";
import { connect, type Sql } from "../../supabase/local/postgres/connect.ts";
import { attempt, insertCall, recordEvent } from "../support/call_event.ts";
import type { TestDatabase } from "../support/clone_database.ts";
import { eventually } from "../support/eventually.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { insertLead } from "../support/insert_lead.ts";
import { beginRun } from "../support/sql_contract.ts";

const SECRET = "cron-secret-that-must-not-leak";

async function startAtOnce(sql: Sql): Promise<void> {
  await sql`select vault.create_secret('https://project.test/', 'project_url')`;
  await sql`select vault.create_secret(${SECRET}, 'cron_job_secret')`;
  await sql`update public.dispatch_settings set start_at_once = true`;
}

/** The sources of the runs that were asked for, oldest first; each has to have its request. */
async function started(sql: Sql): Promise<string[]> {
  const runs = await sql<{ source: string }[]>`
    select source from public.dispatch_runs where net_request_id is not null order by started_at`;
  const [queued] = await sql<{ n: number }[]>`
    select count(*)::int as n from net.http_request_queue`;
  assert.equal(queued!.n, runs.length);
  return runs.map(({ source }) => source);
}

/** How many requests for a run wait for the end of the one under way. */
async function waiting(sql: Sql): Promise<number> {
  const [row] = await sql<{ n: number }[]>`
    select count(*)::int as n from public.dispatch_requests`;
  return row!.n;
}

async function finish(sql: Sql, runId: string, stop_reason = "drained") {
  const [row] = await sql<{ stop_reason: string; next_run_id: string | null }[]>`
    select stop_reason, next_run_id from public.finish_dispatch_run(
      ${runId}, ${JSON.stringify({ stop_reason })}::text::jsonb
    )`;
  return row!;
}

/** A connection of its own that waits for no lock longer than two seconds. */
function connection(database: TestDatabase): Sql & AsyncDisposable {
  const sql = connect(database.url, { max: 1, connection: { lock_timeout: 2_000 } });
  return Object.assign(sql, { [Symbol.asyncDispose]: () => sql.end({ timeout: 1 }) });
}

/** Resolves when somebody in the database waits for a lock. */
async function somebodyWaits(sql: Sql): Promise<void> {
  await eventually("somebody waits for a lock", async () => {
    const waits = await sql`
      select from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`;
    return waits.length > 0 ? true : undefined;
  });
}

Deno.test("start at once: a lead that comes in starts one run, when it is committed", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await startAtOnce(sql);
  await using own = connection(database);
  await own`begin`;
  await insertLead(own);
  assert.deepEqual(await started(sql), []);
  assert.deepEqual(await started(own), [], "nothing is done before the commit");
  await own`commit`;
  assert.deepEqual(await started(sql), ["new_lead"]);
  const [request] = await sql`select url, headers, body from net.http_request_queue`;
  assert.equal(request!.url, "https://project.test/functions/v1/call-dispatch");
  assert.equal(request!.headers["x-cron-secret"], SECRET);
  const [run] = await sql`select id, finished_at, begun_at from public.dispatch_runs`;
  assert.deepEqual(JSON.parse(new TextDecoder().decode(request!.body)), {
    run_id: run!.id,
    source: "new_lead",
  });
  assert.deepEqual([run!.finished_at, run!.begun_at], [null, null]);
  assert.equal(await waiting(sql), 0);
});

Deno.test("start at once: a lead that is rolled back starts none", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await startAtOnce(sql);
  await using own = connection(database);
  await own`begin`;
  await insertLead(own);
  await own`set constraints all immediate`;
  await own`rollback`;
  assert.deepEqual(await started(sql), []);
  assert.equal(await waiting(sql), 0);
});

Deno.test("start at once: a savepoint that is rolled back does not swallow the next lead's run", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await startAtOnce(sql);
  await using own = connection(database);
  await own`begin`;
  await own`savepoint first`;
  await insertLead(own);
  await own`rollback to savepoint first`;
  await insertLead(own);
  await own`commit`;
  assert.deepEqual(await started(sql), ["new_lead"]);
});

Deno.test("start at once: a thousand leads in one statement start one run", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await startAtOnce(sql);
  await sql`insert into public.leads (phone) select '+1415' || n from generate_series(2000000, 2000999) n`;
  assert.deepEqual(await started(sql), ["new_lead"]);
});

Deno.test("start at once: a thousand statements in one transaction start one run", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await startAtOnce(sql);
  await sql`
    do $$
    begin
      for n in 2000000..2000999 loop
        insert into public.leads (phone) values ('+1415' || n);
      end loop;
    end
    $$`;
  assert.deepEqual(await started(sql), ["new_lead"]);
  assert.equal((await sql`select from public.seed_candidates`).length, 1000);
});

Deno.test("start at once: the next transaction of a connection asks anew", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await startAtOnce(sql);
  await using own = connection(database);
  await insertLead(own);
  await insertLead(own);
  assert.deepEqual(await started(sql), ["new_lead"]);
  assert.equal(await waiting(sql), 1);
});

Deno.test("start at once: two hundred leads, each committed for itself by ten apps, start few runs", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await startAtOnce(sql);
  const apps = Array.from({ length: 10 }, () => connection(database));
  try {
    await Promise.all(apps.map((own) => own`select 1`));
    await Promise.all(apps.map(async (own) => {
      for (let n = 0; n < 20; n += 1) await insertLead(own);
    }));
  } finally {
    await Promise.all(apps.map((own) => own.end()));
  }
  const runs = (await started(sql)).length;
  // At most what began at once, before any of it was committed.
  assert.ok(runs >= 1 && runs <= 10, `${runs} runs`);
  assert.equal(await waiting(sql), 200 - runs);
  assert.equal((await sql`select from public.leads`).length, 200);
});

const unstarted: Record<string, (sql: Sql) => Promise<unknown>> = {
  "it is paused": (sql) => sql`update public.dispatch_settings set paused = true`,
  "no line is free": async (sql) => {
    await sql`update public.dispatch_settings set start_at_once = false`;
    await insertCall(sql);
    await sql`delete from public.seed_candidates`;
    await sql`update public.dispatch_settings set start_at_once = true, max_concurrent_calls = 1`;
  },
  "start_at_once is off": (sql) => sql`update public.dispatch_settings set start_at_once = false`,
};

for (const [name, prepare] of Object.entries(unstarted)) {
  Deno.test(`start at once: while ${name} nothing is sent, and nothing is left to be answered`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await startAtOnce(sql);
    await prepare(sql);
    await insertLead(sql);
    assert.deepEqual(await started(sql), []);
    assert.equal(await waiting(sql), 0);
    assert.equal((await sql`select from public.seed_candidates`).length, 1);
  });
}

Deno.test("start at once: with a free line beside a live call a run is started", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await insertCall(sql);
  await startAtOnce(sql);
  await sql`update public.dispatch_settings set max_concurrent_calls = 2`;
  await insertLead(sql);
  assert.deepEqual(await started(sql), ["new_lead"]);
});

for (
  const [name, lead] of [
    ["is closed", { stage: "closed" }],
    ["has no phone", { phone: null }],
    ["was called before", { call_date: new Date() }],
  ] as const
) {
  Deno.test(`start at once: a lead that ${name} asks for no run`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await startAtOnce(sql);
    await insertFollowUp(sql, { lead });
    assert.deepEqual(await started(sql), []);
    assert.equal(await waiting(sql), 0);
  });
}

Deno.test("start at once: a lead that is given a phone, or another one, starts a run", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await startAtOnce(sql);
  const id = await insertLead(sql, { phone: null });
  assert.deepEqual(await started(sql), []);
  await sql`update public.leads set phone = '+14155550100' where id = ${id}`;
  assert.deepEqual(await started(sql), ["new_lead"]);
  await sql`update public.dispatch_runs set finished_at = now(), stop_reason = 'drained'`;
  await sql`select public.seed_follow_ups()`;
  await sql`update public.follow_ups set status = 'failed', reason = 'Phone number is not valid'`;
  await sql`update public.leads set phone = '+14155550101' where id = ${id}`;
  assert.deepEqual(await started(sql), ["new_lead", "new_lead"]);
  await sql`update public.dispatch_runs set finished_at = now(), stop_reason = 'drained'
    where finished_at is null`;
  await sql`update public.leads set phone = '+14155550102', customer_name = 'Eve' where id = ${id}`;
  assert.equal((await started(sql)).length, 2, "nothing has become callable by that");
});

for (
  const [name, remove, words] of [
    [
      "without its secrets in Vault",
      (sql: Sql) => sql`delete from vault.secrets where true`,
      /Vault has no secret "project_url" and "cron_job_secret"/,
    ],
    ["without Vault", (sql: Sql) => sql`drop schema vault cascade`, /Vault is not installed/],
    ["without pg_net", (sql: Sql) => sql`drop schema net cascade`, /"net" does not exist/],
  ] as const
) {
  Deno.test(`start at once: ${name} the lead is inserted all the same, with a warning`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await startAtOnce(sql);
    const admin = connect(database.adminUrl, { max: 1 });
    await remove(admin);
    await admin.end();
    const warnings: string[] = [];
    const app = connect(database.url, {
      max: 1,
      onnotice: ({ message }) => warnings.push(String(message)),
    });
    try {
      await insertLead(app);
    } finally {
      await app.end();
    }
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, /^No run was started at once: /);
    assert.match(warnings[0]!, words);
    assert.ok(!warnings[0]!.includes(SECRET));
    assert.equal((await sql`select from public.dispatch_runs`).length, 0);
    assert.equal((await sql`select from public.leads`).length, 1);
    assert.equal((await sql`select from public.seed_candidates`).length, 1);
  });
}

Deno.test("start at once: an app's role that may only insert leads starts a run, and reads nothing", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await startAtOnce(sql);
  await sql`grant insert on public.leads to authenticated`;
  await sql`create policy apps_insert on public.leads for insert to authenticated with check (true)`;
  await using own = connection(database);
  await own`begin`;
  await own`set local role authenticated`;
  await own`insert into public.leads (phone) values ('+14155550100')`;
  await own`commit`;
  assert.deepEqual(await started(sql), ["new_lead"]);
  await own`begin`;
  await own`set local role authenticated`;
  await own`insert into public.leads (phone) values ('+14155550101')`;
  await own`commit`;
  assert.equal(await waiting(sql), 1);
});

Deno.test("start at once: an open transaction that has brought a lead blocks nobody else's", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await startAtOnce(sql);
  await using first = connection(database);
  await using second = connection(database);
  await first`begin`;
  await insertLead(first);
  await first`set constraints all immediate`;
  await insertLead(second);
  assert.deepEqual(await started(sql), ["new_lead"]);
  await first`commit`;
  assert.equal((await started(sql)).length, 2);
});

Deno.test("start at once: nor does it while both hold the same run", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await startAtOnce(sql);
  const runId = await beginRun(sql);
  await using first = connection(database);
  await using second = connection(database);
  await first`begin`;
  await insertLead(first);
  await first`set constraints all immediate`;
  await insertLead(second);
  assert.equal(await waiting(sql), 1);
  await first`commit`;
  assert.equal(await waiting(sql), 2);
  assert.ok((await finish(sql, runId)).next_run_id);
});

Deno.test("start at once: a transaction with an old snapshot loses neither its lead nor its work", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await startAtOnce(sql);
  const runId = await beginRun(sql);
  await using own = connection(database);
  await own`begin isolation level repeatable read`;
  await own`select 1 from public.leads`;
  await finish(sql, runId);
  await insertLead(own);
  await own`commit`;
  assert.equal((await sql`select from public.leads`).length, 1);
  assert.equal((await sql`select from public.seed_candidates`).length, 1);
});

Deno.test("under way: a lead that comes in during a run is left to its end, which starts the next", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await startAtOnce(sql);
  const runId = await beginRun(sql);
  await insertLead(sql);
  assert.deepEqual(await started(sql), []);
  assert.equal(await waiting(sql), 1);
  const { next_run_id } = await finish(sql, runId);
  assert.ok(next_run_id);
  assert.deepEqual(await started(sql), ["continuation"]);
  assert.equal(await waiting(sql), 0);
  assert.equal((await finish(sql, runId)).next_run_id, null);
  assert.deepEqual(await started(sql), ["continuation"]);
});

for (const stop_reason of ["drained", "no_capacity", "deadline"]) {
  Deno.test(`under way: a run that stopped as ${stop_reason} goes on when it was asked for another`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await startAtOnce(sql);
    const runId = await beginRun(sql);
    await insertLead(sql);
    assert.ok((await finish(sql, runId, stop_reason)).next_run_id);
  });
}

for (const stop_reason of ["halted", "error", "paused", "limited"]) {
  Deno.test(`under way: a run that stopped as ${stop_reason} leaves the rest to the schedule`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await startAtOnce(sql);
    const runId = await beginRun(sql);
    await insertLead(sql);
    assert.equal((await finish(sql, runId, stop_reason)).next_run_id, null);
    assert.deepEqual(await started(sql), []);
    assert.equal((await sql`select from public.seed_candidates`).length, 1);
  });
}

const nothingToGoOnWith: Record<string, (sql: Sql) => Promise<unknown>> = {
  "nothing is due or seedable": (sql) => sql`delete from public.seed_candidates where true`,
  "it was paused meanwhile": (sql) => sql`update public.dispatch_settings set paused = true`,
  "no line is free": async (sql) => {
    await sql`update public.dispatch_settings set max_concurrent_calls = 1`;
    await insertCall(sql);
  },
};

for (const [name, prepare] of Object.entries(nothingToGoOnWith)) {
  Deno.test(`under way: the end starts no other run when ${name}`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await startAtOnce(sql);
    const runId = await beginRun(sql);
    await insertLead(sql);
    await prepare(sql);
    assert.equal((await finish(sql, runId)).next_run_id, null);
    assert.deepEqual(await started(sql), []);
    assert.equal(await waiting(sql), 0);
  });
}

Deno.test("under way: what was due and was not asked for again starts no other run", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await startAtOnce(sql);
  const runId = await beginRun(sql);
  await sql`update public.dispatch_settings set start_at_once = false`;
  await insertLead(sql);
  assert.equal((await finish(sql, runId)).next_run_id, null);
  assert.deepEqual(await started(sql), []);
});

Deno.test("under way: what was asked for before the run began is the run's own work", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await startAtOnce(sql);
  await insertLead(sql);
  const [invoked] = await sql`select id from public.dispatch_runs`;
  await insertLead(sql);
  assert.equal(await waiting(sql), 1);
  await sql`select public.begin_dispatch_run(${invoked!.id}, 'new_lead', contract => 3)`;
  assert.equal(await waiting(sql), 0);
  assert.equal((await finish(sql, invoked!.id)).next_run_id, null);
  assert.deepEqual(await started(sql), ["new_lead"]);
});

Deno.test("under way: the end of a run that is told again takes no request from the next one", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await startAtOnce(sql);
  const first = await beginRun(sql);
  await finish(sql, first);
  const second = await beginRun(sql);
  await insertLead(sql);
  await finish(sql, first);
  assert.equal(await waiting(sql), 1);
  assert.ok((await finish(sql, second)).next_run_id);
});

for (const stop_reason of ["halted", "error", "drained", "no_capacity"]) {
  Deno.test(`under way: of two runs the one that stopped as ${stop_reason} takes no request from the other`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await startAtOnce(sql);
    const broken = await beginRun(sql);
    const working = await beginRun(sql);
    await insertLead(sql);
    await finish(sql, broken, stop_reason);
    assert.ok((await finish(sql, working)).next_run_id);
  });
}

Deno.test("race: a run that ends waits for the lead that is just being committed, and sees it", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await startAtOnce(sql);
  const runId = await beginRun(sql);
  await using app = connection(database);
  await using run = connection(database);
  await run`select 1`;
  await app`begin`;
  await insertLead(app);
  await app`set constraints all immediate`;
  let ended = false;
  const ending = finish(run, runId).finally(() => ended = true);
  await somebodyWaits(sql);
  assert.equal(ended, false);
  await app`commit`;
  assert.ok((await ending).next_run_id);
  assert.deepEqual(await started(sql), ["continuation"]);
  assert.equal(await waiting(sql), 0);
});

Deno.test("race: a lead that meets a run that is just ending starts the next itself, without waiting", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await startAtOnce(sql);
  const runId = await beginRun(sql);
  await using app = connection(database);
  await using run = connection(database);
  await run`begin`;
  assert.equal((await finish(run, runId)).next_run_id, null);
  await insertLead(app);
  assert.deepEqual(await started(sql), ["new_lead"]);
  await run`commit`;
  assert.deepEqual(await started(sql), ["new_lead"]);
  assert.equal(await waiting(sql), 0);
});

Deno.test("race: a run that ends between a lead's look at the runs and its hold on one is not waited for", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await startAtOnce(sql);
  const runId = await beginRun(sql);
  // The same look, which then stands still as long as the test wants.
  await sql`alter function public.answer_dispatch_request set lock_timeout = '30s'`;
  const [look] = await sql`select pg_get_functiondef('public.runs_under_way'::regproc) as text`;
  await sql.unsafe(look!.text.replaceAll("runs_under_way", "looked_for_runs"));
  await sql`
    create or replace function public.runs_under_way(as_of timestamptz default now()) returns setof uuid
    language plpgsql stable as $$
    begin
      return query select public.looked_for_runs(as_of);
      if current_setting('application_name') = 'stands still' then
        perform pg_advisory_xact_lock(1);
      end if;
    end
    $$`;
  await using app = connection(database);
  await using holder = connection(database);
  await holder`select pg_advisory_lock(1)`;
  await app`set application_name = 'stands still'`;
  const inserting = insertLead(app);
  await somebodyWaits(sql);
  assert.equal((await finish(sql, runId)).next_run_id, null);
  await holder`select pg_advisory_unlock(1)`;
  await inserting;
  assert.deepEqual(await started(sql), ["new_lead"]);
  assert.equal(await waiting(sql), 0);
});

Deno.test("race: of two leads that are committed at the same moment the second sees the run of the first", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await startAtOnce(sql);
  await sql`alter function public.answer_dispatch_request set lock_timeout = '30s'`;
  await using first = connection(database);
  await using second = connection(database);
  await first`begin`;
  await insertLead(first);
  await first`set constraints all immediate`;
  const inserting = insertLead(second);
  await somebodyWaits(sql);
  await first`commit`;
  await inserting;
  assert.deepEqual(await started(sql), ["new_lead"]);
  assert.equal(await waiting(sql), 1);
});

Deno.test("race: of two runs that end at the same moment one looks for what was asked for", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await startAtOnce(sql);
  const [first, second] = [await beginRun(sql), await beginRun(sql)];
  await insertLead(sql);
  await using one = connection(database);
  await using other = connection(database);
  await one`begin`;
  await finish(one, first);
  const ending = finish(other, second);
  await Promise.race([ending, somebodyWaits(sql)]);
  await one`commit`;
  await ending;
  assert.deepEqual(await started(sql), ["continuation"]);
  assert.equal(await waiting(sql), 0);
});

Deno.test("race: a run begins without waiting for the lead that is just being committed", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await startAtOnce(sql);
  await insertLead(sql);
  const [invoked] = await sql`select id from public.dispatch_runs`;
  await using app = connection(database);
  await using run = connection(database);
  await app`begin`;
  await insertLead(app);
  await app`set constraints all immediate`;
  const [begun] = await run`select id from public.begin_dispatch_run(${
    invoked!.id
  }, 'new_lead', contract => 3)`;
  assert.equal(begun!.id, invoked!.id);
  await app`commit`;
  assert.equal(await waiting(sql), 1);
  assert.ok((await finish(sql, invoked!.id)).next_run_id);
});

for (
  const [name, columns, suppresses] of [
    ["asked for 10 seconds ago", { started: 10, begun: null }, true],
    ["asked for 20 seconds ago and not taken up", { started: 20, begun: null }, false],
    ["asked for 20 seconds ago and taken up", { started: 20, begun: 5 }, true],
    ["taken up 3 minutes ago", { started: 180, begun: 180 }, true],
    ["taken up 5 minutes ago that never told its end", { started: 300, begun: 300 }, false],
  ] as const
) {
  Deno.test(`under way: a run ${name} ${suppresses ? "does" : "does not"} count as one`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await startAtOnce(sql);
    await sql`
      insert into public.dispatch_runs (source, started_at, begun_at) values (
        'pg_cron', now() - ${columns.started} * interval '1 second',
        now() - ${columns.begun}::int * interval '1 second'
      )`;
    await insertLead(sql);
    assert.deepEqual(await started(sql), suppresses ? [] : ["new_lead"]);
    assert.equal(await waiting(sql), suppresses ? 1 : 0);
    const [tick] = await sql`select public.invoke_call_dispatch() as id`;
    assert.equal(tick!.id, null, "the schedule sees a run as well");
  });
}

Deno.test("call ended: it asks for a run while there is work, and told again it does not", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql);
  await insertFollowUp(sql);
  await startAtOnce(sql);
  const told = { attempt_id: call.attempt_id, outcome: "completed", call_id: "900" };
  await recordEvent(sql, told);
  assert.deepEqual(await started(sql), ["call_ended"]);
  const [run] = await sql`select id from public.dispatch_runs`;
  await finish(sql, run!.id, "halted");
  await recordEvent(sql, told);
  await recordEvent(sql, { ...told, source: "call_log" });
  assert.deepEqual(await started(sql), ["call_ended"]);
  assert.equal(await waiting(sql), 0);
});

Deno.test("call ended: with nothing else to call it starts no run", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql);
  await sql`delete from public.seed_candidates where true`;
  await startAtOnce(sql);
  await recordEvent(sql, { attempt_id: call.attempt_id });
  assert.equal((await attempt(sql, call.attempt_id)).status, "ended");
  assert.deepEqual(await started(sql), []);
  assert.equal(await waiting(sql), 0);
});

Deno.test("call ended: it frees the line on which the run is started", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql);
  await insertFollowUp(sql);
  await startAtOnce(sql);
  await sql`update public.dispatch_settings set max_concurrent_calls = 1`;
  await insertLead(sql);
  assert.deepEqual(await started(sql), []);
  await recordEvent(sql, { attempt_id: call.attempt_id });
  assert.deepEqual(await started(sql), ["call_ended"]);
});

Deno.test("call ended: with a limit of calls per run, ended calls bring no runs with as many each; the tick goes on", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const calls = [];
  for (let n = 0; n < 5; n += 1) calls.push(await insertCall(sql));
  for (let n = 0; n < 30; n += 1) await insertFollowUp(sql);
  await sql`truncate public.seed_candidates`;
  await startAtOnce(sql);
  await sql`update public.dispatch_settings set max_calls_per_run = 10, max_concurrent_calls = 6`;
  const run = await beginRun(sql);
  // One line was free: the run's calls are fewer than it might begin.
  const claimed = await sql`select * from public.claim_due_follow_ups(10, run_id => ${run})`;
  assert.equal(claimed.length, 1);
  await sql`select public.release_follow_ups(${[claimed[0]!.lease_token]}::uuid[])`;
  await finish(sql, run, "no_capacity");
  for (const call of calls) await recordEvent(sql, { attempt_id: call.attempt_id });
  assert.deepEqual(await started(sql), []);
  assert.equal(await waiting(sql), 0);
  await sql`select public.invoke_call_dispatch()`;
  assert.deepEqual(await started(sql), ["pg_cron"]);
});

for (
  const [what, columns, run, is_started] of [
    ["a run that called somebody 3 minutes ago", { max_calls_per_run: 10 }, [3, 1], false],
    ["a run that called somebody 5 minutes ago", { max_calls_per_run: 10 }, [5, 1], true],
    ["a run that called nobody", { max_calls_per_run: 10 }, [3, 0], true],
    ["a run without a limit", { max_calls_per_run: null }, [3, 1], true],
  ] as const
) {
  Deno.test(`call ended: after ${what} it starts ${is_started ? "a" : "no"} run`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const call = await insertCall(sql);
    await insertFollowUp(sql);
    await startAtOnce(sql);
    await sql`update public.dispatch_settings set ${sql(columns)}`;
    await sql`
      insert into public.dispatch_runs (source, started_at, finished_at, stop_reason, claimed)
      values ('pg_cron', now() - ${run[0]} * interval '1 minute', now(), 'no_capacity', ${run[1]})`;
    await recordEvent(sql, { attempt_id: call.attempt_id });
    assert.deepEqual(await started(sql), is_started ? ["call_ended"] : []);
  });
}

for (const verdict of ["placed", "not_placed"]) {
  Deno.test(`call ended: a person who resolves it as ${verdict} starts a run`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const call = await insertCall(sql, { status: "unknown" });
    await insertFollowUp(sql);
    await startAtOnce(sql);
    await sql`select public.resolve_call_attempt(${call.attempt_id}, ${verdict})`;
    assert.deepEqual(await started(sql), ["call_ended"]);
    const [again] = await sql`
      select public.resolve_call_attempt(${call.attempt_id}, ${verdict}) as resolved`;
    assert.equal(again!.resolved, false);
    assert.equal(await waiting(sql), 0);
  });
}

Deno.test("call ended: told late, when its line had long been free, it asks for no run", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql, { status: "ended" });
  await insertFollowUp(sql);
  await startAtOnce(sql);
  await recordEvent(sql, { attempt_id: call.attempt_id });
  assert.equal((await attempt(sql, call.attempt_id)).outcome, "no_answer");
  assert.deepEqual(await started(sql), []);
});

for (
  const [stop_reason, ended, asks, is_started] of [
    ["halted", { minutes: 1, claimed: 1 }, "new_lead", false],
    ["halted", { minutes: 1, claimed: 1 }, "call_ended", false],
    ["limited", { minutes: 1, claimed: 1 }, "new_lead", false],
    ["limited", { minutes: 1, claimed: 1 }, "call_ended", false],
    ["limited", { minutes: 5, claimed: 1 }, "new_lead", true],
    ["error", { minutes: 3, claimed: 1 }, "new_lead", false],
    ["no_capacity", { minutes: 1, claimed: 1 }, "new_lead", false],
    ["no_capacity", { minutes: 1, claimed: 1 }, "call_ended", true],
    ["halted", { minutes: 5, claimed: 1 }, "new_lead", true],
    ["halted", { minutes: 1, claimed: 0 }, "new_lead", true],
    ["drained", { minutes: 1, claimed: 1 }, "new_lead", true],
  ] as const
) {
  const how = `${ended.minutes} minutes ago, with ${ended.claimed} claimed,`;
  Deno.test(`trouble: after a run that stopped as ${stop_reason} ${how} ${asks} starts ${is_started ? "a" : "no"} run`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const call = await insertCall(sql);
    await insertFollowUp(sql);
    await startAtOnce(sql);
    await sql`
      insert into public.dispatch_runs (source, started_at, finished_at, stop_reason, claimed)
      values (
        'manual', now() - ${ended.minutes + 1} * interval '1 minute',
        now() - ${ended.minutes} * interval '1 minute', ${stop_reason}, ${ended.claimed}
      )`;
    if (asks === "new_lead") await insertLead(sql);
    else await recordEvent(sql, { attempt_id: call.attempt_id });
    assert.deepEqual(await started(sql), is_started ? [asks] : []);
    assert.equal(await waiting(sql), 0);
  });
}

Deno.test("trouble: a run that went well since then is what counts", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await startAtOnce(sql);
  await sql`
    insert into public.dispatch_runs (source, started_at, finished_at, stop_reason, claimed) values
      ('manual', now() - interval '3 minutes', now() - interval '2 minutes', 'halted', 3),
      ('manual', now() - interval '2 minutes', now() - interval '1 minute', 'drained', 1)`;
  await insertLead(sql);
  assert.deepEqual(await started(sql), ["new_lead"]);
});

Deno.test("import: leads of a transaction that leaves them to the schedule start no run, the next ones do", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await startAtOnce(sql);
  await using own = connection(database);
  await own`begin`;
  await own`select public.leave_to_schedule()`;
  await insertLead(own);
  await own`commit`;
  assert.deepEqual(await started(sql), []);
  assert.equal(await waiting(sql), 0);
  await insertLead(own);
  assert.deepEqual(await started(sql), ["new_lead"]);
});

import assert from "node:assert/strict";
import type { Sql } from "../../supabase/local/postgres/connect.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { insertLead } from "../support/insert_lead.ts";
import { beginRun, claim, open } from "../support/sql_contract.ts";

const SECRET = "cron-secret-that-must-not-leak";

async function setVault(sql: Sql): Promise<void> {
  await sql`select vault.create_secret('https://project.test/', 'project_url')`;
  await sql`select vault.create_secret(${SECRET}, 'cron_job_secret')`;
}

async function invoke(sql: Sql): Promise<string | null> {
  const [row] = await sql<{ id: string | null }[]>`select public.invoke_call_dispatch() as id`;
  return row!.id;
}

async function queued(sql: Sql) {
  return await sql<{ url: string; headers: Record<string, string>; body: Uint8Array }[]>`
    select url, headers, body from net.http_request_queue`;
}

Deno.test("invoke: with nothing to do it notes the heartbeat and sends nothing", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  assert.equal(await invoke(sql), null);
  assert.equal((await queued(sql)).length, 0);
  assert.equal((await sql`select from public.dispatch_runs`).length, 0);
  const [beat] = await sql`select last_tick_at, last_tick_did from public.dispatch_heartbeat`;
  assert.ok(beat!.last_tick_at instanceof Date);
  assert.equal(beat!.last_tick_did, "nothing to do");
});

const work: Record<string, (sql: Sql) => Promise<unknown>> = {
  "a lead to seed": (sql) => insertLead(sql),
  "a follow-up that is due": (sql) => insertFollowUp(sql),
  "an attempt whose run died": async (sql) => {
    await insertFollowUp(sql);
    await open(sql, await claim(sql));
    await sql`update public.call_attempts set sending_until = now() - interval '1 minute'`;
  },
};

for (const [name, prepare] of Object.entries(work)) {
  Deno.test(`invoke: with ${name} it writes the run and posts it, the secret in a header`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await setVault(sql);
    await prepare(sql);
    const id = await invoke(sql);
    const [run] = await sql`select * from public.dispatch_runs where id = ${id}`;
    assert.equal(run!.source, "pg_cron");
    assert.equal(run!.finished_at, null);
    assert.ok(run!.net_request_id !== null);
    const [request] = await queued(sql);
    assert.equal(request!.url, "https://project.test/functions/v1/call-dispatch");
    assert.equal(request!.headers["x-cron-secret"], SECRET);
    assert.equal(request!.headers["Prefer"], "respond-async");
    const body = JSON.parse(new TextDecoder().decode(request!.body));
    assert.deepEqual(body, { run_id: id, source: "pg_cron" });
  });
}

Deno.test("invoke: while paused it sends nothing, however much is due", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await setVault(sql);
  await insertFollowUp(sql);
  await sql`update public.dispatch_settings set paused = true`;
  assert.equal(await invoke(sql), null);
  assert.equal((await queued(sql)).length, 0);
});

for (
  const [missing, keep] of [
    ['"project_url" and "cron_job_secret"', []],
    ['"cron_job_secret"', ["project_url"]],
    ['"project_url"', ["cron_job_secret"]],
  ] as const
) {
  Deno.test(`invoke: without ${missing} in Vault it says so, and no secret`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await insertFollowUp(sql);
    for (const name of keep) await sql`select vault.create_secret(${SECRET}, ${name})`;
    await assert.rejects(invoke(sql), (error: Error & { hint?: string; detail?: string }) => {
      assert.equal(error.message, `Cannot start a run: Vault has no secret ${missing}`);
      assert.match(error.hint ?? "", /vault\.create_secret/);
      assert.ok(!JSON.stringify({ ...error, message: error.message }).includes(SECRET));
      return true;
    });
    assert.equal((await queued(sql)).length, 0);
  });
}

Deno.test("finish: closes the run once, and says what is left", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const runId = await beginRun(sql);
  await insertFollowUp(sql);
  const finish = async (stop_reason: string) =>
    (await sql`select * from public.finish_dispatch_run(
      ${runId}, ${JSON.stringify({ stop_reason, error: null })}::text::jsonb)`)[0]!;
  const first = await finish("no_capacity");
  assert.deepEqual([first.stop_reason, first.remaining, first.next_run_id], [
    "no_capacity",
    1,
    null,
  ]);
  assert.equal((await finish("drained")).stop_reason, "no_capacity");
});

Deno.test("finish: a run that made progress and met its deadline starts the next at once", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await setVault(sql);
  const finishAfter = async (claimed: number, stop_reason = "deadline") => {
    const runId = await beginRun(sql);
    await sql`update public.dispatch_runs set claimed = ${claimed} where id = ${runId}`;
    return (await sql`select next_run_id from public.finish_dispatch_run(
      ${runId}, ${JSON.stringify({ stop_reason })}::text::jsonb)`)[0]!.next_run_id;
  };
  assert.equal(await finishAfter(5), null, "nothing is left");
  await insertFollowUp(sql);
  assert.equal(await finishAfter(0), null, "no progress: it would only repeat itself");
  assert.equal(await finishAfter(5, "drained"), null);
  assert.equal((await queued(sql)).length, 0);
  const next = await finishAfter(5);
  const [run] = await sql`select source from public.dispatch_runs where id = ${next}`;
  assert.equal(run!.source, "continuation");
  assert.equal((await queued(sql)).length, 1);
});

Deno.test("finish: the run is closed also when the next cannot be started", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const runId = await beginRun(sql);
  await sql`update public.dispatch_runs set claimed = 1 where id = ${runId}`;
  await insertFollowUp(sql);
  const [row] = await sql`select * from public.finish_dispatch_run(
    ${runId}, '{"stop_reason": "deadline"}')`;
  assert.equal(row!.stop_reason, "deadline");
  assert.match(row!.error, /The next run was not started: .*Vault has no secret/);
});

Deno.test("begin: takes up the row of the schedule, and writes its own for a manual run", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await setVault(sql);
  await insertFollowUp(sql);
  const invoked = await invoke(sql);
  const begin = async (id: string | null) =>
    (await sql`select id from public.begin_dispatch_run(${id}, 'pg_cron', contract => 3)`)[0]!.id;
  assert.equal(await begin(invoked), invoked);
  assert.notEqual(await begin(null), invoked);
  await sql`update public.dispatch_runs set finished_at = now(), stop_reason = 'drained'`;
  assert.notEqual(await begin(invoked), invoked);
});

Deno.test("begin: starts with one call after a run that was halted, until one has not been", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const begin = async () =>
    (await sql`select start_with_one from public.begin_dispatch_run(contract => 3)`)[0]!;
  const past = (stop_reason: string, claimed: number, minutes: number) =>
    sql`insert into public.dispatch_runs (source, started_at, finished_at, stop_reason, claimed)
      values ('manual', now() - ${minutes} * interval '1 minute', now(), ${stop_reason}, ${claimed})`;
  assert.equal((await begin()).start_with_one, false);
  await past("halted", 3, 20);
  assert.equal((await begin()).start_with_one, true);
  await past("paused", 0, 15);
  assert.equal((await begin()).start_with_one, true);
  await past("drained", 3, 10);
  assert.equal((await begin()).start_with_one, false);
});

Deno.test("invoke: a tick starts no second run beside one that is under way, a continuation does", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await setVault(sql);
  await insertFollowUp(sql);
  assert.ok(await invoke(sql));
  assert.equal(await invoke(sql), null);
  const [beat] = await sql`select last_tick_did from public.dispatch_heartbeat`;
  assert.equal(beat!.last_tick_did, "a run is under way");
  const [next] = await sql`select public.invoke_call_dispatch('continuation') as id`;
  assert.ok(next!.id);
  await sql`update public.dispatch_runs set started_at = now() - interval '5 minutes'`;
  assert.ok(await invoke(sql));
});

Deno.test("invoke: a run that was asked for and never came is closed by a later tick", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await setVault(sql);
  await insertFollowUp(sql);
  const id = await invoke(sql);
  await sql`update public.dispatch_runs set started_at = now() - interval '16 minutes'`;
  await invoke(sql);
  const [run] = await sql`select stop_reason, error from public.dispatch_runs where id = ${id}`;
  assert.equal(run!.stop_reason, "error");
  assert.match(run!.error, /net\._http_response, request \d+$/);
});

Deno.test("invoke: while one secret replaces the other, the new one is sent", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`select vault.create_secret('https://project.test', 'project_url')`;
  await sql`select vault.create_secret('new-one, old-one', 'cron_job_secret')`;
  await insertFollowUp(sql);
  await invoke(sql);
  assert.equal((await queued(sql))[0]!.headers["x-cron-secret"], "new-one");
});

import assert from "node:assert/strict";
import type { Sql } from "../../supabase/local/postgres/connect.ts";
import { atOnce } from "../support/at_once.ts";
import { eventually } from "../support/eventually.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { beginRun, claim } from "../support/sql_contract.ts";

async function project(sql: Sql, dueNow: number, columns: Record<string, unknown> = {}) {
  await sql`select vault.create_secret('https://project.test', 'project_url')`;
  await sql`select vault.create_secret('secret', 'cron_job_secret')`;
  for (let n = 0; n < dueNow; n += 1) await insertFollowUp(sql);
  // They have their follow-ups: there is nothing to seed.
  await sql`truncate public.seed_candidates`;
  await sql`update public.dispatch_settings
    set ${sql({ due_per_run: 2, max_runs_at_once: 3, ...columns })} where id`;
}

async function started(sql: Sql): Promise<number> {
  const [row] =
    await sql`select count(*)::int as n from public.dispatch_runs where finished_at is null`;
  return row!.n;
}

async function tick(sql: Sql): Promise<string> {
  await sql`select public.invoke_call_dispatch()`;
  const [beat] = await sql`select last_tick_did from public.dispatch_heartbeat`;
  return beat!.last_tick_did;
}

const cases: [string, number, Record<string, unknown>, number][] = [
  ["little work is one run's", 2, {}, 1],
  ["more work is shared", 3, {}, 2],
  ["no more runs than the setting allows", 50, {}, 3],
  ["no more than the free lines are worth", 50, { max_concurrent_calls: 3 }, 2],
  ["no more than the day allows", 50, { max_calls_per_day: 2 }, 1],
  ["a limit of calls per run is kept by one run", 50, { max_calls_per_run: 4 }, 1],
  ["switched off by a limit of one", 50, { max_runs_at_once: 1 }, 1],
];

for (const [name, count, columns, runs] of cases) {
  Deno.test(`fan out: ${name}`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await project(sql, count, columns);
    const did = await tick(sql);
    assert.equal(await started(sql), runs);
    assert.equal(did, runs === 1 ? "started a run" : `started ${runs} runs`);
    const requests = await sql`select from net.http_request_queue`;
    assert.equal(requests.length, runs);
    assert.equal(await tick(sql), "a run is under way");
    assert.equal(await started(sql), runs);
  });
}

Deno.test("fan out: leads to be seeded are work as well", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await project(sql, 0);
  await sql`insert into public.leads (phone) select '+1415' || n from generate_series(2000000, 2000004) n`;
  await tick(sql);
  assert.equal(await started(sql), 3);
});

Deno.test("fan out: after a run that was halted one run tries", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await project(sql, 20);
  await sql`insert into public.dispatch_runs (source, started_at, finished_at, claimed, stop_reason)
    values ('pg_cron', now() - interval '5 minutes', now() - interval '4 minutes', 1, 'halted')`;
  await tick(sql);
  assert.equal(await started(sql), 1);
});

Deno.test("fan out: twenty ticks at once start what one would", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await project(sql, 50);
  await atOnce(database, 20, (own) => own`select public.invoke_call_dispatch()`);
  assert.equal(await started(sql), 3);
});

Deno.test("fan out: what is held justifies no run", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await project(sql, 50);
  const held = await claim(sql, 48);
  await sql`
    insert into public.call_attempts
      (follow_up_id, lead_id, lease_token, to_number, status, sending_until)
    select follow_up_id, lead_id, gen_random_uuid(), '+1416' || 2000000 + row_number() over (),
      'unknown', now()
    from jsonb_to_recordset(${JSON.stringify(held)}::text::jsonb)
      as held (follow_up_id uuid, lead_id uuid)`;
  await sql`update public.follow_ups set lease_token = null, leased_until = null where true`;
  await tick(sql);
  assert.equal(await started(sql), 1);
  const [row] = await sql`select public.wanted_runs() as runs`;
  assert.equal(row!.runs, 1);
});

Deno.test("fan out: a tick that meets the end of a run starts no more than may be going on", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await project(sql, 50);
  const runs = [await beginRun(sql), await beginRun(sql), await beginRun(sql)];
  await sql`select public.claim_due_follow_ups(1, run_id => ${runs[0]!})`;
  const [ending, ticking] = [await sql.reserve(), await sql.reserve()];
  try {
    // The run has ended and started the next; nobody can see either yet.
    await ending`begin`;
    assert.notEqual(await end(ending, runs[0]!, "deadline"), null);
    const ticked = ticking`select public.invoke_call_dispatch() as id`.execute();
    await eventually("the tick waits for the end of the run", async () => {
      const waits = await sql`select from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`;
      return waits.length > 0 ? true : undefined;
    });
    await ending`commit`;
    assert.equal((await ticked)[0]!.id, null);
  } finally {
    ending.release();
    ticking.release();
  }
  assert.equal(await started(sql), 3);
});

Deno.test("fan out: an end that meets a tick starts no more than may be going on", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await project(sql, 50);
  const run = await beginRun(sql);
  await sql`select public.claim_due_follow_ups(1, run_id => ${run})`;
  const [ending, ticking] = [await sql.reserve(), await sql.reserve()];
  try {
    await ticking`begin`;
    await ticking`select public.invoke_call_dispatch()`;
    const ended = end(ending, run, "deadline");
    await eventually("the end of the run waits for the tick", async () => {
      const waits = await sql`select from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`;
      return waits.length > 0 ? true : undefined;
    });
    await ticking`commit`;
    await ended;
  } finally {
    ending.release();
    ticking.release();
  }
  assert.equal(await started(sql), 3);
});

Deno.test("fan out: a transaction that somebody has forgotten does not stop the schedule", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await project(sql, 2);
  const forgotten = await sql.reserve();
  try {
    await forgotten`begin`;
    await forgotten`select pg_advisory_xact_lock(hashtext('call_dispatch.answer_dispatch_request'))`;
    assert.equal(await tick(sql), "started a run");
  } finally {
    await forgotten`rollback`;
    forgotten.release();
  }
});

Deno.test("fan out: a run by hand is one more, whatever is under way", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await project(sql, 50);
  await tick(sql);
  await sql`select public.invoke_call_dispatch('manual')`;
  assert.equal(await started(sql), 4);
});

async function end(sql: Sql, runId: string, stopReason: string): Promise<string | null> {
  const [row] = await sql`
    select next_run_id from public.finish_dispatch_run(
      ${runId}, ${JSON.stringify({ stop_reason: stopReason })}::text::jsonb)`;
  return row!.next_run_id;
}

Deno.test("fan out: a run that ends at its deadline is replaced, beside those that go on", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await project(sql, 50);
  const runs = [await beginRun(sql), await beginRun(sql), await beginRun(sql)];
  await sql`select public.claim_due_follow_ups(1, run_id => ${runs[0]!})`;
  assert.notEqual(await end(sql, runs[0]!, "deadline"), null);
  assert.equal(await started(sql), 3);
});

Deno.test("fan out: the last of the runs starts as many as the work asks for", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await project(sql, 50);
  const run = await beginRun(sql);
  await sql`select public.claim_due_follow_ups(1, run_id => ${run})`;
  await end(sql, run, "deadline");
  assert.equal(await started(sql), 3);
});

for (const reason of ["limited", "halted", "error", "paused"]) {
  Deno.test(`fan out: a run that stopped as ${reason} starts none`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await project(sql, 50);
    const run = await beginRun(sql);
    await sql`select public.claim_due_follow_ups(1, run_id => ${run})`;
    await sql`insert into public.dispatch_requests (source) values ('call_ended')`;
    assert.equal(await end(sql, run, reason), null);
    assert.equal(await started(sql), 0);
  });
}

Deno.test("fan out: what runs have claimed is no work for others", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await project(sql, 6);
  await claim(sql, 6);
  assert.equal(await tick(sql), "nothing to do");
  assert.equal(await started(sql), 0);
});

Deno.test("fan out: who could only be put off is progress too, and a run that ends at its deadline goes on", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await project(sql, 20);
  await sql`insert into public.call_pauses (source) values ('manual')`;
  const run = await beginRun(sql);
  await sql`select public.claim_due_follow_ups(5, run_id => ${run})`;
  await sql`update public.follow_ups set due_at = now() - interval '1 minute' where status = 'pending'`;
  const [row] =
    await sql`select put_off, claimed, skipped from public.dispatch_runs where id = ${run}`;
  assert.ok(row!.put_off > 0);
  assert.deepEqual([row!.claimed, row!.skipped], [0, 0]);
  assert.notEqual(await end(sql, run, "deadline"), null);
});

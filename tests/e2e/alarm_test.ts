// The whole way of the alarm: schedule, pg_net, function and receiver, each of them real, one of them
// broken.
import assert from "node:assert/strict";
import { startClock } from "../../supabase/local/clock/start_clock.ts";
import type { Sql } from "../../supabase/local/postgres/connect.ts";
import { eventually } from "../support/eventually.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { insertLead } from "../support/insert_lead.ts";
import { dispatch } from "../support/project.ts";
import { scheduleJobs } from "../support/schedule_jobs.ts";
import { startEmbeddedProject } from "../support/start_embedded_project.ts";
import { startWebhook } from "../support/start_webhook.ts";
import { TEST_CLUSTER } from "../support/test_cluster.ts";

/** A real pg_cron fires in its one database only, and our clock then does not: see schedule_test.ts. */
const ignore = Deno.env.get(TEST_CLUSTER.realCronVariable) === "true";

/** A project whose alarm has a receiver. */
async function alarmedProject(env: Record<string, string> = {}) {
  const webhook = startWebhook();
  const project = await startEmbeddedProject(env);
  const { sql } = project;
  await sql`select vault.create_secret(${webhook.url}, 'alarm_webhook_url')`;
  return {
    project,
    sql,
    webhook,
    async [Symbol.asyncDispose]() {
      await project[Symbol.asyncDispose]();
      await webhook[Symbol.asyncDispose]();
    },
  };
}

async function message(texts: string[], number: number): Promise<string> {
  return await eventually(`message ${number} of the alarm`, () => texts[number - 1]);
}

/** A tick, and what came of it; then time passes, so that it is not the last word any more. */
async function tickAndWait(sql: Sql, minutes: number): Promise<void> {
  const [invoked] = await sql`select public.invoke_call_dispatch() as run_id`;
  await eventually("the run is begun or refused", async () => {
    const [run] = await sql`
      select from public.dispatch_runs as run
      where run.id = ${invoked!.run_id}
        and (
          run.finished_at is not null
          or exists (select from net._http_response as reply where reply.id = run.net_request_id)
        )`;
    return run;
  }, 15_000);
  const past = `${minutes} minutes`;
  await sql`update public.dispatch_runs set started_at = started_at - ${past}::interval`;
  await sql`update net._http_response set created = created - ${past}::interval`;
}

/** The damping has run out, and the next look says that it is over. */
async function overNow(sql: Sql): Promise<void> {
  await sql`select public.watch_dispatch()`;
  await sql`update public.dispatch_incidents set well_since = well_since - interval '10 minutes'`;
  await sql`select public.watch_dispatch()`;
}

Deno.test("alarm: a wrong secret is told as such, and that it is over once it is right", async () => {
  await using alarmed = await alarmedProject();
  const { project, sql, webhook } = alarmed;
  await insertFollowUp(sql);
  const [secret] = await sql`select id from vault.secrets where name = 'cron_job_secret'`;
  await sql`select vault.update_secret(${secret!.id}, 'wrong')`;
  await tickAndWait(sql, 5);
  await sql`select public.watch_dispatch()`;
  assert.match(await message(webhook.texts, 1), /refuses the runs of the schedule \(status 401\)/);
  assert.equal(project.omni.ledger.count, 0);

  await sql`select vault.update_secret(${secret!.id}, ${project.cronJobSecret})`;
  await tickAndWait(sql, 0);
  await eventually("the call", () => project.omni.ledger.count === 1 || undefined);
  await overNow(sql);
  assert.match(await message(webhook.texts, 2), /^Call Dispatch: over since .*status 401/);
  assert.equal(webhook.texts.length, 2);
});

Deno.test("alarm: a function that is not deployed is told as such", async () => {
  await using alarmed = await alarmedProject();
  const { project, sql, webhook } = alarmed;
  await insertFollowUp(sql);
  await sql`select vault.update_secret(id, ${project.gateway.url + "/elsewhere"})
    from vault.secrets where name = 'project_url'`;
  await tickAndWait(sql, 5);
  await sql`select public.watch_dispatch()`;
  assert.match(await message(webhook.texts, 1), /call-dispatch is not found \(status 404\)/);
});

Deno.test("alarm: runs that are halted are told by the end of the second, without Omni's words", async () => {
  await using alarmed = await alarmedProject({ OMNI_API_KEY: "another-key" });
  const { project, sql, webhook } = alarmed;
  await insertFollowUp(sql);
  await sql`update public.dispatch_heartbeat set last_tick_at = now()`;
  for (let run = 0; run < 2; run += 1) {
    assert.equal((await sql`select from public.dispatch_incidents`).length, 0);
    await sql`update public.follow_ups set due_at = now() where status = 'pending'`;
    assert.equal((await dispatch(project)).stop_reason, "halted");
  }
  assert.match(
    await message(webhook.texts, 1),
    /^Call Dispatch: Runs are halted, 2 so far, and nobody is called: see dispatch_runs\.error\. Since/,
  );
  assert.equal(project.omni.ledger.count, 0);
});

Deno.test(
  "alarm: with the job call-dispatch gone, the clock's other job tells",
  { ignore },
  async () => {
    await using alarmed = await alarmedProject();
    const { project, sql, webhook } = alarmed;
    await scheduleJobs(sql);
    await sql`select cron.unschedule('call-dispatch')`;
    await sql`update public.dispatch_heartbeat set last_tick_at = now() - interval '13 minutes'`;
    const clock = await startClock({
      adminUrl: project.database.adminUrl,
      every: { "call-dispatch-alarm": 100 },
    });
    try {
      assert.match(await message(webhook.texts, 1), /The schedule has not ticked for 13 minutes/);
      await sql`select public.schedule_call_dispatch()`;
      const jobs = await sql`select jobname from cron.job order by jobname`;
      assert.deepEqual(jobs.map((job) => job.jobname), [
        "call-dispatch",
        "call-dispatch-alarm",
        "call-dispatch-purge",
      ]);
      await sql`select public.invoke_call_dispatch()`;
      await eventually("it is found well", async () => {
        const rows = await sql`
        update public.dispatch_incidents set well_since = well_since - interval '10 minutes'
        where well_since is not null and ended_at is null returning id`;
        return rows[0];
      });
      assert.match(await message(webhook.texts, 2), /over since/);
    } finally {
      await clock.stop();
    }
    assert.equal(webhook.texts.length, 2);
  },
);

Deno.test(
  "alarm: a project in which all is well hears nothing, looked at by schedule and by runs",
  { ignore },
  async () => {
    await using alarmed = await alarmedProject();
    const { project, sql, webhook } = alarmed;
    await scheduleJobs(sql);
    const clock = await startClock({
      adminUrl: project.database.adminUrl,
      every: { "call-dispatch-alarm": 50, "call-dispatch": 200 },
    });
    try {
      await eventually("the first tick", async () => {
        const [beat] = await sql`select last_tick_at from public.dispatch_heartbeat`;
        return beat!.last_tick_at ?? undefined;
      });
      for (let n = 0; n < 3; n += 1) await insertLead(sql);
      await eventually("three calls", () => project.omni.ledger.count >= 3 || undefined);
    } finally {
      await clock.stop();
    }
    assert.deepEqual(webhook.texts, []);
    assert.equal((await sql`select from public.dispatch_incidents`).length, 0);
  },
);

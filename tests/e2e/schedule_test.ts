// Nobody but the schedule starts anything here. Where the cluster has the real pg_cron, that is what
// fires the jobs, once a minute; so the two stages share one project, and wait for one firing each.
import assert from "node:assert/strict";
import type { Sql } from "../../supabase/local/postgres/connect.ts";
import { eventually } from "../support/eventually.ts";
import { freshNumber, insertLead } from "../support/insert_lead.ts";
import { startScheduledProject } from "../support/start_scheduled_project.ts";
import { startWebhook } from "../support/start_webhook.ts";

const TICK = "select public.invoke_call_dispatch()";
const LOOK = "select public.watch_dispatch()";

async function jobRuns(sql: Sql, command: string, status: string) {
  return [
    ...await sql`
      select username, database, return_message from cron.job_run_details
      where command = ${command} and status = ${status}`,
  ];
}

Deno.test("schedule: the job fires, the function runs, and the provider rings; when it fails, the alarm tells", async () => {
  await using webhook = startWebhook();
  await using scheduled = await startScheduledProject();
  const { project, longestWaitMs } = scheduled;
  const { sql, omni, database } = project;
  await sql`select vault.create_secret(${webhook.url}, 'alarm_webhook_url')`;

  const numbers = [freshNumber(), freshNumber(), freshNumber()];
  for (const phone of numbers) await insertLead(sql, { phone });
  await eventually("three rings", () => omni.ledger.count === 3 || undefined, longestWaitMs);
  assert.deepEqual(omni.ledger.rings().map((ring) => ring.toNumber).sort(), numbers);
  const [run] = await eventually("the end of the run", async () => {
    const rows = await sql`
      select * from public.dispatch_runs where accepted = 3 and finished_at is not null`;
    return rows.length > 0 ? rows : undefined;
  });
  assert.deepEqual([run!.source, run!.stop_reason], ["pg_cron", "drained"]);
  assert.ok(run!.begun_at >= run!.started_at);
  const [ticked] = await jobRuns(sql, TICK, "succeeded");
  assert.deepEqual([ticked!.username, ticked!.database], ["postgres", database.name]);
  // The second is what a background worker of pg_cron says of the same.
  assert.match(ticked!.return_message, /^(1 row|SELECT 1)$/);
  assert.deepEqual(webhook.texts, []);

  // The next tick fails: the heartbeat stays as old as it is.
  await insertLead(sql);
  await sql`delete from vault.secrets where name = 'cron_job_secret'`;
  const text = await eventually("the message", async () => {
    // Again where a tick that had read the secret before has ticked since.
    await sql`update public.dispatch_heartbeat set last_tick_at = now() - interval '13 minutes'
      where last_tick_at > now() - interval '12 minutes'`;
    return webhook.texts[0];
  }, longestWaitMs);
  assert.match(text, /^Call Dispatch: The schedule has not ticked for 1[3-5] minutes\. Since/);
  assert.ok((await jobRuns(sql, LOOK, "succeeded")).length > 0);
  const [failed] = await eventually("the failure of the job", async () => {
    const rows = await jobRuns(sql, TICK, "failed");
    return rows.length > 0 ? rows : undefined;
  }, longestWaitMs);
  assert.match(failed!.return_message, /Vault has no secret "cron_job_secret"/);
  assert.ok(!failed!.return_message.includes(project.cronJobSecret));
  assert.equal(webhook.texts.length, 1);
  assert.equal(omni.ledger.count, 3);
});

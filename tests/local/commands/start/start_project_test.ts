import assert from "node:assert/strict";
import { join } from "node:path";
import { startProject } from "../../../../supabase/local/commands/start/start_project.ts";
import { startSimulatedOmni } from "../../../../supabase/local/simulated_omni/start_simulated_omni.ts";
import { eventually } from "../../../support/eventually.ts";
import { insertLead } from "../../../support/insert_lead.ts";
import { temporaryFolder } from "../temporary_folder.ts";

Deno.test("startProject: no lead and no call starts a run before it is time", async () => {
  await using folder = await temporaryFolder();
  await using omni = await startSimulatedOmni({ callDurationMs: 100 });
  const logged: string[] = [];
  await using project = await startProject({
    dataDirectory: join(folder.path, "stack"),
    env: {
      OMNI_BASE_URL: omni.url,
      OMNI_API_KEY: omni.apiKey,
      OMNI_AGENT_ID: String(omni.agentId),
      OMNI_FROM_NUMBER_ID: String(omni.fromNumberId),
    },
    onProgress: () => {},
    onLog: (name, line) => logged.push(`${name}: ${line}`),
  });
  const { sql } = project;
  await insertLead(sql);
  await eventually("the run is refused", () => logged.find((line) => line.includes("held back")));
  assert.equal((await sql`select from public.call_attempts`).length, 0);

  project.letRunsBegin();
  // A run that was asked for within the last seconds counts as under way.
  await sql`update public.dispatch_runs set started_at = now() - interval '1 minute'`;
  await insertLead(sql);
  await eventually("both are called, and their calls end", async () => {
    const [ended] = await sql<{ count: number }[]>`
      select count(*)::int from public.call_attempts where reported_by = 'webhook'`;
    return ended?.count === 2 || undefined;
  });
  assert.equal(omni.ledger.rings().length, 2);

  const { stack } = project;
  const pids = ["call-dispatch", "call-ended"].map((name) => stack.function(name).pid);
  assert.equal(new Set(pids).size, 2);
  await Promise.all([project.stopWork(), project.stopWork()]);
  for (const name of ["call-dispatch", "call-ended"]) {
    assert.throws(() => stack.function(name).pid, /has ended/);
  }
  // The schedule is not started any more.
  await project.startClock(50);
  await sql`update public.dispatch_heartbeat set last_tick_at = null`;
  await new Promise((resolve) => setTimeout(resolve, 300));
  const [beat] = await sql`select last_tick_at from public.dispatch_heartbeat`;
  assert.equal(beat?.last_tick_at, null);
});

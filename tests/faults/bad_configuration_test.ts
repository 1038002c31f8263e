// Whatever is wrong with the environment is said at once, by name, and before any row is touched.
import assert from "node:assert/strict";
import { askForRun, dispatch } from "../support/project.ts";
import { type EmbeddedProject, startEmbeddedProject } from "../support/start_embedded_project.ts";
import { functionEnvironment } from "./function_environment.ts";
import { insertLeads } from "./insert_leads.ts";

// An empty variable is a missing one.
const cases: Record<string, string>[] = [
  { OMNI_BASE_URL: "" },
  { OMNI_BASE_URL: "omni" },
  { OMNI_BASE_URL: "http://backend.omnidim.io" },
  { OMNI_API_KEY: "" },
  { OMNI_API_KEY: "two words" },
  { OMNI_AGENT_ID: "" },
  { OMNI_AGENT_ID: "4711x" },
  { OMNI_FROM_NUMBER_ID: "" },
  { OMNI_FROM_NUMBER_ID: "+14155550100" },
  { OMNI_TIMEOUT_MS: "15s" },
  { SUPABASE_URL: "" },
  { SUPABASE_URL: "ftp://project" },
  { SUPABASE_SECRET_KEYS: "" },
  { SUPABASE_SECRET_KEYS: "{" },
  { DISPATCH_CONCURRENCY: "0" },
  { DISPATCH_TIME_BUDGET_MS: "-1" },
  { DISPATCH_CONCURRENCY: "x", OMNI_AGENT_ID: "x", OMNI_API_KEY: "", SUPABASE_URL: "x" },
];

Deno.test("bad configuration: 500 with every fault by the variable's name, no row touched, no call", async (test) => {
  await using project = await startEmbeddedProject();
  const [number = ""] = await insertLeads(project.sql, 1);
  const before = await allRows(project);
  let asked = 0;
  project.gateway.intercept = () => {
    asked += 1;
    return undefined;
  };
  for (const changes of cases) {
    await test.step(`unusable: ${JSON.stringify(changes)}`, async () => {
      await project.function.restart(functionEnvironment(project, changes));
      for (const init of [{}, { headers: { prefer: "respond-async" } }]) {
        await assertRefused(await askForRun(project, init), changes);
      }
      await assertRefused(await askForRun(project, {}, "?dry_run=1"), changes);
    });
  }
  assert.equal(asked, 0, "the database was not even asked");
  assert.deepEqual(await allRows(project), before);
  assert.equal(project.omni.requests.count, 0);

  await project.function.restart(functionEnvironment(project));
  assert.equal((await dispatch(project)).accepted, 1);
  assert.equal(project.omni.ledger.ringsTo(number).length, 1);
});

async function assertRefused(
  response: Response,
  changes: Record<string, string>,
): Promise<void> {
  assert.equal(response.status, 500);
  const reply = await response.json();
  assert.deepEqual([reply.ok, reply.error], [false, "Bad configuration"]);
  const named = reply.faults.map((fault: string) => fault.split(" ")[0]).sort();
  assert.deepEqual(named, Object.keys(changes));
}

async function allRows({ sql }: EmbeddedProject): Promise<unknown> {
  const [row] = await sql`
    select
      (select json_agg(l) from public.leads l) as leads,
      (select json_agg(f) from public.follow_ups f) as follow_ups,
      (select json_agg(a) from public.call_attempts a) as attempts,
      (select json_agg(r) from public.dispatch_runs r) as runs,
      (select json_agg(c) from public.seed_candidates c) as candidates`;
  return { ...row };
}

Deno.test("no secret at all in the environment: nobody may run it", async () => {
  await using project = await startEmbeddedProject();
  await insertLeads(project.sql, 1);
  const nothing = { CRON_JOB_SECRET: "", SUPABASE_SECRET_KEYS: "" };
  await project.function.restart(functionEnvironment(project, nothing));
  const response = await askForRun(project, { headers: { authorization: "Bearer " } });
  assert.equal(response.status, 401);
  await response.body?.cancel();
  assert.equal(project.omni.requests.count, 0);
});

Deno.test("the project's API is away: 503, no call", async () => {
  await using project = await startEmbeddedProject();
  await insertLeads(project.sql, 1);
  await project.gateway.stop();
  const response = await askForRun(project);
  assert.equal(response.status, 503);
  assert.equal((await response.json()).ok, false);
  assert.equal(project.omni.requests.count, 0);
});

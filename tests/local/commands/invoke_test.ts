// Through the real function, gateway and database: invoke is a front door, and is tried from outside.
import assert from "node:assert/strict";
import { startSimulatedOmni } from "../../../supabase/local/simulated_omni/start_simulated_omni.ts";
import { freshDatabase } from "../../support/fresh_database.ts";
import { startTestFunction } from "../../support/start_test_function.ts";
import { startTestGateway } from "../../support/start_test_gateway.ts";
import { spawnCommand } from "./spawn_command.ts";

const CRON_JOB_SECRET = "secret-of-this-test";

async function invoke(args: string[], env: Record<string, string> = {}) {
  return await spawnCommand("invoke", args, env).ended;
}

Deno.test("invoke: dry run, run, run without waiting, wrong secret, bad configuration", async (test) => {
  await using database = await freshDatabase();
  await database.sql`
    insert into public.leads (phone, stage) values ('+12125550142', 'new'), ('bad', 'new')`;
  await using omni = await startSimulatedOmni();
  let functionUrl: string | undefined;
  await using gateway = startTestGateway(database, {
    functionUrl: () => functionUrl,
  });
  const functionEnv = {
    CRON_JOB_SECRET,
    OMNI_BASE_URL: omni.url,
    OMNI_API_KEY: omni.apiKey,
    OMNI_AGENT_ID: String(omni.agentId),
    OMNI_FROM_NUMBER_ID: String(omni.fromNumberId),
  };
  await using dispatch = await startTestFunction({
    name: "call-dispatch",
    gateway,
    env: functionEnv,
  });
  functionUrl = dispatch.url;
  const env = { SUPABASE_URL: gateway.url, CRON_JOB_SECRET };

  await test.step("a dry run shows and changes nothing", async () => {
    const { code, stdout } = await invoke(["--dry-run"], env);
    assert.equal(code, 0);
    assert.match(stdout, /Would call 1 now, and not 1 others/);
    assert.equal(omni.ledger.count, 0);
  });
  await test.step("a run calls, and --json gives its summary as one line", async () => {
    const { code, stdout } = await invoke(["--json"], env);
    assert.equal(code, 0);
    const summary = JSON.parse(stdout);
    assert.deepEqual([summary.accepted, summary.failed, omni.ledger.count], [1, 1, 1]);
  });
  await test.step("--async does not wait", async () => {
    const { code, stdout } = await invoke(["--async", "--url", gateway.url], env);
    assert.equal(code, 0);
    assert.match(stdout, /^Project http.*\nRun [0-9a-f-]{36} is under way/);
  });
  await test.step("a wrong secret is not let in", async () => {
    const { code, stdout, stderr } = await invoke([], { ...env, CRON_JOB_SECRET: "wrong" });
    assert.deepEqual([code, stdout], [2, `Project ${gateway.url}\n`]);
    assert.match(stderr, /Not let in \(HTTP 401\)/);
  });
  await test.step("a bad configuration is told fault by fault", async () => {
    await dispatch.restart({ SUPABASE_URL: gateway.url, CRON_JOB_SECRET });
    functionUrl = dispatch.url;
    const { code, stderr } = await invoke([], env);
    assert.equal(code, 2);
    assert.match(stderr, /OMNI_API_KEY is missing/);
  });
});

Deno.test("invoke: nobody there is code 1, a missing URL code 2, --help says what the CLI lacks", async () => {
  const [away, noUrl, help] = await Promise.all([
    invoke([], { SUPABASE_URL: "http://127.0.0.1:1", CRON_JOB_SECRET }),
    invoke([], { SUPABASE_URL: "", CRON_JOB_SECRET }),
    invoke(["--help"]),
  ]);
  assert.equal(away.code, 1);
  assert.match(away.stderr, /No answer from http:\/\/127\.0\.0\.1:1/);
  assert.equal(noUrl.code, 2);
  assert.match(noUrl.stderr, /SUPABASE_URL is missing, and deno task start is not running here/);
  assert.match(help.stdout, /Supabase CLI has no "functions invoke"/);
});

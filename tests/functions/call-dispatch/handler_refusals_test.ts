import assert from "node:assert/strict";
import { GOOD_ENVIRONMENT } from "./good_environment.ts";
import { ask, post, SECRET, startHandler } from "./start_handler.ts";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "PROPFIND"];
const RUBBISH: Record<string, string>[] = [
  {},
  { authorization: "" },
  { authorization: "Bearer" },
  { authorization: "Bearer wrong" },
  { authorization: "Basic Y3Jvbi1zZWNyZXQ=" },
  { authorization: "cron-secret" },
  { "x-cron-secret": "cron-secre" },
  { "x-cron-secret": "cron-secret, cron-secret" },
  { apikey: "service-key" },
  { cookie: "x-cron-secret=cron-secret" },
  { authorization: `Bearer ${"x".repeat(100_000)}` },
];
for (const method of METHODS) {
  Deno.test(`handler: ${method} without the secret is 401 before anything else`, async () => {
    for (const headers of RUBBISH) {
      const started = startHandler();
      // A configuration that nobody could run with must not be told of either.
      started.env = { CRON_JOB_SECRET: "cron-secret" };
      const reply = await started.handle(ask({ method, headers, query: "?nonsense=cron-secret" }));
      assert.equal(reply.status, 401);
      assert.equal(await reply.text(), '{"error":"Unauthorized"}');
      assert.equal(reply.headers.get("allow"), null);
      assert.deepEqual([started.stores, started.providers, started.logged], [[], 0, []]);
    }
  });
}

Deno.test("handler: without the secret the body is not read", async () => {
  const request = post("not JSON", {});
  assert.equal((await startHandler().handle(request)).status, 401);
  assert.equal(request.bodyUsed, false);
});

Deno.test("handler: with nothing set in the environment nobody may", async () => {
  const started = startHandler();
  started.env = {};
  for (const headers of [...RUBBISH, SECRET, { apikey: "" }, { "x-cron-secret": "" }]) {
    assert.equal((await started.handle(ask({ headers }))).status, 401);
  }
  assert.deepEqual(started.stores, []);
});

for (const method of METHODS.slice(2)) {
  Deno.test(`handler: ${method} with the secret is 405 and tells what is allowed`, async () => {
    const started = startHandler();
    const reply = await started.handle(ask({ method }));
    assert.equal(reply.status, 405);
    assert.equal(reply.headers.get("allow"), "GET, POST");
    assert.deepEqual([started.stores, started.providers], [[], 0]);
  });
}

const badRequests: [Request, RegExp][] = [
  [ask({ query: "?dryrun=1" }), /query parameter "dryrun"/],
  [ask({ query: "?dry_run=maybe" }), /dry_run "maybe"/],
  [post("not JSON"), /body: it is not JSON/],
  [post('{"run_id":"5"}'), /run_id/],
  [post('{"source":"me"}'), /source/],
  [post('{"limit":5}'), /"limit"/],
];
for (const [request, named] of badRequests) {
  Deno.test(`handler: 400 names the part that is not understood: ${named.source}`, async () => {
    const started = startHandler();
    const reply = await started.handle(request);
    assert.equal(reply.status, 400);
    const body = await reply.json();
    assert.equal(body.ok, false);
    assert.match(body.error, named);
    assert.deepEqual([started.stores, started.providers], [[], 0]);
  });
}

Deno.test("handler: a bad configuration is 500 with every variable's name, and no row is touched", async () => {
  const started = startHandler();
  started.env = {
    CRON_JOB_SECRET: "cron-secret",
    OMNI_BASE_URL: "http://omni.example",
    OMNI_API_KEY: "key with spaces",
    OMNI_TIMEOUT_MS: "soon",
    DISPATCH_CONCURRENCY: "0",
  };
  for (const query of ["", "?dry_run=1"]) {
    const reply = await started.handle(ask({ query }));
    assert.equal(reply.status, 500);
    const body = await reply.json();
    assert.equal(body.ok, false);
    const named = body.faults.map((fault: string) => fault.split(" ")[0]).sort();
    assert.deepEqual(named, [
      "DISPATCH_CONCURRENCY",
      "OMNI_AGENT_ID",
      "OMNI_API_KEY",
      "OMNI_BASE_URL",
      "OMNI_FROM_NUMBER_ID",
      "OMNI_TIMEOUT_MS",
      "SUPABASE_SECRET_KEYS",
      "SUPABASE_URL",
    ]);
    assert.ok(!JSON.stringify(body).includes("key with spaces"));
  }
  assert.deepEqual([started.stores, started.providers, started.asked], [[], 0, []]);
  assert.match(started.logged[0] ?? "", /OMNI_AGENT_ID/);
  assert.ok(!started.logged.join().includes("key with spaces"));
});

Deno.test("handler: while two secrets are set both may, afterwards only the new one", async () => {
  const started = startHandler();
  const status = async (secret: string) =>
    (await started.handle(ask({ headers: { authorization: `Bearer ${secret}` } }))).status;
  started.env = { ...GOOD_ENVIRONMENT, CRON_JOB_SECRET: "old, new" };
  assert.deepEqual([await status("old"), await status("new"), await status("old, new")], [
    200,
    200,
    401,
  ]);
  started.env = { ...GOOD_ENVIRONMENT, CRON_JOB_SECRET: "new" };
  assert.deepEqual([await status("old"), await status("new")], [401, 200]);
});

Deno.test("handler: without a cron secret the project's own key may", async () => {
  const started = startHandler();
  const { CRON_JOB_SECRET: _, ...env } = GOOD_ENVIRONMENT;
  started.env = env;
  assert.equal((await started.handle(ask({ headers: { apikey: "service-key" } }))).status, 200);
  assert.equal((await started.handle(ask({ headers: SECRET }))).status, 401);
});

import assert from "node:assert/strict";
import { AGENT_SECRET, SIGNING_SECRET } from "./good_environment.ts";
import {
  addressOf,
  agentReport,
  ATTEMPT_ID,
  report,
  startHandler,
  URL_OF_FUNCTION,
} from "./start_handler.ts";

const OTHER_ATTEMPT_ID = "5c9d1d7e-2f60-4c1e-8a44-0f2f6f1f9b11";
const METHODS = ["POST", "GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "PROPFIND"];
const WRONG_ADDRESSES = [
  URL_OF_FUNCTION,
  addressOf(ATTEMPT_ID, "another-0123456789abcdef0123456789abcdef"),
  addressOf().replace(ATTEMPT_ID, OTHER_ATTEMPT_ID),
  `${URL_OF_FUNCTION}?attempt=${ATTEMPT_ID}&token=`,
  `${URL_OF_FUNCTION}?secret=${SIGNING_SECRET}`,
  `${URL_OF_FUNCTION}?secret=`,
];

for (const method of METHODS) {
  Deno.test(`handler: ${method} by somebody else is 401 before anything else`, async () => {
    for (const url of WRONG_ADDRESSES) {
      const started = startHandler();
      // A configuration that nobody could work with must not be told of either.
      started.env = { CALL_ENDED_SECRET: SIGNING_SECRET, CALL_ENDED_AGENT_SECRET: "short" };
      const reply = await started.handle(new Request(url, { method }));
      assert.equal(reply.status, 401);
      assert.equal(await reply.text(), '{"error":"Unauthorized"}');
      assert.equal(reply.headers.get("allow"), null);
      assert.deepEqual([started.stores, started.events, started.logged], [[], [], []]);
    }
  });
}

Deno.test("handler: of somebody else the body is not read", async () => {
  const request = report("not JSON", URL_OF_FUNCTION);
  assert.equal((await startHandler().handle(request)).status, 401);
  assert.equal(request.bodyUsed, false);
});

Deno.test("handler: with nothing set in the environment nobody may", async () => {
  const started = startHandler();
  started.env = {};
  for (const url of [...WRONG_ADDRESSES, addressOf(), addressOf(ATTEMPT_ID, "undefined")]) {
    assert.equal((await started.handle(report({}, url))).status, 401);
  }
  assert.equal((await started.handle(agentReport({}))).status, 401);
  assert.deepEqual(started.stores, []);
});

for (const method of METHODS.slice(1)) {
  Deno.test(`handler: ${method} by whoever may is 405 and tells what is allowed`, async () => {
    const started = startHandler();
    const reply = await started.handle(new Request(addressOf(), { method }));
    assert.equal(reply.status, 405);
    assert.equal(reply.headers.get("allow"), "POST");
    assert.deepEqual([started.stores, started.events], [[], []]);
  });
}

Deno.test("handler: a bad configuration is 500 with every fault, and nothing is stored", async () => {
  const started = startHandler();
  started.env = {
    CALL_ENDED_SECRET: SIGNING_SECRET,
    CALL_ENDED_AGENT_SECRET: "short",
    SUPABASE_URL: "http://p.example",
  };
  for (const request of [report({}), report({}, `${URL_OF_FUNCTION}?secret=short`)]) {
    const reply = await started.handle(request);
    assert.equal(reply.status, 500);
    const { ok, faults } = await reply.json();
    assert.equal(ok, false);
    assert.deepEqual(faults.map((fault: string) => fault.split(" ")[0]).sort(), [
      "CALL_ENDED_AGENT_SECRET",
      "SUPABASE_SECRET_KEYS",
      "SUPABASE_URL",
    ]);
  }
  assert.deepEqual([started.stores, started.events], [[], []]);
  assert.match(started.logged[0] ?? "", /CALL_ENDED_AGENT_SECRET/);
  assert.ok(!started.logged.join().includes(SIGNING_SECRET));
});

const refused: [string, Request, number, RegExp][] = [
  ["no body", new Request(addressOf(), { method: "POST" }), 400, /not JSON/],
  ["no JSON", report("call_id=5"), 400, /not JSON/],
  ["a list", report("[]"), 400, /not a JSON object/],
  ["a megabyte of brackets", report("[".repeat(1_000_000)), 400, /not JSON/],
  [
    "another attempt",
    report({ metadata: { attempt_id: OTHER_ATTEMPT_ID } }),
    400,
    /metadata\.attempt_id/,
  ],
  ["more than a megabyte", report(`{}${" ".repeat(1_000_000)}`), 413, /longer than 1000000/],
];
for (const [name, request, status, message] of refused) {
  Deno.test(`handler: ${name} is ${status} and told why, and nothing is stored`, async () => {
    const started = startHandler();
    const reply = await started.handle(request);
    assert.equal(reply.status, status);
    const body = await reply.json();
    assert.equal(body.ok, false);
    assert.match(body.error, message);
    assert.deepEqual([started.events, started.logged], [[], []]);
  });
}

Deno.test("handler: while two secrets are set both may, afterwards only the new one", async () => {
  const started = startHandler();
  const old = "old-0123456789abcdef0123456789abcdef";
  const status = async (url: string) => (await started.handle(report({}, url))).status;
  const statuses = async () => [
    await status(addressOf(ATTEMPT_ID, old)),
    await status(addressOf()),
    await status(`${URL_OF_FUNCTION}?secret=${old}x`),
    await status(`${URL_OF_FUNCTION}?secret=${AGENT_SECRET}`),
  ];
  started.env.CALL_ENDED_SECRET = `${SIGNING_SECRET},${old}`;
  started.env.CALL_ENDED_AGENT_SECRET = `${AGENT_SECRET},${old}x`;
  assert.deepEqual(await statuses(), [200, 200, 200, 200]);
  started.env.CALL_ENDED_SECRET = SIGNING_SECRET;
  started.env.CALL_ENDED_AGENT_SECRET = AGENT_SECRET;
  assert.deepEqual(await statuses(), [401, 200, 401, 200]);
});

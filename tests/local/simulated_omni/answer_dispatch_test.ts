import assert from "node:assert/strict";
import { omniFault } from "../../../supabase/local/simulated_omni/faults/omni_fault.ts";
import { startSimulatedOmni } from "../../../supabase/local/simulated_omni/start_simulated_omni.ts";
import { postDispatch } from "./post_dispatch.ts";

Deno.test("a good dispatch rings once and is answered with an integer requestId", async () => {
  await using omni = await startSimulatedOmni();
  const fields = {
    call_context: { name: "Asha", message: "Hello" },
    metadata: { attempt_id: "a" },
  };
  const { status, json } = await postDispatch(omni, "+919812345678", { fields });
  assert.equal(status, 200);
  const [ring] = omni.ledger.rings();
  assert.deepEqual(json, {
    success: true,
    status: "dispatched",
    requestId: ring?.requestId,
    custom_variables_count: 2,
  });
  assert.ok(Number.isSafeInteger(ring?.requestId));
  assert.equal(omni.ledger.count, 1);
});

Deno.test("each dispatch gets a requestId of its own", async () => {
  await using omni = await startSimulatedOmni();
  const replies = await Promise.all([1, 2, 3].map(() => postDispatch(omni)));
  assert.equal(new Set(replies.map((reply) => reply.json?.requestId)).size, 3);
  assert.deepEqual(omni.ledger.numbersRungTwice(), ["+919812345678"]);
});

Deno.test("how calls end does not depend on how their replies fall between each other", async () => {
  const runs = await Promise.all([0, [5, 50] as const].map(async (latencyMs) => {
    await using omni = await startSimulatedOmni({ latencyMs });
    const ended: unknown[] = [];
    omni.onCallEnded((call) => ended.push([call.status, call.durationSeconds]));
    await Promise.all(Array.from({ length: 30 }, () => postDispatch(omni)));
    omni.lines.endAll();
    return ended;
  }));
  assert.equal(runs[0]?.length, 30);
  assert.deepEqual(runs[0], runs[1]);
});

Deno.test("a wrong key is 401 and rings nobody", async () => {
  await using omni = await startSimulatedOmni({ apiKey: "right" });
  const { status, json } = await postDispatch(omni, undefined, { apiKey: "wrong" });
  assert.equal(status, 401);
  assert.equal(json?.error, "unauthorized");
  assert.equal(omni.ledger.count, 0);
});

const badFields: [string, Record<string, unknown>][] = [
  ["a missing agent_id", { agent_id: undefined }],
  ["an agent_id as a string", { agent_id: "4711" }],
  ["a missing from_number_id", { from_number_id: undefined }],
  ["a from_number_id as a string", { from_number_id: "42" }],
  ["a missing to_number", { to_number: undefined }],
  ["a to_number without a plus sign", { to_number: "919812345678" }],
  ["a to_number with a space", { to_number: "+91 9812345678" }],
  ["a to_number of sixteen digits", { to_number: "+9198123456789012" }],
  ["a to_number with a line feed behind", { to_number: "+919812345678\n" }],
  ["a call_context with a number in it", { call_context: { lead_id: 7 } }],
  ["a call_context that is an array", { call_context: ["name"] }],
  ["metadata that is a string", { metadata: "attempt" }],
];
for (const [what, fields] of badFields) {
  Deno.test(`${what} is 400 in the documented shape and rings nobody`, async () => {
    await using omni = await startSimulatedOmni();
    const { status, json } = await postDispatch(omni, undefined, { fields });
    assert.equal(status, 400);
    assert.deepEqual(Object.keys(json ?? {}), ["error", "error_description"]);
    assert.ok(String(json?.error_description).includes(Object.keys(fields)[0] ?? "?"));
    assert.equal(omni.ledger.count, 0);
  });
}

for (const rawBody of ["", "{", "[]", "null", '"text"']) {
  Deno.test(`the body ${JSON.stringify(rawBody)} is 400 and rings nobody`, async () => {
    await using omni = await startSimulatedOmni();
    const { status, json } = await postDispatch(omni, undefined, { rawBody });
    assert.equal(status, 400);
    assert.equal(json?.error, "bad_request");
    assert.equal(omni.ledger.count, 0);
  });
}

Deno.test("an unknown agent is refused in the same words for every row", async () => {
  await using omni = await startSimulatedOmni({ agentId: 4711 });
  const fields = { agent_id: 4712 };
  const one = await postDispatch(omni, "+919812345678", { fields });
  const other = await postDispatch(omni, "+14155550123", { fields });
  assert.equal(one.status, 400);
  assert.equal(one.text, other.text);
  assert.equal(omni.ledger.count, 0);
});

Deno.test("an unknown number id is refused, with success:false in 200 when asked for", async () => {
  await using omni = await startSimulatedOmni({ unknownIdReply: "success_false" });
  const { status, json } = await postDispatch(omni, undefined, { fields: { from_number_id: 43 } });
  assert.equal(status, 200);
  assert.deepEqual(json, {
    success: false,
    plan_expire: false,
    error: "From number not found",
  });
  assert.equal(omni.ledger.count, 0);
});

Deno.test("an unknown field in the body hinders nothing", async () => {
  await using omni = await startSimulatedOmni();
  const fields = { __post_call_actions: { webhook: { enabled: true, url: "https://x.invalid" } } };
  await postDispatch(omni, undefined, { fields });
  assert.deepEqual(
    omni.ledger.rings()[0]?.body.__post_call_actions,
    fields.__post_call_actions,
  );
});

Deno.test("latency is counted from the receipt and the phone rings before it", async () => {
  await using omni = await startSimulatedOmni({ latencyMs: 200 });
  const began = performance.now();
  const sent = postDispatch(omni);
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(omni.ledger.count, 1);
  await sent;
  const took = performance.now() - began;
  assert.ok(took >= 199 && took < 300, `took ${took} ms`);
});

Deno.test("many requests at once wait side by side", async () => {
  await using omni = await startSimulatedOmni({ latencyMs: 100 });
  const began = performance.now();
  await Promise.all(Array.from({ length: 50 }, () => postDispatch(omni)));
  const took = performance.now() - began;
  assert.ok(took < 600, `took ${took} ms`);
  assert.equal(omni.requests.peakInFlight, 50);
  assert.equal(omni.requests.inFlight, 0);
});

Deno.test("jitter draws each latency from its range", async () => {
  await using omni = await startSimulatedOmni({ latencyMs: [20, 120] });
  const times = await Promise.all(Array.from({ length: 10 }, async () => {
    const began = performance.now();
    await postDispatch(omni);
    return performance.now() - began;
  }));
  assert.ok(Math.min(...times) >= 19);
  assert.ok(Math.max(...times) - Math.min(...times) > 20, `times ${times}`);
});

Deno.test("a client that gives up has been rung for all the same", async () => {
  await using omni = await startSimulatedOmni({ latencyMs: 10_000 });
  await assert.rejects(postDispatch(omni, undefined, { signal: AbortSignal.timeout(50) }));
  assert.equal(omni.ledger.count, 1);
});

Deno.test("settings change under way", async () => {
  await using omni = await startSimulatedOmni();
  omni.change({ lines: 0 });
  assert.equal((await postDispatch(omni)).json?.success, false);
  omni.change({ lines: 1 });
  assert.equal((await postDispatch(omni)).json?.success, true);
});

// Newer releases of Deno look for leaks only when they are told to.
const strict = { sanitizeOps: true, sanitizeResources: true };
Deno.test("stopping ends every wait and may be done twice", strict, async () => {
  const ledgerFile = await Deno.makeTempFile();
  const omni = await startSimulatedOmni({ latencyMs: 60_000, ledgerFile });
  omni.faults.next(omniFault.slow(0, omniFault.hang({ placed: true })));
  const waiting = [1, 2].map(() => assert.rejects(postDispatch(omni), TypeError));
  while (omni.ledger.count < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  await Promise.all([omni.stop(), omni.stop()]);
  await Promise.all(waiting);
  assert.equal(omni.ledger.count, 2);
  await Deno.remove(ledgerFile);
});

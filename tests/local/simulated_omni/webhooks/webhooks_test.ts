import assert from "node:assert/strict";
import { callStatuses } from "../../../../supabase/local/simulated_omni/calls/call_statuses.ts";
import type { SimulatedOmni } from "../../../../supabase/local/simulated_omni/simulated_omni.ts";
import { startSimulatedOmni } from "../../../../supabase/local/simulated_omni/start_simulated_omni.ts";
import { eventually } from "../../../support/eventually.ts";
import { postDispatch } from "../post_dispatch.ts";
import { receiveWebhooks, type WebhookReceiver } from "./receive_webhooks.ts";
import { reportingTo } from "./reporting_to.ts";

async function endedIn(omni: SimulatedOmni, ...[status]: Parameters<typeof omni.lines.endAll>) {
  omni.lines.endAll(status);
  await omni.webhooks.settled();
}

function statusesAt(receiver: WebhookReceiver): string[] {
  return receiver.received.map((webhook) => webhook.body.call_status);
}

Deno.test("a call that has ended is reported to the address in its dispatch", async () => {
  await using receiver = receiveWebhooks();
  await using omni = await startSimulatedOmni({ outcomes: { completed: 1 } });
  const { json } = await postDispatch(omni, "+14155550123", reportingTo(receiver.url));
  assert.ok(!("post_call_actions_ignored" in (json ?? {})));
  await omni.webhooks.settled();
  assert.equal(receiver.received.length, 0);
  await endedIn(omni);
  assert.equal(receiver.received.length, 1);
  const body = receiver.received[0]?.body;
  assert.equal(body?.call_request_id, json?.requestId);
  assert.equal(body?.to_number, "+14155550123");
  assert.deepEqual(body?.metadata, { attempt_id: "a-1" });
  assert.deepEqual(omni.webhooks.deliveries().map(({ atMs: _, ...delivery }) => delivery), [
    { callId: body?.call_id, url: receiver.url, httpStatus: 200, error: null },
  ]);
});

Deno.test("a call that ends by itself is reported, with what was said in it", async () => {
  await using receiver = receiveWebhooks();
  await using omni = await startSimulatedOmni({
    callDurationMs: 60_000,
    timeFactor: 60_000,
    outcomes: { completed: 1 },
    talk: (ring, status) => ({
      summary: `${status} ${ring.toNumber}`,
      sentiment: "Positive",
      extractedVariables: { day: "Monday" },
    }),
  });
  await postDispatch(omni, undefined, reportingTo(receiver.url));
  const { call_report, call_duration } = await eventually(
    "a webhook",
    () => receiver.received[0]?.body,
  );
  assert.equal(call_duration, 60);
  assert.equal(call_report.summary, "completed +919812345678");
  assert.equal(call_report.sentiment, "Positive");
  assert.deepEqual(call_report.extracted_variables, { day: "Monday" });
});

Deno.test("a webhook fires for the listed ends only", async () => {
  await using receiver = receiveWebhooks();
  await using omni = await startSimulatedOmni();
  const listed = { trigger_call_statuses: ["no_answer", "cancelled"] };
  for (const status of callStatuses) {
    await postDispatch(omni, undefined, reportingTo(receiver.url, listed));
    await endedIn(omni, status);
  }
  assert.deepEqual(statusesAt(receiver), ["no_answer", "cancelled"]);
});

Deno.test("the agent's own webhook fires for answered calls unless more is listed", async () => {
  await using receiver = receiveWebhooks();
  await using omni = await startSimulatedOmni({ agentWebhook: { url: receiver.url } });
  for (const status of callStatuses) {
    await postDispatch(omni);
    await endedIn(omni, status);
  }
  assert.deepEqual(statusesAt(receiver), ["completed", "voicemail_detected"]);
  omni.change({ agentWebhook: { url: receiver.url, triggerCallStatuses: ["busy"] } });
  await postDispatch(omni);
  await endedIn(omni, "busy");
  assert.equal(receiver.received.length, 3);
});

Deno.test("a webhook in the dispatch replaces the agent's own for that call", async () => {
  await using agents = receiveWebhooks();
  await using receiver = receiveWebhooks();
  await using omni = await startSimulatedOmni({ agentWebhook: { url: agents.url } });
  await postDispatch(omni, "+14155550101", reportingTo(receiver.url));
  await postDispatch(omni, "+14155550102", reportingTo(receiver.url, { enabled: false }));
  await postDispatch(omni, "+14155550103");
  await endedIn(omni, "completed");
  assert.deepEqual(receiver.received.map(({ body }) => body.to_number), ["+14155550101"]);
  assert.deepEqual(agents.received.map(({ body }) => body.to_number), ["+14155550103"]);
});

Deno.test("unusable post-call actions are named in the reply and the call goes out", async () => {
  await using omni = await startSimulatedOmni();
  const { status, json } = await postDispatch(omni, undefined, reportingTo("example.invalid"));
  assert.equal(status, 200);
  assert.equal(json?.success, true);
  assert.deepEqual(json?.post_call_actions_ignored, ["__post_call_actions.webhook.url"]);
  assert.equal(omni.ledger.count, 1);
  await endedIn(omni);
  assert.deepEqual(omni.webhooks.deliveries(), []);
});

for (const copies of [0, 2]) {
  Deno.test(`a webhook is sent ${copies} times when asked for`, async () => {
    await using receiver = receiveWebhooks();
    await using omni = await startSimulatedOmni({ webhooks: { copies } });
    await postDispatch(omni, undefined, reportingTo(receiver.url));
    await endedIn(omni);
    assert.equal(receiver.received.length, copies);
    assert.equal(
      new Set(receiver.received.map(({ body }) => JSON.stringify(body))).size,
      copies && 1,
    );
  });
}

Deno.test("webhooks come late and out of order, as chosen for each call", async () => {
  await using receiver = receiveWebhooks();
  await using omni = await startSimulatedOmni({
    timeFactor: 100,
    webhooks: (call) => ({ delayMs: call.ring?.ordinal === 1 ? 30_000 : 0 }),
  });
  await postDispatch(omni, "+14155550101", reportingTo(receiver.url));
  await postDispatch(omni, "+14155550102", reportingTo(receiver.url));
  const endedAtMs = Date.now();
  await endedIn(omni);
  const numbers = receiver.received.map(({ body }) => body.to_number);
  assert.deepEqual(numbers, ["+14155550102", "+14155550101"]);
  const tookMs = (omni.webhooks.deliveries()[1]?.atMs ?? 0) - endedAtMs;
  assert.ok(tookMs >= 298 && tookMs < 5_000, `took ${tookMs} ms`);
});

Deno.test("each copy has a delay of its own, and drawing it changes no call", async () => {
  const runs = await Promise.all([0, [0, 20_000] as const].map(async (delayMs) => {
    await using receiver = receiveWebhooks();
    await using omni = await startSimulatedOmni({
      timeFactor: 100,
      webhooks: { delayMs, copies: 2 },
    });
    const ended: unknown[] = [];
    omni.onCallEnded((call) => ended.push([call.status, call.durationSeconds]));
    for (let sent = 0; sent < 10; sent++) {
      await postDispatch(omni, undefined, reportingTo(receiver.url));
      omni.lines.endAll();
    }
    await omni.webhooks.settled();
    const order = receiver.received.map(({ body }) => body.call_id);
    return { ended, isInOrder: order.every((id, at) => at === 0 || id >= order[at - 1]!) };
  }));
  assert.deepEqual(runs[0]?.ended, runs[1]?.ended);
  assert.equal(runs[1]?.isInOrder, false);
});

Deno.test("a webhook that is not taken is not sent again unless asked for", async () => {
  await using receiver = receiveWebhooks(() => new Response(null, { status: 500 }));
  await using omni = await startSimulatedOmni();
  await postDispatch(omni, undefined, reportingTo(receiver.url));
  await endedIn(omni);
  assert.equal(receiver.received.length, 1);
  assert.equal(omni.webhooks.deliveries()[0]?.httpStatus, 500);
});

Deno.test("a webhook is sent again a simulated minute later until it is taken", async () => {
  let count = 0;
  await using receiver = receiveWebhooks(() => {
    count += 1;
    return new Response(null, { status: count < 3 ? 503 : 202 });
  });
  await using omni = await startSimulatedOmni({ timeFactor: 600, webhooks: { retries: 5 } });
  await postDispatch(omni, undefined, reportingTo(receiver.url));
  await endedIn(omni);
  const deliveries = omni.webhooks.deliveries();
  assert.deepEqual(deliveries.map(({ httpStatus }) => httpStatus), [503, 503, 202]);
  const apartMs = (deliveries[1]?.atMs ?? 0) - (deliveries[0]?.atMs ?? 0);
  assert.ok(apartMs >= 98, `${apartMs} ms apart`);
});

Deno.test("a webhook to nobody is kept with its error, and tried as often as asked for", async () => {
  await using omni = await startSimulatedOmni({ timeFactor: 60_000, webhooks: { retries: 1 } });
  await postDispatch(omni, undefined, reportingTo("http://127.0.0.1:1/"));
  await endedIn(omni);
  const deliveries = omni.webhooks.deliveries();
  assert.deepEqual(deliveries.map(({ httpStatus }) => httpStatus), [null, null]);
  assert.ok(deliveries.every(({ error }) => error));
});

Deno.test("a call whose reply was lost is reported like any other", async () => {
  await using receiver = receiveWebhooks();
  await using omni = await startSimulatedOmni({ latencyMs: 10_000 });
  const signal = AbortSignal.timeout(50);
  await assert.rejects(postDispatch(omni, undefined, { ...reportingTo(receiver.url), signal }));
  await endedIn(omni);
  assert.equal(receiver.received.length, 1);
});

// Newer releases of Deno look for leaks only when they are told to.
const strict = { sanitizeOps: true, sanitizeResources: true };
Deno.test(
  "stopping ends webhooks on their way, that wait and yet to come",
  strict,
  async () => {
    const { promise: never, resolve: release } = Promise.withResolvers<Response>();
    await using receiver = receiveWebhooks(() => never);
    const omni = await startSimulatedOmni({
      webhooks: (call) => ({ delayMs: call.ring?.ordinal === 1 ? 0 : Infinity, retries: 9 }),
    });
    await postDispatch(omni, undefined, reportingTo(receiver.url));
    await postDispatch(omni, undefined, reportingTo(receiver.url));
    omni.lines.endAll();
    await eventually("a webhook on its way", () => receiver.received[0]);
    await postDispatch(omni, undefined, reportingTo(receiver.url));
    await omni.stop();
    release(new Response());
    assert.equal(receiver.received.length, 1);
    assert.deepEqual(omni.webhooks.deliveries().map(({ error }) => error), [
      "The simulator was stopped",
    ]);
  },
);

Deno.test("many webhooks are on their way at once, and the others wait", async () => {
  const { promise: never, resolve: release } = Promise.withResolvers<Response>();
  await using receiver = receiveWebhooks(() => never);
  const omni = await startSimulatedOmni();
  for (let sent = 0; sent < 250; sent++) {
    await postDispatch(omni, undefined, reportingTo(receiver.url));
  }
  omni.lines.endAll();
  await eventually("200 webhooks", () => receiver.received.length >= 200 || undefined);
  await omni.stop();
  release(new Response());
  assert.equal(receiver.received.length, 200);
  assert.equal(omni.webhooks.deliveries().length, 200);
});

Deno.test("a thousand calls that end at once are all reported, each once", async () => {
  await using receiver = receiveWebhooks();
  await using omni = await startSimulatedOmni();
  for (let sent = 0; sent < 1000; sent++) {
    await postDispatch(omni, undefined, reportingTo(receiver.url));
  }
  await endedIn(omni);
  assert.equal(new Set(receiver.received.map(({ body }) => body.call_id)).size, 1000);
  assert.equal(receiver.received.length, 1000);
  assert.ok(omni.webhooks.deliveries().every(({ httpStatus }) => httpStatus === 200));
});

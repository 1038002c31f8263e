import assert from "node:assert/strict";
import { postWebhook } from "../../../../supabase/local/simulated_omni/webhooks/post_webhook.ts";
import { receiveWebhooks } from "./receive_webhooks.ts";

const payload = '{"call_id":7}';
const { signal } = new AbortController();

// Newer releases of Deno look for leaks only when they are told to.
const strict = { sanitizeOps: true, sanitizeResources: true };
Deno.test("a webhook is a bare POST of JSON that leaves nothing open", strict, async () => {
  await using receiver = receiveWebhooks(() => new Response("thanks", { status: 201 }));
  const receipt = await postWebhook(`${receiver.url}?token=t`, { payload, signal });
  assert.deepEqual(receipt, { httpStatus: 201, error: null });
  const [webhook] = receiver.received;
  assert.equal(webhook?.method, "POST");
  assert.equal(webhook?.address, "/ended?token=t");
  assert.equal(webhook?.headers.get("content-type"), "application/json");
  assert.equal(webhook?.headers.get("authorization"), null);
  assert.deepEqual(webhook?.body, { call_id: 7 });
});

Deno.test("each webhook comes over a connection of its own", async () => {
  await using receiver = receiveWebhooks();
  for (let sent = 0; sent < 3; sent++) await postWebhook(receiver.url, { payload, signal });
  assert.equal(new Set(receiver.received.map((webhook) => webhook.fromPort)).size, 3);
});

Deno.test("a redirect is not followed", async () => {
  await using elsewhere = receiveWebhooks();
  await using receiver = receiveWebhooks(() => Response.redirect(elsewhere.url, 307));
  const receipt = await postWebhook(receiver.url, { payload, signal });
  assert.equal(receipt.httpStatus, 307);
  assert.equal(elsewhere.received.length, 0);
});

Deno.test("a receiver that does not reply is given up, and one that is not there is told of", async () => {
  const { promise: late, resolve: release } = Promise.withResolvers<Response>();
  await using receiver = receiveWebhooks(() => late);
  const receipt = await postWebhook(receiver.url, { payload, signal, timeoutMs: 50 });
  assert.deepEqual(receipt, { httpStatus: null, error: "No reply in 50 ms" });
  release(new Response());
  const nowhere = await postWebhook("http://127.0.0.1:1/", { payload, signal });
  assert.equal(nowhere.httpStatus, null);
  assert.ok(nowhere.error);
});

import assert from "node:assert/strict";
import { readPostCallActions } from "../../../../supabase/local/simulated_omni/webhooks/read_post_call_actions.ts";

const url = "https://example.invalid/ended";
const unlisted = ["completed", "voicemail_detected"];

Deno.test("post-call actions name the webhook of one call and the ends it fires for", () => {
  const webhook = {
    enabled: true,
    url,
    include: ["summary"],
    trigger_call_statuses: ["no_answer"],
  };
  assert.deepEqual(readPostCallActions({ webhook }), {
    replaceAgents: true,
    webhook: { url, triggerCallStatuses: ["no_answer"] },
    ignored: [],
  });
});

Deno.test("a webhook without listed ends fires for the answered ones", () => {
  assert.deepEqual(readPostCallActions({ webhook: { url } }).webhook, {
    url,
    triggerCallStatuses: unlisted,
  });
});

Deno.test("post-call actions that were not sent leave the agent's own", () => {
  assert.deepEqual(readPostCallActions(undefined), {
    replaceAgents: false,
    webhook: null,
    ignored: [],
  });
});

for (const nothing of [{}, { webhook: { enabled: false, url } }]) {
  Deno.test(`post-call actions ${JSON.stringify(nothing)} mean no webhook and are all used`, () => {
    assert.deepEqual(readPostCallActions(nothing), {
      replaceAgents: true,
      webhook: null,
      ignored: [],
    });
  });
}

for (const sent of [null, "x", 7, []]) {
  Deno.test(`post-call actions that are ${JSON.stringify(sent)} count as not sent`, () => {
    assert.deepEqual(readPostCallActions(sent), {
      replaceAgents: false,
      webhook: null,
      ignored: ["__post_call_actions"],
    });
  });
}

const withoutWebhook: [Record<string, unknown>, string[]][] = [
  [{ webhook: null }, ["webhook"]],
  [{ webhook: [] }, ["webhook"]],
  [{ webhook: {} }, ["webhook.url"]],
  [{ webhook: { url: 7 } }, ["webhook.url"]],
  [{ webhook: { url: "/ended" } }, ["webhook.url"]],
  [{ webhook: { url: "ftp://example.invalid/" } }, ["webhook.url"]],
  [{ webhook: { enabled: false, trigger_call_statuses: 7 } }, ["webhook.trigger_call_statuses"]],
];
for (const [sent, ignored] of withoutWebhook) {
  Deno.test(`post-call actions ${JSON.stringify(sent)} name their fault and mean no webhook`, () => {
    assert.deepEqual(readPostCallActions(sent), {
      replaceAgents: true,
      webhook: null,
      ignored: ignored.map((part) => `__post_call_actions.${part}`),
    });
  });
}

const partlyUsable: [Record<string, unknown>, string[], string[]][] = [
  [{ trigger_call_statuses: "busy" }, ["webhook.trigger_call_statuses"], unlisted],
  [{ trigger_call_statuses: ["busy", "No Answer"] }, ["webhook.trigger_call_statuses[1]"], [
    "busy",
  ]],
  [{ trigger_call_statuses: [7] }, ["webhook.trigger_call_statuses[0]"], []],
  [{ trigger_call_statuses: [] }, [], []],
  [{ enabled: "yes" }, ["webhook.enabled"], unlisted],
  [{ include: "all" }, ["webhook.include"], unlisted],
  [{ include: [7] }, ["webhook.include"], unlisted],
];
for (const [sent, ignored, triggerCallStatuses] of partlyUsable) {
  Deno.test(`a webhook with ${JSON.stringify(sent)} is used but for what it names`, () => {
    assert.deepEqual(readPostCallActions({ webhook: { url, ...sent } }), {
      replaceAgents: true,
      webhook: { url, triggerCallStatuses },
      ignored: ignored.map((part) => `__post_call_actions.${part}`),
    });
  });
}

Deno.test("an unknown post-call action is named and hinders no other", () => {
  const { webhook, ignored } = readPostCallActions({ email: {}, webhook: { url } });
  assert.deepEqual(ignored, ["__post_call_actions.email"]);
  assert.equal(webhook?.url, url);
});

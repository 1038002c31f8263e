import assert from "node:assert/strict";
import type { CallRecord } from "../../../../supabase/local/simulated_omni/calls/call_record.ts";
import type { CallStatus } from "../../../../supabase/local/simulated_omni/calls/call_status.ts";
import { chatRecord } from "../../../../supabase/local/simulated_omni/calls/chat_record.ts";
import { defaultWebhookManner } from "../../../../supabase/local/simulated_omni/webhooks/default_webhook_manner.ts";
import type { WebhookManner } from "../../../../supabase/local/simulated_omni/webhooks/webhook_manner.ts";
import type { WebhookBody } from "./webhook_body.ts";
import { webhookPayload } from "../../../../supabase/local/simulated_omni/webhooks/webhook_payload.ts";

const metadata = { attempt_id: "a-1" };

function callThat(status: CallStatus, changes: Partial<CallRecord> = {}): CallRecord {
  const isAnswered = status === "completed";
  return {
    callId: 10_000_002,
    ring: {
      ordinal: 1,
      toNumber: "+919812345678",
      placedAt: "2026-03-01T18:30:00.000Z",
      requestId: 3_166_941,
      rawBody: "",
      body: { metadata },
      fault: null,
    },
    requestId: 3_166_941,
    direction: "outbound",
    toNumber: "+919812345678",
    fromNumber: "+15550100000",
    status,
    startedAtMs: Date.UTC(2026, 2, 1, 18, 30, 0),
    endedAtMs: Date.UTC(2026, 2, 1, 18, 31, 30),
    durationSeconds: isAnswered ? 90 : 0,
    talk: isAnswered
      ? { summary: "Said yes", sentiment: "Positive", extractedVariables: { interested: "yes" } }
      : {},
    ...changes,
  };
}

function sent(
  call: CallRecord,
  manner: Partial<WebhookManner> = {},
  timeZone = "UTC",
): WebhookBody {
  const context = { agentId: 4711, timeZone };
  return JSON.parse(webhookPayload(call, { ...defaultWebhookManner, ...manner }, context));
}

Deno.test("the webhook of an answered call has the keys that were seen, and no other", () => {
  const { call_report, ...keys } = sent(callThat("completed"));
  assert.deepEqual(keys, {
    call_id: 10_000_002,
    call_request_id: 3_166_941,
    bot_id: 4711,
    bot_name: "Simulated agent",
    phone_number: "+919812345678",
    to_number: "+919812345678",
    from_number: "+15550100000",
    call_direction: "outbound",
    call_date: "2026-03-01 18:30:00",
    start_time: "2026-03-01 18:30:00",
    end_time: "2026-03-01 18:31:30",
    call_duration: 90,
    call_status: "completed",
    hangup_source: "customer",
    recording_url: "https://recordings.invalid/10000002.mp3",
    metadata,
  });
  const { full_conversation, interactions, ...report } = call_report;
  assert.deepEqual(report, {
    summary: "Said yes",
    sentiment: "Positive",
    extracted_variables: { interested: "yes" },
  });
  assert.match(String(full_conversation), /^LLM: .*User: /s);
  assert.ok(Array.isArray(interactions) && interactions.length > 0);
});

Deno.test("the webhook of an unanswered call has no recording and an empty report", () => {
  const { call_duration, recording_url, hangup_source, call_report } = sent(callThat("no_answer"));
  assert.deepEqual([call_duration, recording_url, hangup_source], [0, false, false]);
  assert.deepEqual(call_report, {
    summary: false,
    sentiment: false,
    extracted_variables: {},
    full_conversation: false,
    interactions: [],
  });
});

Deno.test("what is absent is false, null or left out, in the report too", () => {
  const call = callThat("busy");
  const asNull = sent(call, { absentAs: "null" });
  assert.deepEqual([asNull.recording_url, asNull.call_report.summary], [null, null]);
  const omitted = sent(call, { absentAs: "omitted" });
  assert.ok(!("recording_url" in omitted) && !("summary" in omitted.call_report));
  assert.equal(omitted.call_duration, 0);
});

Deno.test("a webhook can be wrapped in body", () => {
  const call = callThat("completed");
  assert.deepEqual(sent(call, { wrapped: true }), { body: sent(call) });
});

for (
  const [spelling, spelled] of [
    ["snake", "no_answer"],
    ["kebab", "no-answer"],
    ["title", "No Answer"],
  ] as const
) {
  Deno.test(`the webhook spells a status in ${spelling} when asked for`, () => {
    assert.equal(sent(callThat("no_answer"), { spelling }).call_status, spelled);
  });
}

Deno.test("a legacy webhook has the old keys only", () => {
  const keys = sent(callThat("completed"), { legacy: true });
  assert.deepEqual(Object.keys(keys).sort(), [
    "bot_id",
    "bot_name",
    "call_date",
    "call_id",
    "call_report",
    "phone_number",
    "user_email",
  ]);
});

Deno.test("the request id is an integer, false or an object as asked for", () => {
  const call = callThat("completed");
  assert.equal(sent(call, { requestIdAs: "integer" }).call_request_id, 3_166_941);
  assert.equal(sent(call, { requestIdAs: "false" }).call_request_id, false);
  assert.deepEqual(sent(call, { requestIdAs: "object" }).call_request_id, {
    id: 3_166_941,
    type_of_request: "Call",
  });
  assert.equal(
    sent({ ...call, requestId: null }, { requestIdAs: "object" }).call_request_id,
    false,
  );
});

Deno.test("metadata stay away on accounts that do not echo them, and are absent if not sent", () => {
  const call = callThat("completed");
  assert.ok(!("metadata" in sent(call, { withMetadata: false })));
  assert.equal(sent({ ...call, ring: null }).metadata, false);
});

Deno.test("the webhook writes times in the log's zone, over midnight too", () => {
  const keys = sent(callThat("completed"), {}, "Asia/Kolkata");
  assert.deepEqual([keys.start_time, keys.end_time], [
    "2026-03-02 00:00:00",
    "2026-03-02 00:01:30",
  ]);
});

Deno.test("the phone number of an inbound call is the one that called", () => {
  const inbound = { direction: "inbound", toNumber: "+15550100000", fromNumber: "+1415" } as const;
  assert.equal(sent(callThat("completed", inbound)).phone_number, "+1415");
});

Deno.test("a chat is told without numbers and without a recording", () => {
  const keys = sent(chatRecord(7, { summary: "Asked for the price" }));
  assert.equal(keys.call_direction, "chat");
  assert.deepEqual([keys.to_number, keys.phone_number, keys.recording_url], [false, false, false]);
  assert.equal(keys.call_request_id, false);
  assert.equal(keys.call_report.summary, "Asked for the price");
});

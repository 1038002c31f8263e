import assert from "node:assert/strict";
import type { ForeignCall } from "../../../../supabase/local/simulated_omni/calls/foreign_call.ts";
import { startSimulatedOmni } from "../../../../supabase/local/simulated_omni/start_simulated_omni.ts";
import { getFrom } from "../get_from.ts";
import { postDispatch } from "../post_dispatch.ts";
import { receiveWebhooks } from "../webhooks/receive_webhooks.ts";

const inbound: ForeignCall = {
  toNumber: "+15550100000",
  fromNumber: "+919812345678",
  direction: "inbound",
  status: "completed",
  startedAtMs: Date.UTC(2026, 2, 1, 18, 30),
  durationSeconds: 40,
};
const outbound: ForeignCall = {
  toNumber: "+919812345678",
  direction: "outbound",
  status: "no_answer",
  startedAtMs: Date.now() + 60_000,
  durationSeconds: 0,
};

Deno.test("a foreign call stands in the log by its start and rang no phone of ours", async () => {
  await using omni = await startSimulatedOmni();
  await postDispatch(omni, "+14155550123");
  omni.lines.endAll();
  const callIds = [outbound, inbound].map((call) => omni.addForeignCall(call));
  const { json } = await getFrom(omni, "/calls/logs");
  const rows = json.call_log_data as Record<string, unknown>[];
  assert.deepEqual(rows.map((row) => row.to_number), [
    "+919812345678",
    "+14155550123",
    "+15550100000",
  ]);
  assert.deepEqual([rows[0]?.id, rows[2]?.id], callIds);
  assert.equal(rows[0]?.from_number, "+15550100000");
  assert.equal(rows[2]?.from_number, "+919812345678");
  assert.equal(rows[2]?.call_direction, "inbound");
  assert.equal(rows[2]?.time_of_call, "03/01/2026 18:30:00");
  assert.deepEqual(rows[2]?.call_request_id, { id: false, type_of_request: false });
  assert.equal(omni.ledger.count, 1);
});

Deno.test("a foreign call can name a request, as the second row of one of ours", async () => {
  await using omni = await startSimulatedOmni();
  const { json } = await postDispatch(omni);
  omni.lines.endAll("no_answer");
  omni.addForeignCall({ ...outbound, status: "completed", requestId: json?.requestId as number });
  const rows = (await getFrom(omni, "/calls/logs")).json.call_log_data as {
    id: number;
    call_request_id: { id: unknown };
  }[];
  assert.deepEqual(rows.map((row) => row.call_request_id.id), [json?.requestId, json?.requestId]);
  assert.notEqual(rows[0]?.id, rows[1]?.id);
});

Deno.test("a foreign call and a chat are reported to the agent's webhook, if it fires", async () => {
  await using receiver = receiveWebhooks();
  await using omni = await startSimulatedOmni({ agentWebhook: { url: receiver.url } });
  const callId = omni.addForeignCall(inbound);
  omni.addForeignCall(outbound);
  await omni.webhooks.settled();
  assert.deepEqual(receiver.received.map(({ body }) => body.call_id), [callId]);
  assert.equal(receiver.received[0]?.body.call_direction, "inbound");
  const chatId = omni.addChat({ summary: "Asked for the price" });
  await omni.webhooks.settled();
  assert.equal(receiver.received[1]?.body.call_id, chatId);
  assert.equal(receiver.received[1]?.body.call_direction, "chat");
});

Deno.test("a chat leaves no row in the log", async () => {
  await using omni = await startSimulatedOmni();
  omni.addChat();
  assert.equal((await getFrom(omni, "/calls/logs")).json.total_records, 0);
});

import assert from "node:assert/strict";
import {
  buildCallRequest,
  type Call,
} from "../../../supabase/functions/call-dispatch/call_request.ts";

const call: Call = {
  attemptId: "attempt-1",
  followUpId: "follow-up-1",
  leadId: "lead-1",
  toNumber: "+919812345678",
  customerName: "Asha",
  message: "About the flat",
};
const caller = { omniAgentId: 4711, omniFromNumberId: 42, callEndedHook: null };

Deno.test("call request: ids go as numbers, the context as strings, the attempt as metadata", () => {
  assert.deepEqual(buildCallRequest(call, caller), {
    agent_id: 4711,
    from_number_id: 42,
    to_number: "+919812345678",
    call_context: {
      name: "Asha",
      lead_id: "lead-1",
      follow_up_id: "follow-up-1",
      message: "About the flat",
    },
    metadata: { attempt_id: "attempt-1" },
  });
});

Deno.test("call request: a missing name or message goes as an empty string", () => {
  const { call_context } = buildCallRequest({ ...call, customerName: null, message: null }, caller);
  assert.equal(call_context.name, "");
  assert.equal(call_context.message, "");
});

Deno.test("call request: nothing but what Omni is to know goes out", () => {
  const row = { ...call, leaseToken: "token", phone: "098123 45678", defaultCountry: "IN" };
  assert.deepEqual(buildCallRequest(row, caller), buildCallRequest(call, caller));
});

Deno.test("call request: Omni is asked to report all six ends of the call, at an address of its own", () => {
  const hook = { url: "https://project.example/functions/v1/call-ended", secret: "secret" };
  const request = buildCallRequest(call, { ...caller, callEndedHook: hook });
  const webhook = request.__post_call_actions?.webhook;
  assert.deepEqual(
    [...webhook?.trigger_call_statuses ?? []].sort(),
    ["busy", "cancelled", "completed", "failed", "no_answer", "voicemail_detected"],
  );
  assert.match(
    webhook?.url ?? "",
    /^https:\/\/project\.example\/functions\/v1\/call-ended\?attempt=attempt-1&token=[0-9a-f]{64}$/,
  );
});

Deno.test("call request: the addresses of two calls differ in their tokens", () => {
  const hook = { url: "https://project.example/functions/v1/call-ended", secret: "secret" };
  const tokens = ["a", "b"].map((attemptId) =>
    buildCallRequest({ ...call, attemptId }, { ...caller, callEndedHook: hook })
      .__post_call_actions?.webhook.url.split("token=")[1]
  );
  assert.notEqual(tokens[0], tokens[1]);
});

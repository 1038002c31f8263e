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
const caller = { omniAgentId: 4711, omniFromNumberId: 42 };

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

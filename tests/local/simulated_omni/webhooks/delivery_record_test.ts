import assert from "node:assert/strict";
import { DeliveryRecord } from "../../../../supabase/local/simulated_omni/webhooks/delivery_record.ts";

Deno.test("the record of webhooks keeps the latest", () => {
  const record = new DeliveryRecord(3);
  for (let callId = 1; callId <= 20; callId++) {
    record.add({ callId, url: "", atMs: 0, httpStatus: 200, error: null });
    assert.ok(record.list().length <= 3);
    assert.equal(record.list().at(-1)?.callId, callId);
  }
  assert.deepEqual(record.list().map((delivery) => delivery.callId), [18, 19, 20]);
});

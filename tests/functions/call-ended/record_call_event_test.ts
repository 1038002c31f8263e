import assert from "node:assert/strict";
import { StoreError } from "../../../supabase/functions/_shared/store_error.ts";
import { parseWebhook } from "../../../supabase/functions/call-ended/parse_webhook.ts";
import { recordCallEvent } from "../../../supabase/functions/call-ended/record_call_event.ts";
import { stubStore } from "./stub_store.ts";

const event = parseWebhook({ call_id: 5 }, { kind: "agent" });

Deno.test("record call event: the same event is sent again while the database is away", async () => {
  let times = 0;
  const { store, events } = stubStore({
    recordCallResult: async () => {
      times += 1;
      if (times < 3) throw new StoreError("Away", true);
      return { verdict: "parked", attemptId: null, callbackToRead: false };
    },
  });
  assert.equal((await recordCallEvent({ store, event })).verdict, "parked");
  assert.deepEqual(events, [event, event, event]);
});

Deno.test("record call event: what does not pass is not asked again", async () => {
  const failure = new StoreError("No such function", false);
  const { store, events } = stubStore({ recordCallResult: () => Promise.reject(failure) });
  await assert.rejects(recordCallEvent({ store, event }), (error) => error === failure);
  assert.equal(events.length, 1);
});

Deno.test("record call event: when time is up the last error is thrown", async () => {
  const failure = new StoreError("Away", true);
  const { store, events } = stubStore({ recordCallResult: () => Promise.reject(failure) });
  await assert.rejects(recordCallEvent({ store, event, forMs: 300 }), (error) => error === failure);
  assert.ok(events.length > 1);
});

import assert from "node:assert/strict";
import { showEndedCalls } from "../../../../supabase/local/commands/start/show_ended_calls.ts";
import { endedCall } from "./ended_call.ts";

Deno.test("showEndedCalls: 50 lines of words at most, a line of JSON for each call", () => {
  const said: string[] = [];
  const results: unknown[] = [];
  showEndedCalls(Array.from({ length: 60 }, () => endedCall()), {
    say: (line) => void said.push(line),
    result: (value) => void results.push(value),
  });
  assert.equal(said.length, 51);
  assert.equal(said.at(-1), "… and 10 more calls ended");
  assert.equal(results.length, 60);
  assert.deepEqual(results[0], {
    event: "call_ended",
    lead_id: "00000000-0000-4000-8000-000000000001",
    attempt_id: "00000000-0000-4000-8000-00000000000a",
    outcome: "completed",
    duration_seconds: 80,
    recall_at: null,
    callback_text: null,
  });
});

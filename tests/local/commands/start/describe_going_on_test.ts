import assert from "node:assert/strict";
import { describeGoingOn } from "../../../../supabase/local/commands/start/describe_going_on.ts";

Deno.test("describeGoingOn: only simulated calls are cut off", () => {
  assert.match(describeGoingOn(1, { live: false }), /^1 call was still going on: cut off/);
  assert.match(describeGoingOn(8, { live: false }), /^8 calls were still going on: cut off/);
  assert.match(describeGoingOn(8, { live: true }), /^8 calls were not known to be over: a later/);
});

import assert from "node:assert/strict";
import { Latest } from "../../../supabase/local/simulated_omni/latest.ts";

Deno.test("the latest are kept", () => {
  const latest = new Latest<number>(3);
  for (let item = 1; item <= 20; item++) {
    latest.add(item);
    assert.ok(latest.list().length <= 3);
    assert.equal(latest.list().at(-1), item);
  }
  assert.deepEqual(latest.list(), [18, 19, 20]);
});

Deno.test("of none that are to be kept, none is", () => {
  const latest = new Latest<number>(0);
  for (let item = 1; item <= 3; item++) latest.add(item);
  assert.deepEqual(latest.list(), []);
});

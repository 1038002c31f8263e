import assert from "node:assert/strict";
import { median } from "./median.ts";

Deno.test("median: the middle one, or between the two in the middle, in any order", () => {
  assert.equal(median([10, 3, 9]), 9);
  assert.equal(median([10, 3]), 6.5);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.throws(() => median([]));
});

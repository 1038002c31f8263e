import assert from "node:assert/strict";
import { percentile } from "./percentile.ts";

Deno.test("percentile: the value that so many do not exceed, in any order", () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  assert.equal(percentile(values, 0.5), 50);
  assert.equal(percentile(values, 0.99), 99);
  assert.equal(percentile([7], 0.99), 7);
  assert.throws(() => percentile([], 0.5));
});

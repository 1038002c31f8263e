import assert from "node:assert/strict";
import { growthFaults } from "./growth_faults.ts";
import type { ScaleResult } from "./scale_result.ts";

function result(leads: number, changes: Partial<ScaleResult> = {}): ScaleResult {
  return {
    leads,
    seed_ms_per_1000: 100,
    claim_ms: 10,
    idle_ms: 4,
    call_status_ms: 50,
    call_queue_ms: 50,
    ...changes,
  };
}

Deno.test("growth: what follows the new work is no fault", () => {
  const large = result(1_000_000, { claim_ms: 30, call_status_ms: 150 });
  assert.deepEqual(growthFaults([result(10_000), result(100_000), large], 3), []);
});

Deno.test("growth: what follows the size is named, with both times", () => {
  const faults = growthFaults([result(10_000), result(100_000, { idle_ms: 27.7 })], 3);
  assert.equal(faults.length, 1);
  assert.match(faults[0]!, /^idle_ms is 27\.7 at 100000 leads, and 4 at 10000/);
});

Deno.test("growth: an idle tick of more than 5 ms at a million leads is a fault by itself", () => {
  const at = (idle_ms: number) => growthFaults([result(10_000), result(1_000_000, { idle_ms })], 3);
  assert.deepEqual(at(5), []);
  assert.deepEqual(at(5.1), ["idle_ms is 5.1 at 1000000 leads: more than 5"]);
});

Deno.test("growth: a view that grows is named like the rest", () => {
  const large = result(1_000_000, { call_status_ms: 320, call_queue_ms: 900 });
  assert.equal(growthFaults([result(10_000), large], 3).length, 2);
});

Deno.test("growth: one size alone says nothing", () => {
  assert.deepEqual(growthFaults([result(10_000)], 3), []);
});

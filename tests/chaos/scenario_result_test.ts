import assert from "node:assert/strict";
import { toScenarioResult } from "./scenario_result.ts";

const WELL = {
  seed: 1,
  rings: 4,
  calls_placed_twice: 0,
  follow_ups_lost: 0,
  unknown: 1,
  ambiguous: 1,
  recovery_s: 0.24,
  complaints: [],
};

Deno.test("scenario result: what is counted is summed, and the longest recovery stands", () => {
  assert.deepEqual(toScenarioResult("quiet", [WELL, { ...WELL, rings: 2, recovery_s: 1.26 }]), {
    scenario: "quiet",
    histories: 2,
    rings: 6,
    calls_placed_twice: 0,
    follow_ups_lost: 0,
    unknown: 2,
    ambiguous: 2,
    recovery_s: 1.3,
    ok: true,
  });
});

Deno.test("scenario result: a number that must be nought is not ok, though nobody complains", () => {
  for (const number of ["calls_placed_twice", "follow_ups_lost", "ambiguous"] as const) {
    assert.equal(toScenarioResult("bad", [WELL, { ...WELL, [number]: 2 }]).ok, false, number);
  }
});

Deno.test("scenario result: one complaint, or no history at all, is not ok", () => {
  assert.equal(toScenarioResult("bad", [WELL, { ...WELL, complaints: ["x"] }]).ok, false);
  assert.equal(toScenarioResult("none", []).ok, false);
});

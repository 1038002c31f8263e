// Each guard that the promise rests on is taken away in a copy: the chaos suite has to find it. A guard
// whose loss nobody notices would be a guess.
import assert from "node:assert/strict";
import { huntBug } from "./hunt_bug.ts";
import { plantedBugs } from "./planted_bugs.ts";

const SEED = 1;
const HISTORIES = 12;

for (const bug of plantedBugs) {
  Deno.test(`planted bug ${bug.name}: ${bug.what}, and it is found`, async () => {
    const { result, complaint } = await huntBug(bug, { seed: SEED, histories: HISTORIES });
    assert.equal(result.ok, false, `${result.scenario} has not found it`);
    assert.ok(complaint);
  });
}

Deno.test("planted bugs: where nothing is planted, the same histories find nothing", async () => {
  const all = [...new Set(plantedBugs.flatMap(({ scenarios }) => scenarios))];
  for (const name of all) {
    const nothing = { name: "nothing", what: "all is as it is", scenarios: [name], changes: [] };
    const { result, complaint } = await huntBug(nothing, { seed: SEED, histories: 2 });
    assert.deepEqual([result.ok, complaint], [true, null], name);
  }
});

// Each guard that the promise rests on is taken away in a copy: the chaos suite has to find it. A guard
// whose loss nobody notices would be a guess.
import assert from "node:assert/strict";
import { huntBug } from "./hunt_bug.ts";
import { plantedBugs } from "./planted_bugs.ts";

const SEED = 1;
const HISTORIES = 12;

for (const bug of plantedBugs) {
  Deno.test(`planted bug ${bug.name}: ${bug.what}, and it is found`, async () => {
    const { result, complaint, isFound } = await huntBug(bug, { seed: SEED, histories: HISTORIES });
    assert.ok(isFound, `${result.scenario} has not found it: ${complaint}`);
  });
}

Deno.test("planted bugs: where nothing is planted, the same histories find nothing", async () => {
  const all = [...new Set(plantedBugs.flatMap(({ scenarios }) => scenarios))];
  for (const name of all) {
    const nothing = { name: "nothing", what: "all is as it is", scenarios: [name] };
    const { result, complaint } = await huntBug(
      { ...nothing, shows: /./, changes: [] },
      { seed: SEED, histories: 2 },
    );
    assert.deepEqual([result.ok, complaint], [true, null], name);
  }
});

Deno.test("planted bugs: what breaks everything, and shows otherwise than the bug, does not count", async () => {
  const broken = {
    name: "broken",
    what: "a claim is an error of SQL",
    scenarios: ["killed_claim_open"],
    shows: /leads were never called/,
    changes: [{
      mentions: ["dispatchable_follow_ups", "public.claim_follow_ups_apart("],
      find: /\bbegin\b/g,
      put: "begin raise exception 'broken';",
    }],
  };
  const { result, complaint, isFound } = await huntBug(broken, { seed: SEED, histories: 1 });
  assert.match(String(complaint), broken.shows);
  assert.deepEqual([result.ok, isFound], [false, false], String(complaint));
});

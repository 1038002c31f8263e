import assert from "node:assert/strict";
import { UsageError } from "../../supabase/local/commands/usage_error.ts";
import { readChaosOptions } from "./chaos_options.ts";
import { plantedBugs } from "./planted/planted_bugs.ts";
import { scenarios } from "./scenarios.ts";

Deno.test("chaos options: by default all is played, and nothing is planted", () => {
  const options = readChaosOptions([]);
  assert.deepEqual(options.scenarios, scenarios.map(({ name }) => name));
  assert.deepEqual([options.plants, options.histories, options.path], [null, null, null]);
});

Deno.test("chaos options: what is asked for is read", () => {
  const args = ["--scenario", "random", "--seed", "7", "--histories", "3", "--path", "4:0:1"];
  const options = readChaosOptions([...args, "--json", "--short"]);
  assert.deepEqual(options, {
    help: false,
    json: true,
    short: true,
    scenarios: ["random"],
    seed: 7,
    histories: 3,
    path: "4:0:1",
    plants: null,
  });
  assert.deepEqual(readChaosOptions(["--plant", "claim_waits"]).plants, ["claim_waits"]);
  assert.equal(readChaosOptions(["--planted"]).plants?.length, plantedBugs.length);
});

const refused: [string[], RegExp][] = [
  [["--scenario", "flood"], /Unknown --scenario "flood": it has to be one of worker_killed, /],
  [["--plant", "mistake"], /Unknown --plant "mistake": it has to be one of no_unique_index, /],
  [["--seed", "x"], /Cannot read --seed "x": it has to be a whole number from 0/],
  [["--histories", "0"], /Cannot read --histories "0": it has to be a whole number from 1/],
  [["--path", "1:2"], /Only random histories have a --path/],
  [["--scenario", "random", "--path", "x"], /Cannot read --path "x"/],
  [["--planted", "--scenario", "random"], /leave --scenario away/],
];

for (const [args, message] of refused) {
  Deno.test(`chaos options: ${args.join(" ")} is refused`, () => {
    assert.throws(() => readChaosOptions(args), (error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("chaos: there are at least 200 histories by default, and each name is there once", () => {
  const histories = scenarios.reduce((sum, each) => sum + each.histories, 0);
  assert.ok(histories >= 200, String(histories));
  assert.equal(new Set(scenarios.map(({ name }) => name)).size, scenarios.length);
  assert.equal(new Set(plantedBugs.map(({ name }) => name)).size, plantedBugs.length);
});

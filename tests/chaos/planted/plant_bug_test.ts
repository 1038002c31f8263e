import assert from "node:assert/strict";
import { freshDatabase } from "../../support/fresh_database.ts";
import { plantBug } from "./plant_bug.ts";
import { plantedBugs } from "./planted_bugs.ts";

for (const bug of plantedBugs) {
  Deno.test(`plant bug: ${bug.name} finds what it is to change`, async () => {
    await using database = await freshDatabase();
    await using plant = await plantBug(bug);
    await plant.plantInto(database.sql);
  });
}

Deno.test("plant bug: a bug that changes nothing is refused, and the repository stays as it is", async () => {
  const file = "call-dispatch/omni_client.ts";
  const repository = new URL(`../../../supabase/functions/${file}`, import.meta.url);
  const before = await Deno.readTextFile(repository);
  const bug = { name: "nowhere", what: "", scenarios: [], shows: /./ };
  await assert.rejects(
    plantBug({ ...bug, changes: [{ file, find: "there is no such text", put: "" }] }),
    /Cannot plant "nowhere": ".*omni_client.ts" has no there is no such text/,
  );
  await using database = await freshDatabase();
  await using inDatabase = await plantBug({
    ...bug,
    changes: [{ mentions: ["record_dispatch_results"], find: /no such text/g, put: "" }],
  });
  await assert.rejects(
    inDatabase.plantInto(database.sql),
    /Cannot plant "nowhere": no function with record_dispatch_results has \/no such text\/g/,
  );
  await using changed = await plantBug({
    ...bug,
    changes: [{ file, find: "placeCall", put: "placeNoCall" }],
  });
  const copy = await Deno.readTextFile(`${changed.functionsDirectory}/${file}`);
  assert.ok(copy.includes("placeNoCall"));
  assert.equal(await Deno.readTextFile(repository), before);
});

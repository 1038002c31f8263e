// Whatever the rules, the leads and the moment: nobody is called who must not be, and everybody else is
// called in the end. A failure prints its seed and path; RULES_SEED and RULES_PATH bring it back,
// RULES_RUNS makes it more.
import assert from "node:assert/strict";
import fc from "fast-check";
import { connect } from "../../supabase/local/postgres/connect.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { rulesCase } from "./call_rules/arbitrary_rules_case.ts";
import { RulesWorld, type Tally } from "./call_rules/rules_world.ts";

Deno.test("rules at random: nobody is called against one, and everybody else is called in the end", async () => {
  await using database = await freshDatabase();
  const sql = connect(database.url, { max: 1 });
  const total: Tally = {};
  try {
    const numRuns = Number(Deno.env.get("RULES_RUNS") || 16);
    const property = fc.asyncProperty(rulesCase, async (drawn) => {
      const tally = await RulesWorld.live(sql, drawn);
      for (const [what, times] of Object.entries(tally)) total[what] = (total[what] ?? 0) + times;
    });
    const details = await fc.check(property, {
      numRuns,
      seed: Number(Deno.env.get("RULES_SEED") || Date.now() % 2 ** 31),
      path: Deno.env.get("RULES_PATH") ?? "",
      // After a failure: as many shorter cases as there is time for.
      interruptAfterTimeLimit: 2_500 * numRuns,
    });
    assert.equal(
      details.failed,
      false,
      `Again with RULES_SEED=${details.seed} RULES_PATH=${details.counterexamplePath}\n` +
        `${fc.defaultReportMessage(details)}\n${details.errorInstance}`,
    );
    // A case in which nobody is called shows little.
    assert.ok((total["called"] ?? 0) > numRuns / 2, JSON.stringify(total));
    if (Deno.env.has("RULES_RUNS")) console.log(details.seed, total);
  } finally {
    await sql.end();
  }
});

// Whatever happens, in whatever order: what must be true is true after every step. A failure prints
// its seed and path; HISTORY_SEED and HISTORY_PATH bring it back, HISTORY_RUNS makes it more.
import assert from "node:assert/strict";
import fc from "fast-check";
import { startEmbeddedProject } from "../support/start_embedded_project.ts";
import { history } from "./history_command.ts";
import { HISTORY_ENVIRONMENT } from "./history_environment.ts";
import { HistoryWorld } from "./history_world.ts";

const SHRINKING_MS = 60_000;

Deno.test("random histories: nobody is rung twice, nobody is lost, unknown are the ambiguous", async () => {
  await using project = await startEmbeddedProject(HISTORY_ENVIRONMENT);
  const property = fc.asyncProperty(history, async (commands) => {
    const world = await HistoryWorld.begin(project);
    for (const command of commands) await world.take(command);
    await world.assertAllIsSettled();
  });
  const numRuns = Number(Deno.env.get("HISTORY_RUNS") || 20);
  const details = await fc.check(property, {
    numRuns,
    seed: Number(Deno.env.get("HISTORY_SEED") || Date.now() % 2 ** 31),
    path: Deno.env.get("HISTORY_PATH") ?? "",
    // After a failure: as many shorter histories as there is time for.
    interruptAfterTimeLimit: 10_000 * numRuns + SHRINKING_MS,
  });
  assert.equal(
    details.failed,
    false,
    `Again with HISTORY_SEED=${details.seed} HISTORY_PATH=${details.counterexamplePath}\n` +
      `${fc.defaultReportMessage(details)}\n${details.errorInstance}`,
  );
  if (!Deno.env.get("HISTORY_PATH")) assert.equal(details.numRuns, numRuns, "histories played");
});

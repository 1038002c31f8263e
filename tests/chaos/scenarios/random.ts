import { history, type HistoryCommand } from "../../faults/history_command.ts";
import { HISTORY_ENVIRONMENT } from "../../faults/history_environment.ts";
import { HistoryWorld } from "../../faults/history_world.ts";
import type { EmbeddedProject } from "../../support/start_embedded_project.ts";
import { brokenInvariant } from "../broken_invariant.ts";
import type { HistoryVerdict } from "../history_verdict.ts";
import { playRandomHistories } from "../play_random_histories.ts";
import type { Scenario } from "../scenario.ts";
import { startEmbedded } from "../start_embedded.ts";

/** Anything, in any order; a history that fails is made as short as it can be. */
export const random: Scenario = {
  name: "random",
  what:
    "a model draws leads, phones, pauses, replies, runs, kills and clocks, and checks each step",
  histories: 60,
  short: 8,
  alone: false,
  async play(request) {
    await using project = await startEmbedded({ env: HISTORY_ENVIRONMENT })(request.plant);
    await playRandomHistories(
      history,
      request,
      (commands) => playOnce(project, commands, request.seed),
    );
  },
};

async function playOnce(
  project: EmbeddedProject,
  commands: readonly HistoryCommand[],
  seed: number,
): Promise<HistoryVerdict> {
  const world = await HistoryWorld.begin(project);
  const complaints: string[] = [];
  try {
    for (const command of commands) await world.take(command);
    await world.assertAllIsSettled();
  } catch (error) {
    complaints.push(brokenInvariant(error));
  }
  const { rings, placedTwice, lost, unknown, ambiguous, recoveryS } = await world.count();
  return {
    seed,
    rings,
    calls_placed_twice: placedTwice,
    follow_ups_lost: lost,
    unknown,
    ambiguous,
    recovery_s: recoveryS,
    complaints,
  };
}

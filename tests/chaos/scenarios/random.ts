import fc from "fast-check";
import { history, type HistoryCommand } from "../../faults/history_command.ts";
import { HistoryWorld } from "../../faults/history_world.ts";
import type { EmbeddedProject } from "../../support/start_embedded_project.ts";
import { brokenInvariant } from "../broken_invariant.ts";
import type { HistoryVerdict } from "../history_verdict.ts";
import type { HistoriesRequest, Scenario } from "../scenario.ts";
import { startEmbedded } from "../start_embedded.ts";

// After a failure: as many shorter histories as there is time for.
const SHRINKING_MS = 60_000;

/** Anything, in any order; a history that fails is made as short as it can be. */
export const random: Scenario = {
  name: "random",
  what:
    "a model draws leads, phones, pauses, replies, runs, kills and clocks, and checks each step",
  histories: 60,
  short: 8,
  alone: false,
  async play(request) {
    await using project = await startEmbedded()(request.plant);
    const player = new Player(project, request);
    const details = await fc.check(fc.asyncProperty(history, (commands) => player.play(commands)), {
      seed: request.seed,
      numRuns: request.path === null ? request.histories : 1,
      path: request.path ?? "",
      // Whether a planted bug is found is all that is asked of it.
      endOnFailure: request.plant !== null,
      interruptAfterTimeLimit: request.histories * 10_000 + SHRINKING_MS,
    });
    if (player.smallest === null) return;
    const { smallest } = player;
    smallest.complaints.push(
      `It comes back with --path ${details.counterexamplePath}: ${
        JSON.stringify(details.counterexample?.[0])
      }`,
    );
    request.onVerdict(smallest);
  },
};

/** Plays histories, and remembers the last that failed: fast-check makes it shorter each time. */
class Player {
  smallest: HistoryVerdict | null = null;

  constructor(
    private readonly project: EmbeddedProject,
    private readonly request: HistoriesRequest,
  ) {}

  async play(commands: HistoryCommand[]): Promise<void> {
    const world = await HistoryWorld.begin(this.project);
    try {
      for (const command of commands) await world.take(command);
      await world.assertAllIsSettled();
    } catch (error) {
      this.smallest = await this.#judge(world, [brokenInvariant(error)]);
      throw error;
    }
    if (this.smallest === null) this.request.onVerdict(await this.#judge(world, []));
  }

  async #judge(world: HistoryWorld, complaints: string[]): Promise<HistoryVerdict> {
    const { rings, placedTwice, lost, unknown, ambiguous, recoveryS } = await world.count();
    return {
      seed: this.request.seed,
      rings,
      calls_placed_twice: placedTwice,
      follow_ups_lost: lost,
      unknown,
      ambiguous,
      recovery_s: recoveryS,
      complaints,
    };
  }
}

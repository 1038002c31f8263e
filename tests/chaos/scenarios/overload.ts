import { playedScenario } from "../played_scenario.ts";
import { startTwoWorkers } from "../start_two_workers.ts";

const BATCH_EVERY_MS = 150;

/** For some time more leads come in than the lines can take, and two schedulers go at them. */
export const overload = playedScenario({
  name: "overload",
  what: "for seconds more leads come in than there are lines, with two workers at them",
  histories: 4,
  short: 1,
  start: startTwoWorkers(),
  async bring(world, isShort) {
    const { draw, project } = world;
    // Calls of 100 to 300 ms.
    project.omni.change({
      lines: draw.whole(3, 6),
      callDurationMs: [20_000, 60_000],
      timeFactor: 200,
      latencyMs: [1, 20],
    });
    let isOver = false;
    let full = 0;
    const workers = [project.functionUrl, project.secondUrl].map(async (url) => {
      while (!isOver) if ((await world.run(url))?.stop_reason === "no_capacity") full += 1;
    });
    for (let batch = isShort ? 8 : draw.whole(15, 25); batch > 0; batch -= 1) {
      await world.insertLeads(draw.whole(5, 12));
      await new Promise((resolve) => setTimeout(resolve, BATCH_EVERY_MS));
    }
    isOver = true;
    world.endFault();
    await Promise.all(workers);
    if (full === 0) throw new Error("The lines were never all in use");
  },
});

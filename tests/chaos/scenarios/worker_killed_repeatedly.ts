import { playedScenario } from "../played_scenario.ts";
import { startEmbedded } from "../start_embedded.ts";

/** Run after run is killed before it is over. */
export const workerKilledRepeatedly = playedScenario({
  name: "worker_killed_repeatedly",
  what: "each of several runs in a row gets a SIGKILL",
  histories: 6,
  short: 2,
  start: startEmbedded({ env: { DISPATCH_CONCURRENCY: "4" } }),
  async bring(world) {
    const { draw, project } = world;
    await world.insertLeads(draw.whole(30, 50));
    project.omni.change({ latencyMs: [5, 60] });
    for (let kills = draw.whole(3, 5); kills > 0; kills -= 1) {
      const run = world.run();
      await world.untilRung(world.ringCount + draw.whole(1, 8), run);
      await world.kill();
      await run;
      if (kills > 1) await project.function.restart();
      await world.letTimePass();
    }
  },
});

import { playedScenario } from "../played_scenario.ts";
import { startTwoWorkers } from "../start_two_workers.ts";

/** One of two workers is killed in the middle of its run; the other goes on. */
export const workerKilled = playedScenario({
  name: "worker_killed",
  what: "one of two workers gets a SIGKILL in the middle of its run",
  histories: 10,
  short: 3,
  start: startTwoWorkers({ env: { DISPATCH_CONCURRENCY: "4" } }),
  async bring(world) {
    const { draw, project } = world;
    const leads = draw.whole(20, 40);
    await world.insertLeads(leads);
    project.omni.change({ latencyMs: [5, 60] });
    const runs = Promise.all([world.run(), world.run(project.secondUrl)]);
    await world.untilRung(draw.whole(1, leads - 5), runs);
    await world.kill();
    world.endFault();
    await runs;
  },
});

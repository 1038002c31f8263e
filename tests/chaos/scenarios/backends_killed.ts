import { setTimeout } from "node:timers/promises";
import { cutConnections } from "../../faults/cut_connections.ts";
import { playedScenario } from "../played_scenario.ts";
import { startEmbedded } from "../start_embedded.ts";

const PAUSE_MS = [20, 150] as const;

/** The backends behind the API's connections are killed, again and again. */
export const backendsKilled = playedScenario({
  name: "backends_killed",
  what: "the database's backends are killed again and again during a run",
  histories: 8,
  short: 2,
  start: startEmbedded({ env: { DISPATCH_CONCURRENCY: "3" } }),
  async bring(world) {
    const { draw, project } = world;
    await world.insertLeads(draw.whole(30, 60));
    project.omni.change({ latencyMs: [5, 30] });
    let isOver = false;
    const run = world.run().finally(() => isOver = true);
    await world.untilRung(1, run);
    const cuts = await cutConnections(project.database, {
      pause: () => setTimeout(draw.whole(...PAUSE_MS)),
      isOver: () => isOver,
    });
    if (cuts === 0) throw new Error("The scenario has brought no fault: no backend was killed");
    world.endFault();
    await run;
  },
});

import { drawStep } from "../draw_step.ts";
import { prepareForStep } from "../prepare_for_step.ts";
import { refuseConnections } from "../../faults/refuse_connections.ts";
import { playedScenario } from "../played_scenario.ts";
import { startEmbedded } from "../start_embedded.ts";

const SHORTAGE_MS = [200, 2_000] as const;

/** No connection to the database is left, from some step of the run on and for some time. */
export const connectionsExhausted = playedScenario({
  name: "connections_exhausted",
  what: "no database connection is left from some step of a run on, for up to two seconds",
  histories: 8,
  short: 2,
  start: startEmbedded({ env: { DISPATCH_CONCURRENCY: "4" } }),
  async bring(world) {
    const { draw, project } = world;
    const functionName = drawStep(draw);
    await prepareForStep(world, functionName, draw.whole(5, 20));
    const { run, call } = await world.runAndHold({ functionName, moment: "before" });
    const allowAgain = await refuseConnections(project.database);
    call.letGo();
    await new Promise((resolve) => setTimeout(resolve, draw.whole(...SHORTAGE_MS)));
    await allowAgain();
    world.endFault();
    await run;
  },
});

import { playedScenario } from "../played_scenario.ts";
import { startEmbedded } from "../start_embedded.ts";

// The shortest that the function takes: the calls that a run gets through in it are a few of these.
const TIME_BUDGET_MS = 1_000;
const LEADS = [30, 50] as const;

/** SIGKILL while a run is finishing: all is stored, work is left over, and only the run's row stays open. */
export const killedFinishing = playedScenario({
  name: "killed_finishing",
  what: "SIGKILL during finish, with work left over",
  histories: 10,
  short: 2,
  start: startEmbedded({
    env: { DISPATCH_CONCURRENCY: "4", DISPATCH_TIME_BUDGET_MS: String(TIME_BUDGET_MS) },
  }),
  async bring(world) {
    const { draw, project } = world;
    await world.insertLeads(draw.whole(...LEADS));
    project.omni.change({ latencyMs: 300 });
    const moment = draw.pick(["before", "after"] as const);
    const call = await world.killAt({ functionName: "finish_dispatch_run", moment });
    call.letGo(new Response(null, { status: 503 }));
    if (world.uncalled().length === 0) throw new Error("The run has left no work over");
    project.omni.change({ latencyMs: 0 });
  },
});

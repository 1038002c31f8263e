import { playedScenario } from "../played_scenario.ts";
import { startEmbedded } from "../start_embedded.ts";

/** SIGKILL while a run is finishing: all is stored, only the run's own row stays open. */
export const killedFinishing = playedScenario({
  name: "killed_finishing",
  what: "SIGKILL during finish",
  histories: 10,
  short: 2,
  start: startEmbedded(),
  async bring(world) {
    const { draw } = world;
    await world.insertLeads(draw.whole(2, 16));
    const at = {
      functionName: draw.pick(["dispatch_backlog", "finish_dispatch_run"]),
      moment: draw.pick(["before", "after"] as const),
    };
    const call = await world.killAt(at);
    call?.letGo(new Response(null, { status: 503 }));
  },
});

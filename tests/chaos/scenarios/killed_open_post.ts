import { playedScenario } from "../played_scenario.ts";
import { startEmbedded } from "../start_embedded.ts";

/** SIGKILL between open and POST: committed, never sent, and nobody can know that. */
export const killedOpenPost = playedScenario({
  name: "killed_open_post",
  what: "SIGKILL between open and POST",
  histories: 10,
  short: 3,
  start: startEmbedded({ env: { DISPATCH_CONCURRENCY: "8" } }),
  async bring(world) {
    await world.insertLeads(world.draw.whole(2, 16));
    const at = { functionName: "open_call_attempts", moment: "after" } as const;
    (await world.killAt(at)).letGo();
  },
});

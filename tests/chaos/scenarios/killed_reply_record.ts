import { playedScenario } from "../played_scenario.ts";
import { startEmbedded } from "../start_embedded.ts";

/** SIGKILL between reply and record: the replies die with the process. */
export const killedReplyRecord = playedScenario({
  name: "killed_reply_record",
  what: "SIGKILL between reply and record; what was to be recorded is lost, or arrives",
  histories: 10,
  short: 3,
  start: startEmbedded({ env: { DISPATCH_CONCURRENCY: "8" } }),
  async bring(world) {
    const { draw, project } = world;
    await world.insertLeads(draw.whole(2, 16));
    project.omni.change({ latencyMs: [0, 40] });
    const at = {
      functionName: "record_dispatch_results",
      moment: draw.pick(["before", "after"] as const),
    };
    const call = await world.killAt(at);
    call.letGo(draw.flip() ? new Response(null, { status: 503 }) : undefined);
  },
});

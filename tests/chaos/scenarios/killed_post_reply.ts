import { playedScenario } from "../played_scenario.ts";
import { startEmbedded } from "../start_embedded.ts";

const AT_ONCE = 8;

/** SIGKILL while the provider is still thinking: the phones have rung, and no reply came. */
export const killedPostReply = playedScenario({
  name: "killed_post_reply",
  what: "SIGKILL between POST and reply",
  histories: 10,
  short: 3,
  start: startEmbedded({ env: { DISPATCH_CONCURRENCY: String(AT_ONCE) } }),
  async bring(world) {
    const { draw, project } = world;
    const leads = draw.whole(2, 16);
    await world.insertLeads(leads);
    project.omni.change({ latencyMs: 60_000 });
    const run = world.run();
    await world.untilRung(draw.whole(1, Math.min(leads, AT_ONCE)), run);
    await world.kill();
    await run;
    project.omni.change({ latencyMs: 0 });
  },
});

import { playedScenario } from "../played_scenario.ts";
import { startEmbedded } from "../start_embedded.ts";

const REPLIES = [
  "well",
  "well",
  "busy",
  "lost, rung",
  "lost, not rung",
  "rubbish, rung",
  "server error, rung",
] as const;

/** The provider takes calls and then loses its reply, or answers what nobody can read. */
export const providerDrops = playedScenario({
  name: "provider_drops",
  what: "the provider accepts and drops the line, or answers rubbish or 5xx",
  histories: 12,
  short: 3,
  start: startEmbedded({ env: { DISPATCH_CONCURRENCY: "4" } }),
  async bring(world) {
    const { draw } = world;
    const leads = draw.whole(8, 24);
    await world.insertLeads(leads);
    world.replies.push(Array.from({ length: leads }, () => draw.pick(REPLIES)));
    for (let run = draw.whole(2, 6); run > 0; run -= 1) await world.run();
    world.expectRepliesWereBad();
  },
});

import { playedScenario } from "../played_scenario.ts";
import { startEmbedded } from "../start_embedded.ts";

// Longer than a busy machine holds up a healthy reply.
const TIMEOUT_MS = 2_500;

/** The provider does not answer before the request is given up. */
export const providerHangs = playedScenario({
  name: "provider_hangs",
  what: "the provider hangs, with the phone ringing or not",
  histories: 6,
  short: 1,
  start: startEmbedded({
    env: { DISPATCH_CONCURRENCY: "8", OMNI_TIMEOUT_MS: String(TIMEOUT_MS) },
  }),
  async bring(world) {
    const { draw } = world;
    const leads = draw.whole(8, 16);
    await world.insertLeads(leads);
    const reply = () => draw.pick(["well", "hangs, rung", "hangs, not rung"] as const);
    world.replies.push(Array.from({ length: leads }, reply));
    for (let run = draw.whole(1, 2); run > 0; run -= 1) await world.run();
    world.expectRepliesWereBad();
  },
});

import { leadIdOf } from "../../support/lead_id_of.ts";
import { playedScenario } from "../played_scenario.ts";
import { startEmbedded } from "../start_embedded.ts";

/** Each call's end is reported several times, late and out of order; who does not answer is recalled once. */
export const webhooksDuplicated = playedScenario({
  name: "webhooks_duplicated",
  what: "each call's end is reported two to four times, out of order; no answer is recalled once",
  histories: 8,
  short: 2,
  start: startEmbedded({ callEnded: true }),
  async bring(world) {
    const { draw, project } = world;
    const leads = await world.insertLeads(draw.whole(4, 12));
    for (const lead of leads) lead.reasons = draw.whole(1, 2);
    const copies = draw.whole(2, 4);
    // Calls of 10 ms, reported within 200 ms.
    project.omni.change({
      callDurationMs: 10_000,
      timeFactor: 1_000,
      webhooks: { copies, delayMs: [0, 200_000] },
      outcomes: (ring) => {
        const rung = world.rings().filter((other) => leadIdOf(other) === leadIdOf(ring)).length;
        const { reasons = 1 } = world.leads.get(leadIdOf(ring)) ?? {};
        return rung < reasons ? "no_answer" : "completed";
      },
    });
    await world.run();
    await project.omni.webhooks.settled();
  },
});

import { breakGateway, serverError } from "../../faults/gateway_fault.ts";
import { drawStep } from "../draw_step.ts";
import { playedScenario } from "../played_scenario.ts";
import { startEmbedded } from "../start_embedded.ts";

/** The gateway answers 5xx and has asked nothing, up to three times. */
export const gateway5xxBefore = playedScenario({
  name: "gateway_5xx_before",
  what: "the gateway answers 5xx and has asked nothing, up to three times",
  histories: 12,
  short: 3,
  start: startEmbedded({ env: { DISPATCH_CONCURRENCY: "4" } }),
  async bring(world) {
    const { draw, project } = world;
    await world.insertLeads(draw.whole(4, 16));
    await project.sql`insert into public.leads (phone) values ('rubbish')`;
    const status = draw.pick([500, 502, 503, 504]);
    const broken = breakGateway(project.gateway, {
      functionName: drawStep(draw),
      moment: "before",
      answer: () => serverError(status),
      times: draw.whole(1, 3),
    });
    await world.run();
    broken.heal();
  },
});

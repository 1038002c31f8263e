import { breakGatewayInRun } from "../break_gateway_in_run.ts";
import { playedScenario } from "../played_scenario.ts";
import { startEmbedded } from "../start_embedded.ts";

/** The gateway answers 5xx after the commit, up to three times. */
export const gateway5xxAfter = playedScenario({
  name: "gateway_5xx_after",
  what: "the gateway answers 5xx after the commit, up to three times: the run survives it",
  histories: 13,
  short: 3,
  start: startEmbedded({ env: { DISPATCH_CONCURRENCY: "4" } }),
  bring: (world) => breakGatewayInRun(world, "after"),
});

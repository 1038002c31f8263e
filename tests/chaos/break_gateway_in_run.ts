import { breakGateway, serverError } from "../faults/gateway_fault.ts";
import type { Moment } from "../faults/hold_at.ts";
import type { Killable } from "../faults/kill_at.ts";
import { STORE_FUNCTIONS } from "../faults/store_functions.ts";
import type { ChaosWorld } from "./chaos_world.ts";
import { prepareForStep } from "./prepare_for_step.ts";

/**
 * Lets the gateway answer 5xx at some step of a run, up to three times: the run has to survive it. Histories
 * in a row take one step after the other.
 */
export async function breakGatewayInRun<P extends Killable>(
  world: ChaosWorld<P>,
  moment: Moment["moment"],
): Promise<void> {
  const { draw, project } = world;
  const functionName = draw.inTurn(STORE_FUNCTIONS);
  await prepareForStep(world, functionName, draw.whole(4, 16));
  const status = draw.pick([500, 502, 503, 504]);
  const times = draw.whole(1, 3);
  const answer = () => serverError(status);
  const broken = breakGateway(project.gateway, { functionName, moment, answer, times });
  const summary = await world.run();
  broken.heal();
  if (broken.count === 0) {
    throw new Error(`The scenario has brought no fault: the run never asked ${functionName}`);
  }
  if (summary?.ok !== true) {
    world.complaints.push(
      `The run did not survive ${times} answers ${status} ${moment} ${functionName}: ${
        JSON.stringify(summary)
      }`,
    );
  }
}

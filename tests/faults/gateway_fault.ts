import type { Gateway } from "../../supabase/local/gateway/start_gateway.ts";
import type { Moment } from "./hold_at.ts";

/** What the gateway does in place of answering. */
export interface GatewayFault extends Moment {
  /** Asked anew by each call that meets the fault; nothing returned = the real answer. */
  answer: () => Response | void | Promise<Response | void>;
  /** How many calls meet it; default all. */
  times?: number;
}

/** A fault that is in place. */
export interface BrokenGateway {
  /** How many calls have met it. */
  readonly count: number;
  heal(): void;
}

/** Lets calls of one function meet a fault. */
export function breakGateway(gateway: Gateway, fault: GatewayFault): BrokenGateway {
  const broken = { count: 0, heal: () => void (gateway.intercept = undefined) };
  gateway.intercept = async (call) => {
    if (call.functionName !== fault.functionName || call.moment !== fault.moment) return;
    if (broken.count >= (fault.times ?? Infinity)) return;
    broken.count += 1;
    return await fault.answer() ?? undefined;
  };
  return broken;
}

/** An answer as the platform gives it when something behind it is away. */
export function serverError(status: number): Response {
  return Response.json({ code: "XX000", message: "simulated fault of the gateway" }, { status });
}

import { STORE_FUNCTIONS } from "../faults/store_functions.ts";
import type { Draw } from "./draw.ts";

/** A step of a run, by its function; every other time one of those around a call. */
export function drawStep(draw: Draw): string {
  return draw.flip()
    ? draw.pick(["open_call_attempts", "record_dispatch_results"])
    : draw.pick(STORE_FUNCTIONS);
}

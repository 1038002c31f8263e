import type { CallStatus } from "./call_status.ts";
import type { OutcomeWeights } from "../omni_settings.ts";

/** Draws how a call ends; `completed` when no weight is above 0. */
export function drawOutcome(weights: OutcomeWeights, random: () => number): CallStatus {
  const entries = Object.entries(weights) as [CallStatus, number][];
  let point = random() * entries.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [status, weight] of entries) {
    point -= weight;
    if (point < 0) return status;
  }
  return "completed";
}

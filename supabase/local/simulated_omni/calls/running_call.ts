import type { Ring } from "../ledger/ring.ts";

/** A call that goes on. */
export interface RunningCall {
  readonly callId: number;
  readonly ring: Ring;
  /** Unix ms. */
  readonly startedAtMs: number;
  /** How long the talk lasts if there is one, in simulated ms. */
  readonly durationMs: number;
}

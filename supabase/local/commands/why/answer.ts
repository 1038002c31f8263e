import { PAUSED_REFUSAL } from "../../../functions/call-dispatch/paused_refusal.ts";
import type { Settings } from "./read_settings.ts";

/** Why nobody is called, and until when; `reason` null = nothing speaks against the call. */
export interface Answer {
  reason: string | null;
  /** null = for good, or until somebody changes something. */
  until: Date | null;
}

/** What stands in the way, each null where nothing does. */
export interface Obstacles {
  /** What `call_refusal` says. */
  refusal: Answer | null;
  /** Why the number cannot be dialled. */
  unreadable: string | null;
  /** Not its turn. */
  wait: Answer | null;
}

/** The first of the obstacles, in the order in which the dry run names them. */
export function answer(
  { refusal, unreadable, wait }: Obstacles,
  { paused }: Settings,
): Answer {
  if (refusal && refusal.until === null) return refusal;
  if (unreadable !== null) return { reason: unreadable, until: null };
  return wait ?? refusal ??
    { reason: paused ? PAUSED_REFUSAL : null, until: null };
}

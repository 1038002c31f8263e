import type { CallStatus } from "../calls/call_status.ts";

/** The ends of a call that a webhook fires for when none are listed. */
export const defaultTriggers: readonly CallStatus[] = ["completed", "voicemail_detected"];

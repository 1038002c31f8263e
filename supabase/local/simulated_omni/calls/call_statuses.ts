import type { CallStatus } from "./call_status.ts";

/** All the ways in which a call can end. */
export const callStatuses: readonly CallStatus[] = [
  "completed",
  "voicemail_detected",
  "failed",
  "no_answer",
  "busy",
  "cancelled",
];

import type { CallStatus } from "./call_status.ts";

/** Whether somebody or something picked up: only then is there a duration, a recording, a report. */
export function wasAnswered(status: CallStatus): boolean {
  return status === "completed" || status === "voicemail_detected";
}

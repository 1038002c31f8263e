/** How a call can end, in the spelling of the post-call webhook's filter. */
export type CallStatus =
  | "completed"
  | "voicemail_detected"
  | "failed"
  | "no_answer"
  | "busy"
  | "cancelled";

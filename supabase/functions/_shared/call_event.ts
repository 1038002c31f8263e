/** How a call can end, the better one first: of two calls for one request the first in this list counts. */
export const CALL_OUTCOMES = [
  "completed",
  "voicemail_detected",
  "no_answer",
  "busy",
  "failed",
  "cancelled",
] as const;

export type CallResult = typeof CALL_OUTCOMES[number];

/**
 * What Omni told of a call, by webhook or by a row of its call log: the shape that the SQL function
 * `record_call_result` takes. Null = not told.
 */
export interface CallEvent {
  source: "webhook" | "call_log";
  /** Omni's id of the call, an integer as text: the same in the webhook and in the log. */
  call_id: string | null;
  /** Our attempt: proved by the token in the webhook's address, or found by us in the log. */
  attempt_id: string | null;
  /** Omni's id of the request, an integer as text. */
  request_id: string | null;
  direction: "outbound" | "inbound" | "other" | null;
  to_number: string | null;
  outcome: CallResult | null;
  /** The status as Omni spelled it; shows what an outcome of null hides. */
  reported_status: string | null;
  duration_seconds: number | null;
  recording_url: string | null;
  summary: string | null;
  /** What the agent noted down in the call. */
  extracted_variables: Record<string, unknown> | null;
}

/** The outcome that a status stands for, in any of Omni's spellings; null = none that is known. */
export function readCallStatus(status: string): CallResult | null {
  const word = status.trim().toLowerCase().replaceAll(/[- ]/g, "_");
  return CALL_OUTCOMES.find((outcome) => outcome === word) ?? null;
}

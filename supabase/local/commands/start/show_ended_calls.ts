import type { Terminal } from "../terminal.ts";
import { describeEndedCall } from "./describe_ended_call.ts";
import type { EndedCall } from "./read_ended_calls.ts";

const MOST_LINES = 50;

/** Tells of calls that have ended: a line for each of the first ones, a line of JSON for each. */
export function showEndedCalls(
  calls: EndedCall[],
  terminal: Pick<Terminal, "say" | "result">,
): void {
  for (const call of calls.slice(0, MOST_LINES)) terminal.say(describeEndedCall(call));
  if (calls.length > MOST_LINES) {
    terminal.say(`… and ${calls.length - MOST_LINES} more calls ended`);
  }
  for (const call of calls) terminal.result(toResult(call));
}

function toResult(call: EndedCall): Record<string, unknown> {
  const { lead_id, attempt_id, outcome, duration_seconds, recall_at, callback_text } = call;
  return {
    event: "call_ended",
    ...{ lead_id, attempt_id, outcome, duration_seconds, recall_at, callback_text },
  };
}

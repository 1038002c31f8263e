import { maskNumber } from "../../../functions/call-dispatch/mask_number.ts";
import { printable } from "../printable.ts";
import type { EndedCall } from "./read_ended_calls.ts";
import { timeOfDay } from "./time_of_day.ts";

const LONGEST_NAME = 40;
const LONGEST_WISH = 100;

/** A call that has ended, and what is done next, in one line. */
export function describeEndedCall(call: EndedCall): string {
  const who = [printable(call.name ?? "", LONGEST_NAME), maskNumber(call.to_number)];
  // A look into the call log, or a person, tells only later that a call had ended.
  const ended = call.reported_by === "webhook" ? "Call ended at" : "Call was over by";
  return `${ended} ${timeOfDay(call.ended_at)}: ${who.filter(Boolean).join(" ")}, ` +
    howItEnded(call) + whatFollows(call);
}

function howItEnded({ outcome, reported_by, duration_seconds }: EndedCall): string {
  const word = outcome?.replaceAll("_", " ") ??
    (reported_by === "operator" ? "settled by hand" : "nobody told how");
  return duration_seconds ? `${word}, ${describeDuration(duration_seconds)}` : word;
}

function describeDuration(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return [minutes > 0 ? `${minutes} min` : "", seconds % 60 > 0 ? `${seconds % 60} s` : ""]
    .filter(Boolean).join(" ");
}

function whatFollows(call: EndedCall): string {
  const next = call.recall_local && `${call.recall_local} (${call.zone})`;
  if (call.callback_text === null) {
    if (next) return `; next try ${next}`;
    return call.is_terminal ? "" : "; not tried again";
  }
  const wish = `; asked to be called again: "${printable(call.callback_text, LONGEST_WISH)}", `;
  if (call.callback_status === "not_understood") {
    return `${wish}which a person has to read${next ? `; next try ${next}` : ""}`;
  }
  if (call.callback_status === "to_read") return `${wish}which the next run reads`;
  return wish + (next ? `planned for ${next}` : "but may not be called again");
}

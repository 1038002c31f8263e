import { askLine } from "../ask_line.ts";
import type { Callable } from "./count_callable.ts";

/** What is about to happen. */
export interface LiveQuestion {
  callable: Callable;
  /** Where the calls go. */
  baseUrl: string;
  once: boolean;
}

/** Asks whether real people may be called now; anything but the number or `yes` is a no. */
export async function confirmLive(question: LiveQuestion, stopped: AbortSignal): Promise<boolean> {
  const given = await askLine(text(question), stopped);
  return given === "yes" || given === String(question.callable.count);
}

function text({ callable: { count, atMost }, baseUrl, once }: LiveQuestion): string {
  const people = `${atMost ? "up to " : ""}${count} ${count === 1 ? "person" : "people"}`;
  const later = once
    ? ""
    : " Who falls due or is added later, while this runs, is called without asking again.";
  return `About to call ${people} for real, through ${baseUrl}.${later}\n` +
    `Type ${count} or yes to go on, anything else to call nobody: `;
}

import type { DispatchRun } from "./read_runs.ts";
import { timeOfDay } from "./time_of_day.ts";

const SOURCES: Record<string, string> = {
  manual: "Run by hand",
  pg_cron: "Run by the schedule",
  continuation: "Run right after another",
  new_lead: "Run for a new lead",
  call_ended: "Run after the end of a call",
};

/** A run that has ended, in a sentence or two. */
export function describeRun(run: DispatchRun): string {
  const seconds = ((run.finished_at?.getTime() ?? Date.now()) - run.started_at.getTime()) / 1_000;
  const counts = [
    `${run.accepted} called`,
    `${run.skipped} skipped`,
    `${run.failed} failed`,
    ...(run.postponed > 0 ? [`${run.postponed} postponed`] : []),
    ...(run.not_sent > 0 ? [`${run.not_sent} not sent`] : []),
    ...(run.unknown > 0 ? [`${run.unknown} unknown`] : []),
    ...(run.rescued > 0 ? [`${run.rescued} taken over from a run that died`] : []),
  ];
  const name = SOURCES[run.source] ?? `Run (${run.source})`;
  return `${name} at ${timeOfDay(run.started_at)}, ${seconds.toFixed(1)} s: ${
    counts.join(", ")
  }. ` +
    whyItStopped(run);
}

function whyItStopped({ stop_reason, error }: DispatchRun): string {
  switch (stop_reason) {
    case "drained":
      return "Nothing that is due is left.";
    case "deadline":
      return "Its time was used up; the next run goes on.";
    case "no_capacity":
      return "No line is free; the next run goes on.";
    case "limited":
      return "The most calls are made, or the money is used up: see call_status.";
    case "paused":
      return "Paused: dispatch_settings.paused is true.";
    case "halted":
      return `Halted: ${error}`;
    default:
      return `Broken off: ${error}`;
  }
}

import type { DispatchRun } from "./read_runs.ts";

/** How far a run has come, in one line. */
export function describeProgress(run: DispatchRun): string {
  const counts = [
    [run.seeded, "seeded"],
    [run.accepted, "called"],
    [run.skipped, "skipped"],
    [run.failed, "failed"],
    [run.postponed, "postponed"],
    [run.not_sent, "not sent"],
    [run.unknown, "unknown"],
  ] as const;
  const done = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return `Calling: ${done.join(", ") || "looking for who is due"}`;
}

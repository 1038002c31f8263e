import type { RunSummary } from "../../supabase/functions/call-dispatch/run_dispatch.ts";
import type { Killable } from "../faults/kill_at.ts";
import { eventually } from "../support/eventually.ts";
import type { ChaosWorld } from "./chaos_world.ts";

const MOST_RUNS_WITHOUT_A_RING = 20;
const RUNS_SOON = 8;
const PATIENCE_MS = 30_000;
const PAUSE_MS = 20;

/**
 * With everything well again, lets runs follow each other until everybody is called who can be; then
 * a few more, in which nobody may be rung. Returns the real seconds from the fault's end to the last
 * call that was due.
 */
export async function recover<P extends Killable>(world: ChaosWorld<P>): Promise<number> {
  world.endFault();
  if (!isRunning(world.project)) await world.project.function.restart();
  let idleRuns = 0;
  while (world.uncalled().length > 0 && idleRuns < MOST_RUNS_WITHOUT_A_RING) {
    const rung = world.ringCount;
    // Real time too: lines become free.
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    await world.letTimePass(idleRuns < RUNS_SOON ? undefined : "1 day");
    await world.run();
    idleRuns = world.ringCount > rung ? 0 : idleRuns + 1;
  }
  const lastRing = world.rings().at(-1);
  const calledAt = lastRing ? Date.parse(lastRing.placedAt) : 0;
  await tidyUp(world);
  return Math.max(0, calledAt - world.faultEndedAt) / 1000;
}

/** What died is rescued, calls are over, and a run that has nothing to do ends well. */
async function tidyUp<P extends Killable>(world: ChaosWorld<P>): Promise<void> {
  let last: RunSummary | null = null;
  for (const span of ["20 minutes", "1 day"]) {
    await world.letTimePass(span);
    last = await world.run();
  }
  if (last?.ok !== true) {
    world.complaints.push(`A run fails with all well again: ${JSON.stringify(last)}`);
  }
  await eventually("runs in the background are over", async () => {
    const [open] = await world.project.sql`
      select from public.dispatch_runs where finished_at is null limit 1`;
    return open === undefined || undefined;
  }, PATIENCE_MS);
  await world.witness.quiet();
}

function isRunning(project: Killable): boolean {
  try {
    return project.function.pid > 0;
  } catch {
    return false;
  }
}

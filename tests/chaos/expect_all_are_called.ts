import type { Killable } from "../faults/kill_at.ts";
import type { ChaosWorld } from "./chaos_world.ts";

const PATIENCE_MS = 20_000;

/**
 * Runs until all are called but those in `except`, and complains of the others when they are not, though
 * nothing keeps them from it. Once they are, the fault counts as over: nobody has to recover.
 */
export async function expectAllAreCalled<P extends Killable>(
  world: ChaosWorld<P>,
  meanwhile: string,
  except: ReadonlySet<string> = new Set(),
): Promise<void> {
  const waiting = () => world.uncalled().filter(({ id }) => !except.has(id)).length;
  const deadline = Date.now() + PATIENCE_MS;
  // A run that waits for what it should pass over is not waited for.
  while (waiting() > 0 && Date.now() < deadline) {
    await Promise.race([world.run(), sleep(deadline - Date.now())]);
    await sleep(20);
  }
  if (waiting() > 0) {
    world.complaints.push(`${waiting()} leads were not called in ${PATIENCE_MS} ms ${meanwhile}`);
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}

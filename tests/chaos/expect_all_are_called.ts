import { setTimeout } from "node:timers/promises";
import type { Killable } from "../faults/kill_at.ts";
import type { ChaosWorld } from "./chaos_world.ts";

// Without a single ring; how long all of them take is the machine's affair.
const PATIENCE_MS = 30_000;

/**
 * Runs until all are called but those in `except`, and complains of the others when nobody is rung any
 * more, though nothing keeps them from it. Once they are, the fault counts as over: nobody has to recover.
 */
export async function expectAllAreCalled<P extends Killable>(
  world: ChaosWorld<P>,
  meanwhile: string,
  except: ReadonlySet<string> = new Set(),
): Promise<void> {
  const waiting = () => world.uncalled().filter(({ id }) => !except.has(id)).length;
  const isStuck = stuckAfter(PATIENCE_MS, () => world.ringCount);
  // A run that waits for what it should pass over is not waited for.
  let run: Promise<unknown> | null = null;
  while (waiting() > 0 && !isStuck()) {
    run ??= world.run().then(() => run = null);
    await Promise.race([run, setTimeout(200)]);
    await setTimeout(20);
  }
  if (waiting() > 0) {
    world.complaints.push(
      `${waiting()} leads were not called ${meanwhile}: nobody was rung for ${PATIENCE_MS} ms`,
    );
  }
}

/** Tells whether the count has been the same for that long, in ms, whenever it was asked. */
function stuckAfter(patienceMs: number, count: () => number): () => boolean {
  let seen = count();
  let since = Date.now();
  return () => {
    if (count() !== seen) [seen, since] = [count(), Date.now()];
    return Date.now() - since > patienceMs;
  };
}

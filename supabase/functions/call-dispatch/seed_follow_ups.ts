import type { Store } from "./store.ts";
import { retryWhilePassing } from "../_shared/retry_while_passing.ts";

/** What phase 1 works with. */
export interface SeedOptions {
  store: Pick<Store, "seedFollowUps">;
  runId: string;
  /** No further batch is begun once this is aborted. */
  timeIsUp: AbortSignal;
}

const BATCH_SIZE = 500;

/**
 * Phase 1: makes a follow-up for each lead that was never called, batch by batch, until none is left. A batch
 * that stopped for time counts as full, however few it made, and is followed by the next; after one that is
 * not full, each lead that nobody else holds has been looked at.
 */
export async function seedFollowUps({ store, runId, timeIsUp }: SeedOptions): Promise<void> {
  let seeded = BATCH_SIZE;
  while (seeded === BATCH_SIZE && !timeIsUp.aborted) {
    // A batch whose answer was lost on the way is made and counted; asking again makes the next.
    seeded = await retryWhilePassing(() => store.seedFollowUps(BATCH_SIZE, runId), {
      forMs: 5_000,
    });
  }
}

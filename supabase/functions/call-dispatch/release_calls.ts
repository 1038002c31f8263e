import { retryWhilePassing } from "../_shared/retry_while_passing.ts";
import type { Store } from "./store.ts";

/**
 * Gives claimed follow-ups back. A lease that cannot be given back is not lost: it ends by itself.
 *
 * @throws {StoreError} when the database could not be asked for 5 s.
 */
export async function releaseCalls(
  calls: { leaseToken: string }[],
  store: Pick<Store, "releaseFollowUps">,
): Promise<void> {
  const tokens = calls.map(({ leaseToken }) => leaseToken);
  await retryWhilePassing(() => store.releaseFollowUps(tokens), { forMs: 5_000 });
}

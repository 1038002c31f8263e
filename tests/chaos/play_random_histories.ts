import fc from "fast-check";
import type { HistoryVerdict } from "./history_verdict.ts";
import type { HistoriesRequest } from "./scenario.ts";

// After a failure: as many shorter histories as there is time for.
const SHRINKING_MS = 60_000;
const LONGEST_HISTORY_MS = 10_000;

/**
 * Draws as many histories as were asked for, and reports what `play` makes of each; the first that is
 * complained of is made as short as it can be, and reported in its shortest form, as the last.
 *
 * @throws {Error} when fewer were played and none was complained of, or when `play` itself throws.
 */
export async function playRandomHistories<Drawn>(
  histories: fc.Arbitrary<Drawn>,
  request: HistoriesRequest,
  play: (drawn: Drawn) => Promise<HistoryVerdict>,
): Promise<void> {
  const asked = request.path === null ? request.histories : 1;
  let smallest: HistoryVerdict | null = null;
  let failure: unknown = null;
  let played = 0;
  const property = fc.asyncProperty(histories, async (drawn) => {
    const isShrinking = smallest !== null || failure !== null;
    const verdict = await play(drawn).catch((error) => {
      failure ??= error;
      throw error;
    });
    if (verdict.complaints.length > 0) {
      smallest = verdict;
      throw new Error(verdict.complaints.join("; "));
    }
    // With a path, what lies beside it is played too when it finds nothing.
    if (isShrinking || played === asked) return;
    played += 1;
    request.onVerdict(verdict);
  });
  const details = await fc.check(property, {
    seed: request.seed,
    numRuns: asked,
    path: request.path ?? "",
    // Whether a planted bug is found is all that is asked of it.
    endOnFailure: request.plant !== null,
    interruptAfterTimeLimit: asked * LONGEST_HISTORY_MS + SHRINKING_MS,
  });
  if (failure !== null) throw failure;
  if (smallest !== null) {
    request.onVerdict(withWayBack(smallest, details));
    return;
  }
  if (details.failed) throw details.errorInstance ?? new Error("The random histories failed");
  if (played < asked) throw new Error(`Only ${played} of ${asked} random histories were played`);
}

function withWayBack<Drawn>(
  verdict: HistoryVerdict,
  { counterexamplePath, counterexample }: fc.RunDetails<[Drawn]>,
): HistoryVerdict {
  const wayBack = `It comes back with --path ${counterexamplePath}: ${
    JSON.stringify(counterexample?.[0])
  }`;
  return { ...verdict, complaints: [...verdict.complaints, wayBack] };
}

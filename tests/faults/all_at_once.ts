/** One thing that goes wrong, with everything that it needs of its own. */
export interface FaultCase {
  name: string;
  run: () => Promise<void>;
}

/**
 * Runs the cases as steps of a test, many at the same time: most of them wait for a run that goes on
 * asking for as long as it may. The longest should stand first.
 */
export async function allAtOnce(
  test: Deno.TestContext,
  cases: readonly FaultCase[],
  { atMost = 20 }: { atMost?: number } = {},
): Promise<void> {
  const waiting = [...cases];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await asStep(test, next);
    }
  };
  await Promise.all(Array.from({ length: atMost }, work));
}

function asStep(test: Deno.TestContext, { name, run }: FaultCase): Promise<boolean> {
  // What the steps beside it have open is not its own.
  const sanitizers = { sanitizeOps: false, sanitizeResources: false, sanitizeExit: false };
  return test.step({ name, fn: run, ...sanitizers });
}

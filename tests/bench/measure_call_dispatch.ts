import type { SimulatedOmni } from "../../supabase/local/simulated_omni/simulated_omni.ts";
import type { Stack } from "../../supabase/local/stack.ts";
import { postRun } from "./post_run.ts";
import { fillQueue } from "./fill_queue.ts";
import { type BenchLoad, type BenchResult, toBenchResult } from "./bench_result.ts";

/** One run over the whole real path: HTTP, handler, supabase-js, gateway, Postgres, provider. */
export async function measureCallDispatch(
  load: BenchLoad,
  stack: Stack,
  omni: SimulatedOmni,
): Promise<BenchResult> {
  await fillQueue(stack, { calls: load.calls, settings: { start_at_once: false } });
  const before = omni.ledger.count;
  const running = stack.function("call-dispatch");
  const cpuBefore = await running.cpuMilliseconds();
  const startedAt = performance.now();
  const summary = await postRun(stack);
  const wallMs = performance.now() - startedAt;
  const cpuMs = await running.cpuMilliseconds() - cpuBefore;
  const rings = omni.ledger.count - before;
  if (summary.accepted !== load.calls || rings !== load.calls) {
    throw new Error(`Cannot measure: ${rings} rings, ${JSON.stringify(summary)}`);
  }
  return toBenchResult("call-dispatch", load, { wallMs, cpuMs });
}

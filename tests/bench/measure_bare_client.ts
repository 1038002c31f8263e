import type { SimulatedOmni } from "../../supabase/local/simulated_omni/simulated_omni.ts";
import { type BenchLoad, type BenchResult, toBenchResult } from "./bench_result.ts";
import { bareClientPeer } from "./peers/bare_client_peer.ts";
import { callTask } from "./peers/call_task.ts";

const FIRST_NUMBER = 14162000000;

/** The same calls with no database: what they take by themselves. */
export async function measureBareClient(
  load: BenchLoad,
  omni: SimulatedOmni,
): Promise<BenchResult> {
  const { calls: count, concurrency } = load;
  await using client = bareClientPeer();
  await client.fill({ firstNumber: FIRST_NUMBER, count }, "now");
  const startedAt = performance.now();
  await client.workOff(count, { concurrency, task: callTask(omni) });
  return toBenchResult("bare client", load, { wallMs: performance.now() - startedAt, cpuMs: null });
}

import type { SimulatedOmni } from "../../supabase/local/simulated_omni/simulated_omni.ts";
import { createOmniClient } from "../../supabase/functions/call-dispatch/omni_client.ts";
import { type BenchLoad, type BenchResult, toBenchResult } from "./bench_result.ts";

/** The same requests with no database and no judgement: what this machine can do at most. */
export async function measureBareClient(
  load: BenchLoad,
  omni: SimulatedOmni,
): Promise<BenchResult> {
  const client = createOmniClient({ baseUrl: omni.url, apiKey: omni.apiKey, timeoutMs: 15_000 });
  let next = 0;
  const worker = async () => {
    while (next < load.calls) {
      next += 1;
      const reply = await client.placeCall({
        agent_id: omni.agentId,
        from_number_id: omni.fromNumberId,
        to_number: `+1416${2_000_000 + next}`,
        call_context: { name: "", lead_id: "", follow_up_id: "", message: "" },
        metadata: { attempt_id: crypto.randomUUID() },
      });
      if (reply.kind !== "reply" || reply.httpStatus !== 200) {
        throw new Error(
          `Cannot measure: the provider did not accept a call: ${JSON.stringify(reply)}`,
        );
      }
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: load.concurrency }, worker));
  return toBenchResult("bare client", load, { wallMs: performance.now() - startedAt, cpuMs: null });
}

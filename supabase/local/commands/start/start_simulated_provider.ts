import { startSimulatedOmni } from "../../simulated_omni/start_simulated_omni.ts";
import type { StartedProvider } from "./started_provider.ts";

// About what a near server takes: a run is seen to go on.
const LATENCY_MS = [20, 80] as const;

/** Starts the simulated Omni, with a ledger that goes on where an earlier start left it. */
export async function startSimulatedProvider(ledgerFile: string): Promise<StartedProvider> {
  const omni = await startSimulatedOmni({ ledgerFile, latencyMs: LATENCY_MS });
  return {
    env: {
      OMNI_BASE_URL: omni.url,
      OMNI_API_KEY: omni.apiKey,
      OMNI_AGENT_ID: String(omni.agentId),
      OMNI_FROM_NUMBER_ID: String(omni.fromNumberId),
    },
    description: `A simulated Omni at ${omni.url}, which rings nobody; its rings: ${ledgerFile}`,
    ringsOf: (attemptIds) =>
      omni.ledger.rings().filter(({ body }) => attemptIds.has(attemptIdOf(body))).length,
    [Symbol.asyncDispose]: () => omni.stop(),
  };
}

function attemptIdOf({ metadata }: Readonly<Record<string, unknown>>): string {
  const id = (metadata as { attempt_id?: unknown } | undefined)?.attempt_id;
  return typeof id === "string" ? id : "";
}

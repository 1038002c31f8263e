import { startSimulatedOmni } from "../../simulated_omni/start_simulated_omni.ts";
import type { StartedProvider } from "./started_provider.ts";
import { talkWithWishes } from "./talk_with_wishes.ts";

// A run is seen to go on, and calls are seen to end: after 2 to 18 seconds.
const PACE = {
  latencyMs: [20, 80],
  callDurationMs: [30_000, 180_000],
  unansweredMs: [20_000, 40_000],
  timeFactor: 10,
} as const;

/** Starts the simulated Omni, with a ledger that goes on where an earlier start left it. */
export async function startSimulatedProvider(ledgerFile: string): Promise<StartedProvider> {
  const omni = await startSimulatedOmni({ ledgerFile, ...PACE, talk: talkWithWishes() });
  return {
    env: {
      OMNI_BASE_URL: omni.url,
      OMNI_API_KEY: omni.apiKey,
      OMNI_AGENT_ID: String(omni.agentId),
      OMNI_FROM_NUMBER_ID: String(omni.fromNumberId),
    },
    description:
      `A simulated Omni at ${omni.url}, which rings nobody; calls last a tenth of their ` +
      `time; its rings: ${ledgerFile}`,
    ringsOf: (attemptIds) =>
      omni.ledger.rings().filter(({ body }) => attemptIds.has(attemptIdOf(body))).length,
    [Symbol.asyncDispose]: () => omni.stop(),
  };
}

function attemptIdOf({ metadata }: Readonly<Record<string, unknown>>): string {
  const id = (metadata as { attempt_id?: unknown } | undefined)?.attempt_id;
  return typeof id === "string" ? id : "";
}

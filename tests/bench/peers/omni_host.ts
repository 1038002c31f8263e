/**
 * The simulated provider in a process of its own, so that what it costs is no system's. Arguments: the
 * file of its ledger, and its latency in ms. Writes where it is as one line and ends with its input.
 */
import { startSimulatedOmni } from "../../../supabase/local/simulated_omni/start_simulated_omni.ts";
import type { OmniPlace } from "./omni_place.ts";

const [ledgerFile, latencyMs] = Deno.args;
await using omni = await startSimulatedOmni({
  ledgerFile,
  latencyMs: Number(latencyMs),
  // None ends, and is reported, while something is measured.
  callDurationMs: 3_600_000,
  requestsKept: 0,
});
const { url, apiKey, agentId, fromNumberId } = omni;
console.log(JSON.stringify({ url, apiKey, agentId, fromNumberId } satisfies OmniPlace));
for await (const _ of Deno.stdin.readable);

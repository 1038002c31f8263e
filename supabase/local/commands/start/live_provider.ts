import { readConfig } from "../../../functions/call-dispatch/config.ts";
import { functionFaults } from "../function_faults.ts";
import { PLATFORM_VARIABLES } from "../platform_variables.ts";
import { UsageError } from "../usage_error.ts";
import type { StartedProvider } from "./started_provider.ts";

const NEEDED = ["OMNI_BASE_URL", "OMNI_API_KEY", "OMNI_AGENT_ID", "OMNI_FROM_NUMBER_ID"];
const OF_REPORTS = ["CALL_ENDED_URL", "CALL_ENDED_SECRET", "CALL_ENDED_AGENT_SECRET"];

/**
 * The real account that the environment names.
 *
 * @throws {UsageError} that lists every variable that is missing or cannot be used.
 */
export function liveProvider(environment: Record<string, string>): StartedProvider {
  const given = Object.entries(environment)
    .filter(([name]) => [...NEEDED, ...OF_REPORTS].includes(name));
  // Omni cannot reach this machine, unless somebody has made it so.
  const env = { CALL_ENDED_URL: "off", ...Object.fromEntries(given) };
  const baseUrl = checkedBaseUrl(env);
  return {
    env,
    description: `The account at ${baseUrl}: the calls are real\n${reports(env.CALL_ENDED_URL)}`,
    ringsOf: () => null,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function reports(url: string): string {
  return url === "off"
    ? "The ends of calls are looked up in Omni's call log after 15 minutes, because Omni cannot " +
      "reach this machine"
    : `Omni reports the ends of calls to ${url}`;
}

function checkedBaseUrl(env: Record<string, string>): string {
  const faults = functionFaults(env);
  if (faults.length === 0) return readConfig({ ...PLATFORM_VARIABLES, ...env }).omniBaseUrl;
  throw new UsageError(
    `Cannot call for real: ${faults.join("; ")}. Set them in the environment or in .env`,
  );
}

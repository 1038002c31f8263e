import { BadConfiguration } from "../../../functions/_shared/environment.ts";
import { readConfig } from "../../../functions/call-dispatch/config.ts";
import { UsageError } from "../usage_error.ts";
import type { StartedProvider } from "./started_provider.ts";

const NEEDED = ["OMNI_BASE_URL", "OMNI_API_KEY", "OMNI_AGENT_ID", "OMNI_FROM_NUMBER_ID"];

/**
 * The real account that the environment names.
 *
 * @throws {UsageError} that lists every variable that is missing or cannot be used.
 */
export function liveProvider(environment: Record<string, string>): StartedProvider {
  const env = Object.fromEntries(
    Object.entries(environment).filter(([name]) => NEEDED.includes(name)),
  );
  const baseUrl = checkedBaseUrl(env);
  return {
    env,
    description: `The account at ${baseUrl}: the calls are real`,
    ringsOf: () => null,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function checkedBaseUrl(env: Record<string, string>): string {
  // The function's own check, with a project in place of the one that is not there yet.
  const project = { SUPABASE_URL: "http://127.0.0.1", SUPABASE_SERVICE_ROLE_KEY: "none-yet" };
  try {
    return readConfig({ ...env, ...project }).omniBaseUrl;
  } catch (error) {
    if (!(error instanceof BadConfiguration)) throw error;
    throw new UsageError(
      `Cannot call for real: ${error.faults.join("; ")}. Set them in the environment or in .env`,
    );
  }
}

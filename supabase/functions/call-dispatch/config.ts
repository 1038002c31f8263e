import {
  type CallEndedHook,
  callEndedHook,
  callEndedVariables,
} from "../_shared/call_ended_hook.ts";
import {
  headerSafe,
  type ProjectAccess,
  readEnvironment,
  webAddress,
  wholeNumber,
} from "../_shared/environment.ts";
import { LONGEST_TIME_BUDGET_MS } from "./longest_time_budget_ms.ts";

/** What the function is told by its environment, checked once per request. */
export interface Config extends ProjectAccess {
  /** Where Omni's API is, without a trailing slash. */
  omniBaseUrl: string;
  omniApiKey: string;
  /** Omni's id of the voice agent that talks. */
  omniAgentId: number;
  /** Omni's id of the number that rings; an id, not a phone number. */
  omniFromNumberId: number;
  /** How long one request to Omni may take, in ms. */
  omniTimeoutMs: number;
  /** Most requests to Omni at once, by one run. */
  concurrency: number;
  /** How long a run claims and sends before it stops, in ms. */
  timeBudgetMs: number;
  /** Where and how Omni reports the end of a call; null = it is not asked to. */
  callEndedHook: CallEndedHook | null;
}

const id = wholeNumber(1, Number.MAX_SAFE_INTEGER);

const variables = {
  OMNI_BASE_URL: webAddress,
  OMNI_API_KEY: headerSafe,
  OMNI_AGENT_ID: id,
  OMNI_FROM_NUMBER_ID: id,
  OMNI_TIMEOUT_MS: wholeNumber(100, 60_000).default(15_000),
  DISPATCH_CONCURRENCY: wholeNumber(1, 100).default(10),
  DISPATCH_TIME_BUDGET_MS: wholeNumber(1_000, LONGEST_TIME_BUDGET_MS).default(60_000),
  ...callEndedVariables,
};

/**
 * Reads the environment, in which an empty value counts as missing.
 *
 * @throws {BadConfiguration} that lists every fault at once.
 */
export function readConfig(env: Record<string, string>): Config {
  const { variables: given, access } = readEnvironment(env, variables);
  return {
    ...access,
    omniBaseUrl: given.OMNI_BASE_URL,
    omniApiKey: given.OMNI_API_KEY,
    omniAgentId: given.OMNI_AGENT_ID,
    omniFromNumberId: given.OMNI_FROM_NUMBER_ID,
    omniTimeoutMs: given.OMNI_TIMEOUT_MS,
    concurrency: given.DISPATCH_CONCURRENCY,
    timeBudgetMs: given.DISPATCH_TIME_BUDGET_MS,
    callEndedHook: callEndedHook(given, access.supabaseUrl),
  };
}

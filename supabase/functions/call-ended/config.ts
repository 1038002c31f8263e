import { callEndedVariables } from "../_shared/call_ended_hook.ts";
import { type ProjectAccess, readEnvironment } from "../_shared/environment.ts";
import { secretsIn } from "../_shared/secrets.ts";

/** What the function is told by its environment, checked once per request. */
export type Config = ProjectAccess;

/**
 * Reads the environment, in which an empty value counts as missing. The secrets are checked, but not
 * handed on: they are of use only before the configuration is.
 *
 * @throws {BadConfiguration} that lists every fault at once.
 */
export function readConfig(env: Record<string, string>): Config {
  const { CALL_ENDED_SECRET } = callEndedVariables;
  return readEnvironment(env, {
    CALL_ENDED_SECRET,
    CALL_ENDED_AGENT_SECRET: agentSecret(env.CALL_ENDED_SECRET),
  }).access;
}

// The agent's secret lies in the provider's settings and in every address that they make of it.
// Whoever reads it there must not be able to sign for a call.
function agentSecret(signing: string | undefined) {
  const signingSecrets = secretsIn(signing);
  return callEndedVariables.CALL_ENDED_SECRET.refine(
    (text) => !secretsIn(text).some((secret) => signingSecrets.includes(secret)),
    "must be another secret than CALL_ENDED_SECRET",
  );
}

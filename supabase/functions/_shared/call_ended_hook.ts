import { createHmac } from "node:crypto";
import { z } from "zod";
import { webAddress } from "./environment.ts";
import { anyMatches, secretsIn } from "./secrets.ts";

/** Where Omni reports the end of a call, and what signs the report's address. */
export interface CallEndedHook {
  /** Address of the function `call-ended`, without a query. */
  url: string;
  /** Signs the attempt's id in the address. */
  secret: string;
}

const SHORTEST_SECRET = 32;
const secretList = z.string().refine(
  (text) => {
    const secrets = secretsIn(text);
    return secrets.length > 0 && secrets.every((secret) => secret.length >= SHORTEST_SECRET);
  },
  `must have at least ${SHORTEST_SECRET} characters, for example from: openssl rand -hex 32`,
);

/** The variables that both functions read of it. */
export const callEndedVariables = {
  /** Signs the address for each call; `new,old` while one replaces the other. */
  CALL_ENDED_SECRET: secretList.optional(),
  /** Default: this project's own function; `off` = calls are not asked to report. */
  CALL_ENDED_URL: z.union([z.literal("off"), webAddress], {
    error: "must be off, or a web address that begins with https:// and ends before any ? or #",
  }).optional(),
};

/** What the environment says of it; null when it is switched off or has no secret to sign with. */
export function callEndedHook(
  given: { CALL_ENDED_SECRET?: string | undefined; CALL_ENDED_URL?: string | undefined },
  supabaseUrl: string,
): CallEndedHook | null {
  const [secret] = secretsIn(given.CALL_ENDED_SECRET);
  if (secret === undefined || given.CALL_ENDED_URL === "off") return null;
  return { url: given.CALL_ENDED_URL ?? `${supabaseUrl}/functions/v1/call-ended`, secret };
}

/** The address to which the end of this one call is reported: nobody can make it for another. */
export function reportAddress(attemptId: string, hook: CallEndedHook): string {
  return `${hook.url}?attempt=${attemptId}&token=${callToken(attemptId, hook.secret)}`;
}

/** Whether `token` was made for this attempt with one of the secrets; constant time. */
export function isCallToken(attemptId: string, token: string, secrets: string[]): boolean {
  return anyMatches([token], secrets.map((secret) => callToken(attemptId, secret)));
}

// The label keeps the signature from being of use for anything else that the secret may sign.
function callToken(attemptId: string, secret: string): string {
  return createHmac("sha256", secret).update(`call-ended:${attemptId}`).digest("hex");
}

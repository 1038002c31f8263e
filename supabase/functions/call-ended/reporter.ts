import { z } from "zod";
import { isCallToken } from "../_shared/call_ended_hook.ts";
import { anyMatches, secretsIn } from "../_shared/secrets.ts";

/** Who reports: somebody who was given the address of one call, or the agent's own webhook. */
export type Reporter =
  | { kind: "call"; attemptId: string }
  | { kind: "agent" };

const uuid = z.guid();

/**
 * Who reports the end of a call, or null when it may not. The address that `CALL_ENDED_SECRET` signed
 * opens for its own attempt; `CALL_ENDED_AGENT_SECRET` (query `secret`, `Authorization: Bearer` or
 * `x-call-ended-secret`) for any. Of either there may be two, separated by a comma, while one
 * replaces the other. With neither in the environment nobody may: the function is never open.
 */
export function identifyReporter(
  { url, headers }: Pick<Request, "url" | "headers">,
  env: Record<string, string>,
): Reporter | null {
  const query = new URL(url).searchParams;
  const attemptId = query.get("attempt") ?? "";
  const token = query.get("token") ?? "";
  const offered = [query.get("secret"), bearerToken(headers), headers.get("x-call-ended-secret")];
  // Both doors are tried each time: how long it takes does not tell which one is there.
  const isOfCall = isCallToken(attemptId, token, secretsIn(env.CALL_ENDED_SECRET));
  const isAgent = anyMatches(offered, secretsIn(env.CALL_ENDED_AGENT_SECRET));
  if (isOfCall && uuid.safeParse(attemptId).success) return { kind: "call", attemptId };
  return isAgent ? { kind: "agent" } : null;
}

function bearerToken(headers: Headers): string | null {
  return /^Bearer +(.+)$/i.exec(headers.get("authorization") ?? "")?.[1] ?? null;
}

import { createHash, timingSafeEqual } from "node:crypto";
import { projectKeys } from "./config.ts";

/**
 * Whether the caller may start a run. With `CRON_JOB_SECRET` set (two, separated by a comma, while
 * one replaces the other) the request needs it, in `Authorization: Bearer` or `x-cron-secret`;
 * without it, the request needs one of the project's own secret keys, there or in `apikey`. With
 * neither in the environment nobody may: the function is never open.
 */
export function mayDispatch(headers: Headers, env: Record<string, string>): boolean {
  const cronSecrets = (env.CRON_JOB_SECRET ?? "").split(",").map((part) => part.trim())
    .filter((part) => part !== "");
  const offered = [bearerToken(headers), headers.get("x-cron-secret")];
  if (cronSecrets.length > 0) return anyMatches(offered, cronSecrets);
  return anyMatches([...offered, headers.get("apikey")], projectKeys(env));
}

function bearerToken(headers: Headers): string | null {
  return /^Bearer +(.+)$/i.exec(headers.get("authorization") ?? "")?.[1] ?? null;
}

// Digests are compared, each with each and without an early exit: neither the length nor a common
// beginning of a wrong secret can be measured.
function anyMatches(offered: (string | null)[], valid: string[]): boolean {
  let matches = false;
  for (const candidate of offered) {
    for (const secret of valid) {
      const same = timingSafeEqual(digest(candidate ?? ""), digest(secret));
      matches = (same && candidate !== null) || matches;
    }
  }
  return matches;
}

function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}

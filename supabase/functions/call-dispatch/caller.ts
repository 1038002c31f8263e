import { projectKeys } from "../_shared/environment.ts";
import { anyMatches, secretsIn } from "../_shared/secrets.ts";

/**
 * Whether the caller may start a run. With `CRON_JOB_SECRET` set (two, separated by a comma, while
 * one replaces the other) the request needs it, in `Authorization: Bearer` or `x-cron-secret`;
 * without it, the request needs one of the project's own secret keys, there or in `apikey`. With
 * neither in the environment nobody may: the function is never open.
 */
export function mayDispatch(headers: Headers, env: Record<string, string>): boolean {
  const cronSecrets = secretsIn(env.CRON_JOB_SECRET);
  const offered = [bearerToken(headers), headers.get("x-cron-secret")];
  if (cronSecrets.length > 0) return anyMatches(offered, cronSecrets);
  return anyMatches([...offered, headers.get("apikey")], projectKeys(env));
}

function bearerToken(headers: Headers): string | null {
  return /^Bearer +(.+)$/i.exec(headers.get("authorization") ?? "")?.[1] ?? null;
}

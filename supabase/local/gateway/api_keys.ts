import { RpcError } from "./rpc_error.ts";

/** The database roles that a key can stand for. */
export type ApiRole = "anon" | "service_role";

/** The two keys of a Supabase project. */
export interface ApiKeys {
  /** `sb_secret_…`: full access, for servers only. */
  secretKey: string;
  /** `sb_publishable_…`: may be known to everyone. */
  publishableKey: string;
}

/** The role a request runs as, by its `apikey` or bearer key; throws 401 when it has no valid one. */
export function roleOfRequest(headers: Headers, keys: ApiKeys): ApiRole {
  const bearer = /^Bearer\s+(.+)$/i.exec(headers.get("authorization") ?? "")?.[1];
  const apiKey = headers.get("apikey") ?? undefined;
  if (!bearer && !apiKey) throw unauthorized("No API key found in request");
  // supabase-js sends the same key twice; where they differ, the bearer decides, as on the platform.
  for (const key of [apiKey, bearer]) {
    if (key !== undefined && roleOfKey(key, keys) === null) throw unauthorized("Invalid API key");
  }
  return roleOfKey(bearer ?? apiKey ?? "", keys) ?? "anon";
}

function roleOfKey(key: string, keys: ApiKeys): ApiRole | null {
  if (key === keys.secretKey) return "service_role";
  return key === keys.publishableKey ? "anon" : null;
}

function unauthorized(message: string): RpcError {
  return new RpcError(401, {
    code: null,
    message,
    details: null,
    hint: "Send the project's `sb_secret_…` or `sb_publishable_…` key in the `apikey` header",
  });
}

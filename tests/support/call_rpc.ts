import type { Gateway } from "../../supabase/local/gateway/start_gateway.ts";

/** What a call over HTTP came to. */
export interface RpcReply {
  status: number;
  /** The body as it came, so that digits of big numbers can be compared. */
  text: string;
  json: unknown;
}

/** Calls a database function through the gateway, with the secret key unless other headers are given. */
export async function callRpc(
  gateway: Gateway,
  name: string,
  args: Record<string, unknown> | string = {},
  headers: Record<string, string> = { apikey: gateway.secretKey },
): Promise<RpcReply> {
  const response = await fetch(`${gateway.url}/rest/v1/rpc/${name}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof args === "string" ? args : JSON.stringify(args),
  });
  const text = await response.text();
  return { status: response.status, text, json: text === "" ? undefined : JSON.parse(text) };
}

import { type ApiKeys, type ApiRole, roleOfRequest } from "./api_keys.ts";
import type { Intercept } from "./intercept.ts";
import type { Observe } from "./observe.ts";
import type { RpcCaller, RpcResult } from "./rpc_caller.ts";
import { RpcError } from "./rpc_error.ts";
import { toRpcError } from "./to_rpc_error.ts";

const ONE_OBJECT = "application/vnd.pgrst.object+json";

/** What `handleRpc` works with. */
export interface RpcContext {
  caller: RpcCaller;
  keys: ApiKeys;
  intercept: () => Intercept | undefined;
  observe: () => Observe | undefined;
}

/** Answers `POST /rest/v1/rpc/<name>` as PostgREST would. */
export async function handleRpc(
  request: Request,
  name: string,
  { caller, keys, intercept, observe }: RpcContext,
): Promise<Response> {
  let role: ApiRole = "anon";
  try {
    role = roleOfRequest(request.headers, keys);
    refuseUnsupported(request);
    const body = await request.text();
    const instead = await intercept()?.({ moment: "before", functionName: name, role, body });
    if (instead) return instead;
    const result = caller.call(name, role, body);
    observe()?.({ functionName: name, body, result });
    const response = toResponse(await result, request);
    return await intercept()?.({ moment: "after", functionName: name, role, body }) ?? response;
  } catch (error) {
    return toRpcError(error, role !== "anon").toResponse();
  }
}

function refuseUnsupported(request: Request): void {
  const query = new URL(request.url).searchParams;
  query.delete("columns");
  const [parameter] = query.keys();
  if (request.method === "POST" && parameter === undefined) return;
  const what = request.method !== "POST" ? `method ${request.method}` : `parameter "${parameter}"`;
  throw new RpcError(request.method === "POST" ? 400 : 405, {
    code: "PGRST101",
    message: `The local gateway does not support the ${what} on a function`,
    details: null,
    hint: "Call the function with POST and all its arguments in the body",
  });
}

function toResponse(result: RpcResult, request: Request): Response {
  if (result.json === null) return new Response(null, { status: 204 });
  const wantsOne = request.headers.get("accept")?.includes(ONE_OBJECT) ?? false;
  const json = wantsOne && result.returnsSet ? onlyRow(result.json) : result.json;
  return new Response(json, {
    headers: { "content-type": `${wantsOne ? ONE_OBJECT : "application/json"}; charset=utf-8` },
  });
}

function onlyRow(json: string): string {
  const rows: unknown[] = JSON.parse(json);
  if (rows.length === 1) return JSON.stringify(rows[0]);
  throw new RpcError(406, {
    code: "PGRST116",
    message: "Cannot coerce the result to a single JSON object",
    details: `The result contains ${rows.length} rows`,
    hint: null,
  });
}

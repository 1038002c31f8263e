import type { ApiKeys } from "./api_keys.ts";
import { handleRpc } from "./handle_rpc.ts";
import type { Intercept } from "./intercept.ts";
import type { Observe } from "./observe.ts";
import { proxyToFunction } from "./proxy_to_function.ts";
import { RpcCaller } from "./rpc_caller.ts";
import { UnderWay } from "./under_way.ts";

const STOP_TIMEOUT_MS = 2_000;
const RPC_PATH = /^\/rest\/v1\/rpc\/([^/]+)\/?$/;
const FUNCTION_PATH = /^\/functions\/v1\/([^/]+)/;

/** Where the gateway finds what it serves. */
export interface StartGatewayOptions extends ApiKeys {
  /** The database as the role `authenticator`. */
  authenticatorUrl: string;
  /** Base URL of the host that runs the Edge Function of this name; undefined when there is none. */
  functionUrl?: (name: string) => string | undefined;
  /** Default: any free port. */
  port?: number;
  /** Fault injection; may be changed while the gateway runs. */
  intercept?: Intercept;
}

/** A running gateway: the part of a Supabase project's API that this project uses. */
export interface Gateway extends ApiKeys {
  /** What `SUPABASE_URL` is set to, without a slash at its end. */
  readonly url: string;
  readonly port: number;
  intercept: Intercept | undefined;
  /** Hears of what goes to the database, and changes nothing. */
  observe: Observe | undefined;
  stop(): Promise<void>;
}

/** Serves `/rest/v1/rpc/*` and `/functions/v1/*` on 127.0.0.1. */
export function startGateway(options: StartGatewayOptions): Gateway {
  const caller = new RpcCaller(options.authenticatorUrl);
  const keys = { secretKey: options.secretKey, publishableKey: options.publishableKey };
  const context = {
    caller,
    keys,
    intercept: () => gateway.intercept,
    observe: () => gateway.observe,
  };
  const abort = new AbortController();
  const underWay = new UnderWay();
  const answer = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    const rpc = RPC_PATH.exec(pathname)?.[1];
    if (rpc) return await handleRpc(request, decodeURIComponent(rpc), context);
    const name = FUNCTION_PATH.exec(pathname)?.[1];
    if (name) return await proxyToFunction(request, name, options.functionUrl?.(name));
    return Response.json({ message: `No such path: "${pathname}"` }, { status: 404 });
  };
  const server = Deno.serve(
    {
      hostname: "127.0.0.1",
      port: options.port ?? 0,
      onListen: () => {},
      onError: (error) => Response.json({ message: String(error) }, { status: 500 }),
      signal: abort.signal,
    },
    (request) => underWay.during(() => answer(request)),
  );
  const gateway: Gateway = {
    ...keys,
    url: `http://127.0.0.1:${server.addr.port}`,
    port: server.addr.port,
    intercept: options.intercept,
    observe: undefined,
    stop: async () => {
      // Requests under way may finish, but one that hangs must not hold everything up.
      await underWay.end(STOP_TIMEOUT_MS);
      abort.abort();
      await server.finished;
      await caller.close();
    },
  };
  return gateway;
}

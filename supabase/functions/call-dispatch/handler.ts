import { beginRun } from "./begin_run.ts";
import { mayDispatch } from "./caller.ts";
import { BadConfiguration } from "../_shared/environment.ts";
import { type Config, readConfig } from "./config.ts";
import { BadRequest, type DispatchRequest, parseDispatchRequest } from "./dispatch_request.ts";
import { messageOf } from "../_shared/message_of.ts";
import type { Provider } from "./omni_client.ts";
import { previewDispatch } from "./preview_dispatch.ts";
import { runDispatch, type RunSummary } from "./run_dispatch.ts";
import { StoreError } from "../_shared/store_error.ts";
import type { Store } from "./store.ts";

/** What the runtime gives, and the two ends that the function plugs together. */
export interface HandlerDeps {
  readEnv: () => Record<string, string>;
  createStore: (config: Config) => Store;
  createProvider: (config: Config) => Provider;
  /** Keeps the process alive until the work is done, after the reply has gone out. */
  keepAlive: (work: Promise<unknown>) => void;
  /** Aborted when the process is about to end. */
  stopping: AbortSignal;
  log: (line: string) => void;
}

/** The function's one endpoint. The caller is checked before anything else. */
export function createHandler(deps: HandlerDeps): (request: Request) => Promise<Response> {
  return async (request) => {
    const env = deps.readEnv();
    if (!mayDispatch(request.headers, env)) return reply(401, { error: "Unauthorized" });
    if (request.method !== "GET" && request.method !== "POST") {
      return reply(405, { error: "Use GET or POST" }, { allow: "GET, POST" });
    }
    try {
      return await dispatch(deps, await parseDispatchRequest(request), readConfig(env));
    } catch (error) {
      return replyToFailure(error, deps.log);
    }
  };
}

async function dispatch(
  deps: HandlerDeps,
  request: DispatchRequest,
  config: Config,
): Promise<Response> {
  const store = deps.createStore(config);
  if (request.dryRun) return reply(200, await previewDispatch(store, request.at));
  const run = await beginRun({
    store,
    runId: request.runId,
    source: request.source,
    onFailure: (error) => logFailure(error, deps.log),
  });
  const work = runDispatch({
    ...config,
    caller: config,
    store,
    provider: deps.createProvider(config),
    run,
    source: request.source,
    stopping: deps.stopping,
    log: deps.log,
  });
  if (!request.respondAsync) return replyToRun(await work);
  deps.keepAlive(work.catch((error) => logFailure(error, deps.log)));
  return reply(202, { ok: true, run_id: run.id });
}

function replyToRun(summary: RunSummary): Response {
  return reply(summary.stop_reason === "error" ? 503 : 200, summary);
}

function replyToFailure(error: unknown, log: HandlerDeps["log"]): Response {
  if (error instanceof BadRequest) return reply(400, { ok: false, error: error.message });
  if (error instanceof BadConfiguration) {
    logFailure(error, log);
    return reply(500, { ok: false, error: "Bad configuration", faults: error.faults });
  }
  logFailure(error, log);
  if (error instanceof StoreError) return reply(503, { ok: false, error: error.message });
  return reply(500, { ok: false, error: "Unexpected failure: see the function's log" });
}

function logFailure(error: unknown, log: HandlerDeps["log"]): void {
  const message = messageOf(error);
  log(JSON.stringify({ event: "dispatch_failed", error: message }));
}

function reply(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers: { "cache-control": "no-store", ...headers } });
}

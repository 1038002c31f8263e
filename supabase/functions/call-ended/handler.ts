import { BadConfiguration } from "../_shared/environment.ts";
import { messageOf } from "../_shared/message_of.ts";
import { planCallbacks } from "../_shared/plan_callbacks.ts";
import { StoreError } from "../_shared/store_error.ts";
import { type Config, readConfig } from "./config.ts";
import { parseWebhook } from "./parse_webhook.ts";
import { recordCallEvent } from "./record_call_event.ts";
import { identifyReporter, type Reporter } from "./reporter.ts";
import type { Store } from "./store.ts";
import { BadReport, readWebhookBody } from "./webhook_body.ts";

/** What the runtime gives, and the store that the function is plugged to. */
export interface HandlerDeps {
  readEnv: () => Record<string, string>;
  createStore: (config: Config) => Store;
  /** Keeps the process alive until the work is done, after the reply has gone out. */
  keepAlive: (work: Promise<unknown>) => void;
  log: (line: string) => void;
  /** How long to go on asking while the database is away, in ms. Default 8,000. */
  storeForMs?: number;
}

type StoreFor = (config: Config) => Store;

/** The function's one endpoint. The reporter is checked before anything else. */
export function createHandler(deps: HandlerDeps): (request: Request) => Promise<Response> {
  const storeFor = oncePerConfig(deps.createStore);
  return async (request) => {
    const env = deps.readEnv();
    const reporter = identifyReporter(request, env);
    if (reporter === null) return reply(401, { error: "Unauthorized" });
    if (request.method !== "POST") return reply(405, { error: "Use POST" }, { allow: "POST" });
    try {
      return await takeReport(request, reporter, { ...deps, store: storeFor(readConfig(env)) });
    } catch (error) {
      return replyToFailure(error, deps.log);
    }
  };
}

// A client costs memory and time, and as many calls may end in an hour as the account can place.
function oncePerConfig(createStore: StoreFor): StoreFor {
  let last: { key: string; store: Store } | null = null;
  return (config) => {
    const key = JSON.stringify([config.supabaseUrl, config.supabaseKey]);
    if (last?.key !== key) last = { key, store: createStore(config) };
    return last.store;
  };
}

type Work = HandlerDeps & { store: Store };

async function takeReport(request: Request, reporter: Reporter, work: Work): Promise<Response> {
  const { store, keepAlive, log, storeForMs } = work;
  const event = parseWebhook(await readWebhookBody(request), reporter);
  const { verdict, attemptId, callbackToRead } = await recordCallEvent({
    store,
    event,
    ...(storeForMs !== undefined && { forMs: storeForMs }),
  });
  if (callbackToRead && attemptId !== null) {
    const onFailure = (error: unknown) => logFailure("callback_not_planned", error, log);
    keepAlive(planCallbacks({ store, attemptId, onFailure }).catch(onFailure));
  }
  return reply(200, { ok: true, verdict });
}

function replyToFailure(error: unknown, log: HandlerDeps["log"]): Response {
  if (error instanceof BadReport) return reply(error.status, { ok: false, error: error.message });
  logFailure("call_ended_failed", error, log);
  if (error instanceof BadConfiguration) {
    return reply(500, { ok: false, error: "Bad configuration", faults: error.faults });
  }
  if (error instanceof StoreError && error.passing) {
    return reply(503, { ok: false, error: "Cannot store the report now: send it again later" });
  }
  return reply(500, { ok: false, error: "Unexpected failure: see the function's log" });
}

function logFailure(event: string, error: unknown, log: HandlerDeps["log"]): void {
  const message = messageOf(error);
  log(JSON.stringify({ event, error: withoutQuotations(message) }));
}

// A database that refuses a value quotes it, and it may be of a person. Names of its own stay.
function withoutQuotations(message: string): string {
  return message
    .replace(
      /"([^"]*)(?:"|$)/g,
      (quoted, value) => /^[a-z]+(_[a-z]+)+$/.test(value) ? quoted : '"…"',
    )
    .replace(/\+?\d[\d ().-]{5,}\d/g, "…");
}

function reply(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers: { "cache-control": "no-store", ...headers } });
}

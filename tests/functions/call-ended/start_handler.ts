import { reportAddress } from "../../../supabase/functions/_shared/call_ended_hook.ts";
import { createHandler, type HandlerDeps } from "../../../supabase/functions/call-ended/handler.ts";
import type { Config } from "../../../supabase/functions/call-ended/config.ts";
import type { Store } from "../../../supabase/functions/call-ended/store.ts";
import { AGENT_SECRET, GOOD_ENVIRONMENT, SIGNING_SECRET } from "./good_environment.ts";
import { stubStore } from "./stub_store.ts";

export const ATTEMPT_ID = "0b0f7a52-53c1-4c5f-9a0e-6f4f2f0d7c11";
export const URL_OF_FUNCTION = "https://p.example/functions/v1/call-ended";

/** The handler on a stub store, and all that it did. */
export function startHandler(changes: Partial<Store> = {}, deps: Partial<HandlerDeps> = {}) {
  const { store, events } = stubStore(changes);
  const seen = {
    /** May be changed between requests. */
    env: { ...GOOD_ENVIRONMENT } as Record<string, string>,
    events,
    stores: [] as Config[],
    logged: [] as string[],
    kept: [] as Promise<unknown>[],
  };
  const handle = createHandler({
    readEnv: () => seen.env,
    createStore: (config) => {
      seen.stores.push(config);
      return store;
    },
    keepAlive: (work) => void seen.kept.push(work),
    log: (line) => void seen.logged.push(line),
    storeForMs: 300,
    ...deps,
  });
  return Object.assign(seen, { handle });
}

/** The address that was signed for this attempt. */
export function addressOf(attemptId: string = ATTEMPT_ID, secret: string = SIGNING_SECRET): string {
  return reportAddress(attemptId, { url: URL_OF_FUNCTION, secret });
}

/** A report at the address of one call. */
export function report(body: unknown, url: string = addressOf()): Request {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return new Request(url, { method: "POST", body: text });
}

/** A report by the agent's own webhook. */
export function agentReport(body: unknown): Request {
  return report(body, `${URL_OF_FUNCTION}?secret=${AGENT_SECRET}`);
}

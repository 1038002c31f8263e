import {
  createHandler,
  type HandlerDeps,
} from "../../../supabase/functions/call-dispatch/handler.ts";
import type { Config } from "../../../supabase/functions/call-dispatch/config.ts";
import type { Store } from "../../../supabase/functions/call-dispatch/store.ts";
import { GOOD_ENVIRONMENT } from "./good_environment.ts";
import { stubStore } from "./stub_store.ts";

/** The header that the good environment asks for. */
export const SECRET: Readonly<Record<string, string>> = { "x-cron-secret": "cron-secret" };

/** The handler on a stub store and a provider that calls nobody, and all that it did. */
export function startHandler(changes: Partial<Store> = {}, deps: Partial<HandlerDeps> = {}) {
  const { store, asked } = stubStore(changes);
  const seen = {
    /** May be changed between requests. */
    env: { ...GOOD_ENVIRONMENT } as Record<string, string>,
    asked,
    stores: [] as Config[],
    providers: 0,
    logged: [] as string[],
    kept: [] as Promise<unknown>[],
  };
  const handle = createHandler({
    readEnv: () => seen.env,
    createStore: (config) => {
      seen.stores.push(config);
      return store;
    },
    createProvider: () => {
      seen.providers += 1;
      return {
        placeCall: async () => ({ kind: "not_sent", error: "Nobody is called here" }),
        readAccount: async () => ({ kind: "failed", error: "There is no account here" }),
        readCallLog: async () => ({ kind: "failed", error: "There is no call log here" }),
      };
    },
    keepAlive: (work) => void seen.kept.push(work),
    stopping: new AbortController().signal,
    log: (line) => void seen.logged.push(line),
    ...deps,
  });
  return Object.assign(seen, { handle });
}

interface Asking extends RequestInit {
  readonly query?: string;
}

/** A request to the function, by default one that may. */
export function ask({ query = "", headers = SECRET, ...init }: Asking = {}): Request {
  return new Request(`https://p.example/functions/v1/call-dispatch${query}`, { ...init, headers });
}

/** The same with a body. */
export function post(body: string, headers: HeadersInit = SECRET): Request {
  return ask({ method: "POST", body, headers });
}

// The Edge Function: plugs the runtime, the store and the provider together, and nothing else.
import { createHandler } from "./handler.ts";
import { createOmniClient } from "./omni_client.ts";
import { createSupabaseStore } from "./supabase_store.ts";

/** The hosted runtime's; absent in plain Deno. */
declare const EdgeRuntime: { waitUntil(work: Promise<unknown>): void } | undefined;

const stopping = new AbortController();
addEventListener("beforeunload", () => stopping.abort());

Deno.serve(createHandler({
  readEnv: () => Deno.env.toObject(),
  createStore: (config) =>
    createSupabaseStore({ url: config.supabaseUrl, key: config.supabaseKey }),
  createProvider: (config) =>
    createOmniClient({
      baseUrl: config.omniBaseUrl,
      apiKey: config.omniApiKey,
      timeoutMs: config.omniTimeoutMs,
    }),
  keepAlive: (work) => {
    if (typeof EdgeRuntime !== "undefined") EdgeRuntime.waitUntil(work);
  },
  stopping: stopping.signal,
  log: (line) => console.log(line),
}));

// The Edge Function: plugs the runtime and the store together, and nothing else.
import { createHandler } from "./handler.ts";
import { createSupabaseStore } from "./supabase_store.ts";

/** The hosted runtime's; absent in plain Deno. */
declare const EdgeRuntime: { waitUntil(work: Promise<unknown>): void } | undefined;

Deno.serve(createHandler({
  readEnv: () => Deno.env.toObject(),
  createStore: (config) =>
    createSupabaseStore({
      url: config.supabaseUrl,
      key: config.supabaseKey,
      // Short: the sender waits, and a call that hangs can be asked again in the time there is.
      timeoutMs: 4_000,
    }),
  keepAlive: (work) => {
    if (typeof EdgeRuntime !== "undefined") EdgeRuntime.waitUntil(work);
  },
  log: (line) => console.log(line),
}));

import {
  type RunningFunction,
  startFunction,
  type StartFunctionOptions,
} from "../../supabase/local/functions_host/start_function.ts";
import type { Gateway } from "../../supabase/local/gateway/start_gateway.ts";

/** A running function that a test holds by `await using`. */
export type TestFunction = RunningFunction & AsyncDisposable;

/** What a test may choose; with a gateway, the function gets its URL and key as on the platform. */
export type StartTestFunctionOptions = Omit<StartFunctionOptions, "env"> & {
  env?: Record<string, string>;
  gateway?: Gateway;
};

/** Runs an Edge Function in a process of its own for one test. */
export async function startTestFunction(
  { gateway, env = {}, ...options }: StartTestFunctionOptions,
): Promise<TestFunction> {
  const running = await startFunction({ ...options, env: { ...platformEnv(gateway), ...env } });
  return Object.assign(running, { [Symbol.asyncDispose]: () => running.stop() });
}

function platformEnv(gateway: Gateway | undefined): Record<string, string> {
  if (!gateway) return {};
  return {
    SUPABASE_URL: gateway.url,
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: gateway.secretKey }),
  };
}

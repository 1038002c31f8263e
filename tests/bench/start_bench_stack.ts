import { startSimulatedOmni } from "../../supabase/local/simulated_omni/start_simulated_omni.ts";
import type { OmniSettings } from "../../supabase/local/simulated_omni/omni_settings.ts";
import type { SimulatedOmni } from "../../supabase/local/simulated_omni/simulated_omni.ts";
import { type Stack, startStack } from "../../supabase/local/stack.ts";

/** What is measured, and the provider that it calls. */
export interface BenchStack extends AsyncDisposable {
  stack: Stack;
  omni: SimulatedOmni;
}

/** How the stack is started. */
export interface BenchStackOptions {
  omni: Partial<OmniSettings>;
  functions: string[];
  functionEnv?: Record<string, string>;
}

/** Starts the whole local stack on a database of its own, which is gone afterwards. */
export async function startBenchStack(options: BenchStackOptions): Promise<BenchStack> {
  const parts = new AsyncDisposableStack();
  try {
    const directory = await Deno.makeTempDir({ prefix: "call-dispatch-bench-" });
    parts.defer(() => Deno.remove(directory, { recursive: true }));
    // PostgreSQL's user has to get in, not to look around.
    if (Deno.build.os !== "windows") await Deno.chmod(directory, 0o711);
    const omni = parts.use(await startSimulatedOmni({ requestsKept: 0, ...options.omni }));
    const stack = await startStack({
      dataDirectory: directory,
      clock: false,
      functions: options.functions,
      functionEnv: {
        OMNI_BASE_URL: omni.url,
        OMNI_API_KEY: omni.apiKey,
        OMNI_AGENT_ID: String(omni.agentId),
        OMNI_FROM_NUMBER_ID: String(omni.fromNumberId),
        ...options.functionEnv,
      },
      onProgress: (step) => console.error(step),
    });
    parts.defer(() => stack.stop());
    return { stack, omni, [Symbol.asyncDispose]: () => parts.disposeAsync() };
  } catch (error) {
    await parts.disposeAsync();
    throw error;
  }
}

import { startSimulatedOmni } from "../../supabase/local/simulated_omni/start_simulated_omni.ts";
import type { OmniSettings } from "../../supabase/local/simulated_omni/omni_settings.ts";
import type { SimulatedOmni } from "../../supabase/local/simulated_omni/simulated_omni.ts";
import type { Stack } from "../../supabase/local/stack.ts";
import { type MeasuredStackOptions, startMeasuredStack } from "./start_measured_stack.ts";

/** What is measured, and the provider that it calls. */
export interface BenchStack extends AsyncDisposable {
  stack: Stack;
  omni: SimulatedOmni;
}

/** How the stack and the provider are started. */
export interface BenchStackOptions extends MeasuredStackOptions {
  omni: Partial<OmniSettings>;
}

/** Starts the whole local stack, and the provider in this process. */
export async function startBenchStack(options: BenchStackOptions): Promise<BenchStack> {
  const parts = new AsyncDisposableStack();
  try {
    const omni = parts.use(await startSimulatedOmni({ requestsKept: 0, ...options.omni }));
    const stack = parts.use(await startMeasuredStack(omni, options));
    return { stack, omni, [Symbol.asyncDispose]: () => parts.disposeAsync() };
  } catch (error) {
    await parts.disposeAsync();
    throw error;
  }
}

import { type Stack, startStack } from "../../supabase/local/stack.ts";

/** The account at the provider that the functions use. */
export interface MeasuredAccount {
  url: string;
  apiKey: string;
  agentId: number;
  fromNumberId: number;
}

/** How the stack is started. */
export interface MeasuredStackOptions {
  functions: string[];
  functionEnv?: Record<string, string>;
}

/** Starts the whole local stack on a database of its own; both are gone afterwards. */
export async function startMeasuredStack(
  omni: MeasuredAccount,
  { functions, functionEnv }: MeasuredStackOptions,
): Promise<Stack & AsyncDisposable> {
  const parts = new AsyncDisposableStack();
  try {
    const directory = await Deno.makeTempDir({ prefix: "call-dispatch-bench-" });
    parts.defer(() => Deno.remove(directory, { recursive: true }));
    // PostgreSQL's user has to get in, not to look around.
    if (Deno.build.os !== "windows") await Deno.chmod(directory, 0o711);
    const stack = await startStack({
      dataDirectory: directory,
      clock: false,
      functions,
      functionEnv: {
        OMNI_BASE_URL: omni.url,
        OMNI_API_KEY: omni.apiKey,
        OMNI_AGENT_ID: String(omni.agentId),
        OMNI_FROM_NUMBER_ID: String(omni.fromNumberId),
        ...functionEnv,
      },
      onProgress: (step) => console.error(step),
    });
    parts.defer(() => stack.stop());
    return { ...stack, [Symbol.asyncDispose]: () => parts.disposeAsync() };
  } catch (error) {
    await parts.disposeAsync();
    throw error;
  }
}

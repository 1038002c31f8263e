import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { FunctionProcess } from "./function_process.ts";

const FUNCTIONS = fileURLToPath(new URL("../../functions/", import.meta.url));

/** Which function to run, and with what. */
export interface StartFunctionOptions {
  /** Name of the folder in `supabase/functions`. */
  name: string;
  /** The function's environment: nothing else of ours is visible in it. */
  env: Record<string, string>;
  /** The Deno to run it with. Default: `FUNCTION_DENO`, else the one that runs us. */
  denoPath?: string;
  /** Folder of functions, default `supabase/functions`. */
  functionsDirectory?: string;
  /** Hears every line the function writes, as it comes. */
  onLog?: (line: string) => void;
}

/** An Edge Function that runs in a process of its own. */
export interface RunningFunction {
  readonly name: string;
  /** Base URL on which it listens; changes with `restart`. */
  readonly url: string;
  readonly pid: number;
  /** The last 1000 lines it wrote, oldest first. */
  readonly logs: readonly string[];
  /** User and system time of the process so far, in steps of 10 ms; Linux only. */
  cpuMilliseconds(): Promise<number>;
  /** Announces the end, lets `waitUntil` work finish for some seconds, and returns once it is gone. */
  stop(): Promise<void>;
  /** SIGKILL: it gets no chance to say or save anything. */
  kill(): Promise<void>;
  /** Starts it anew, with the same options or with other variables; ends it first where it runs. */
  restart(env?: Record<string, string>): Promise<void>;
}

/** Starts the function and returns once it listens. */
export async function startFunction(options: StartFunctionOptions): Promise<RunningFunction> {
  const directory = join(options.functionsDirectory ?? FUNCTIONS, options.name);
  const running = new FunctionProcess({
    name: options.name,
    command: options.denoPath ?? (Deno.env.get("FUNCTION_DENO") || Deno.execPath()),
    args: await denoArguments(directory),
    env: options.env,
    onLog: options.onLog ?? (() => {}),
  });
  await running.restart();
  return running;
}

async function denoArguments(directory: string): Promise<string[]> {
  const config = join(directory, "deno.json");
  const hasConfig = await Deno.stat(config).then(() => true, () => false);
  return [
    ...["run", "--quiet", "--no-prompt", "--allow-net", "--allow-env"],
    // A deployed function can read its own bundle, and importing it here takes as much.
    `--allow-read=${dirname(directory)}`,
    // The very list of versions that a deployment uses.
    ...(hasConfig ? ["--config", config] : []),
    fileURLToPath(new URL("host.ts", import.meta.url)),
    pathToFileURL(join(directory, "index.ts")).href,
  ];
}

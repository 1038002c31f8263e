import { parseFlags } from "../../supabase/local/commands/parse_flags.ts";
import { runCommand } from "../../supabase/local/commands/run_command.ts";
import { UsageError } from "../../supabase/local/commands/usage_error.ts";
import { startSimulatedOmni } from "../../supabase/local/simulated_omni/start_simulated_omni.ts";
import { startStack } from "../../supabase/local/stack.ts";
import type { BenchLoad, BenchResult } from "./bench_result.ts";
import { measureBareClient } from "./measure_bare_client.ts";
import { measureCallDispatch } from "./measure_call_dispatch.ts";

const HELP =
  `Measures one run of call-dispatch beside the ideal: calls times latency over concurrency.

Usage: deno task bench [options]

  --calls N         follow-ups that are due (default 2000)
  --concurrency N   requests to the provider at once (default 20)
  --latency MS      how long the provider takes, in ms (default 100)
  --json            one JSON object a line in place of the table
  --help            this text

wall_s is what the run took, ideal_s what it must take at least, ratio the first over the second.
cpu_ms_per_call is the CPU time of the function's process, user and system. The bare client sends the
same requests and does nothing else: what it falls short of the ideal by is the machine's.`;

async function bench(args: string[]): Promise<number> {
  const flags = parseFlags(args, {
    switches: ["help", "json"],
    values: ["calls", "concurrency", "latency"],
  });
  if (flags.help) {
    console.log(HELP);
    return 0;
  }
  const results = await measure({
    calls: wholeNumber("calls", flags.calls ?? "2000"),
    concurrency: wholeNumber("concurrency", flags.concurrency ?? "20"),
    latencyMs: wholeNumber("latency", flags.latency ?? "100"),
  });
  if (flags.json) results.forEach((result) => console.log(JSON.stringify(result)));
  else console.table(results);
  return 0;
}

async function measure(load: BenchLoad): Promise<BenchResult[]> {
  await using parts = new AsyncDisposableStack();
  const directory = await Deno.makeTempDir({ prefix: "call-dispatch-bench-" });
  parts.defer(() => Deno.remove(directory, { recursive: true }));
  // PostgreSQL's user has to get in, not to look around.
  if (Deno.build.os !== "windows") await Deno.chmod(directory, 0o711);
  const omni = parts.use(await startSimulatedOmni({ latencyMs: load.latencyMs, requestsKept: 0 }));
  const stack = await startStack({
    dataDirectory: directory,
    clock: false,
    functions: ["call-dispatch"],
    functionEnv: {
      OMNI_BASE_URL: omni.url,
      OMNI_API_KEY: omni.apiKey,
      OMNI_AGENT_ID: String(omni.agentId),
      OMNI_FROM_NUMBER_ID: String(omni.fromNumberId),
      DISPATCH_CONCURRENCY: String(load.concurrency),
      DISPATCH_TIME_BUDGET_MS: "300000",
    },
    onProgress: (step) => console.error(step),
  });
  parts.defer(() => stack.stop());
  console.error("Warming up");
  await measureCallDispatch({ ...load, calls: 10 * load.concurrency }, stack, omni);
  console.error(`Measuring ${load.calls} calls, ${load.concurrency} at once`);
  const bare = await measureBareClient(load, omni);
  return [bare, await measureCallDispatch(load, stack, omni)];
}

function wholeNumber(flag: string, text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new UsageError(`Cannot read --${flag} "${text}": it has to be a whole number above 0`);
}

await runCommand(() => bench(Deno.args));

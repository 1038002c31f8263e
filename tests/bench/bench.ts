import { parseFlags } from "../../supabase/local/commands/parse_flags.ts";
import { runCommand } from "../../supabase/local/commands/run_command.ts";
import { UsageError } from "../../supabase/local/commands/usage_error.ts";
import type { BenchLoad, BenchResult } from "./bench_result.ts";
import { measureBareClient } from "./measure_bare_client.ts";
import { measureBlockades } from "./measure_blockades.ts";
import { measureCallDispatch } from "./measure_call_dispatch.ts";
import { measureLines } from "./measure_lines.ts";
import { measureNewLeads } from "./measure_new_leads.ts";
import { measurePeers } from "./peers/measure_peers.ts";
import { startBenchStack } from "./start_bench_stack.ts";

const HELP =
  `Measures call-dispatch through its whole real path: HTTP, function, gateway, PostgreSQL.

Usage: deno task bench [options]

Without --peers, --lines, --new-leads or --blocked: one run, beside the ideal of calls times latency
over concurrency.

  --calls N         follow-ups that are due (default 2000; with --lines 1000)
  --concurrency N   requests to the provider at once (default 20)
  --latency MS      how long the provider takes, in ms (default 100)

wall_s is what the run took, ideal_s what it must take at least, ratio the first over the second.
cpu_ms_per_call is the CPU time of the function's process, user and system. The bare client makes the same
calls with no database: what it falls short of the ideal by is the machine's.

  --peers           graphile-worker, pg-boss and the one-by-one loop do the same calls, on the same
                    database and with the same provider (default: 5000 calls, 50 at once)
  --future N        jobs that are due in some years when the backlog is deep (default 1000000)
  --rounds N        how often all make the calls, in turns (default 3): wall, ratio and CPU are their median

All run under this Deno, each in a process of its own; ours as it is deployed, over HTTP, function and
gateway, where the peers speak to the database themselves. What is done for a call besides is the same for
all, by the same code. The bare client has no queue: what it needs, the calls take by themselves.
wall_s is from the request to its reply for ours, for the others from the start of their workers until the
last job is stored as done. postgres_cpu_ms_per_call is what all of PostgreSQL needed meanwhile. noop_per_s is
jobs a second that do nothing: ours then has a provider in its own process that accepts at once.
one_by_one_ms is one job claimed and completed, then the next; claim_* is how long the system's process
waits for the claim of one such job: with 10000 jobs that are due later, with --future of them (deep),
and while somebody else's transaction holds a snapshot (held). A system that rings a number twice or
never, by the provider's own ledger, ends the command with an error.

  --lines           how well lines are used while a backlog of calls of 30 to 180 s is worked off
  --count N         lines (default 10)
  --speed N         simulated seconds in each real one (default 30)

utilisation is the share of the lines' time in use until the last follow-up was rung,
utilisation_schedule_only the same when only the five-minute schedule starts runs (measured on a fifth
of the calls, at 100 simulated seconds in each real one), peak the most calls at once. calls_per_hour
are by the simulated clock, invocations_per_call the requests to the functions: its report, and its share
of the runs.

  --new-leads       how long a lead waits from its insert to its ring
  --leads N         leads, one after the other (default 100)

  --blocked         what follow-ups in front that may not be called cost: none, 1,000 and --calls
                    (default 100000) of them, for their hours, the stop list or a closed lead, and
                    behind them 100 that may be called

claims is how often the one run claimed, claim_ms what all its claims took in the database, wall_s what
the run took, rung how many of the 100 the provider was asked for: fewer, or one of the others, is a
failure.

  --json            one JSON object a line in place of the table
  --help            this text`;

async function bench(args: string[]): Promise<number> {
  const flags = parseFlags(args, {
    switches: ["help", "json", "lines", "new-leads", "blocked", "peers"],
    values: ["calls", "concurrency", "latency", "count", "speed", "leads", "future", "rounds"],
  });
  if (flags.help) {
    console.log(HELP);
    return 0;
  }
  const number = (flag: Exclude<keyof typeof flags, Switch>, fallback: string) =>
    wholeNumber(flag, flags[flag] ?? fallback);
  const results = flags.peers
    ? await measurePeers({
      calls: number("calls", "5000"),
      concurrency: number("concurrency", "50"),
      latencyMs: number("latency", "100"),
      future: number("future", "1000000"),
      rounds: number("rounds", "3"),
    })
    : flags.lines
    ? [
      await measureLines({
        calls: number("calls", "1000"),
        lines: number("count", "10"),
        timeFactor: number("speed", "30"),
      }),
    ]
    : flags["new-leads"]
    ? [await measureNewLeads(number("leads", "100"))]
    : flags.blocked
    ? await measureBlockades(number("calls", "100000"))
    : await measureRun({
      calls: number("calls", "2000"),
      concurrency: number("concurrency", "20"),
      latencyMs: number("latency", "100"),
    });
  if (flags.json) results.forEach((result) => console.log(JSON.stringify(result)));
  else console.table(results);
  return 0;
}

type Switch = "help" | "json" | "lines" | "new-leads" | "blocked" | "peers";

async function measureRun(load: BenchLoad): Promise<BenchResult[]> {
  await using project = await startBenchStack({
    functions: ["call-dispatch"],
    // None ends, and is reported, while something is measured.
    omni: { latencyMs: load.latencyMs, callDurationMs: 3_600_000 },
    functionEnv: {
      DISPATCH_CONCURRENCY: String(load.concurrency),
      DISPATCH_TIME_BUDGET_MS: "300000",
    },
  });
  const { stack, omni } = project;
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

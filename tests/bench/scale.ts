import { parseFlags } from "../../supabase/local/commands/parse_flags.ts";
import { runCommand } from "../../supabase/local/commands/run_command.ts";
import { UsageError } from "../../supabase/local/commands/usage_error.ts";
import { growthFaults } from "./scale/growth_faults.ts";
import { measureFanOut } from "./scale/measure_fan_out.ts";
import { measureScale } from "./scale/measure_scale.ts";

const HELP =
  `Measures what the database needs as a project grows, and what many processes do at once.

Usage: deno task scale [options]

  --leads N,N,…     sizes, from the smallest to the largest (default 10000,100000,1000000)
  --factor N        how much more the largest may need than the smallest (default 3)

seed_ms_per_1000 is for 1,000 new leads, claim_ms for 50 due follow-ups, idle_ms for a tick with nothing to
do, call_status_ms and call_queue_ms for the views, all of the one and 100 rows of the other. They must
follow the new work and what is shown, and it ends with 1 when they follow the size. All are medians, in ms.

  --fan-out         many processes of the function work off one backlog
  --processes N     processes (default 20)
  --calls N         follow-ups that are due (default 100000)
  --latency MS      how long the provider takes, in ms (default 100)
  --lines N         max_concurrent_calls while it is tried whether that is kept (default 200)

limit: all processes are called at once, and as no call ends, exactly --lines numbers must ring.
direct and fan_out: a fifth of the calls, then all; all processes are called at once, or invoke_call_dispatch starts
as many runs as it finds right, up to one for each. Of every hundred leads two have the number of another:
it must ring once, and the others wait. Ends with 1 when the provider's ledger says otherwise.

  --json            one JSON object a line in place of the table
  --help            this text`;

async function scale(args: string[]): Promise<number> {
  const flags = parseFlags(args, {
    switches: ["help", "json", "fan-out"],
    values: ["leads", "factor", "processes", "calls", "latency", "lines"],
  });
  if (flags.help) {
    console.log(HELP);
    return 0;
  }
  const show = (rows: object[]) => {
    if (flags.json) rows.forEach((row) => console.log(JSON.stringify(row)));
    else console.table(rows);
  };
  if (flags["fan-out"]) {
    show(
      await Array.fromAsync(measureFanOut({
        processes: wholeNumber("processes", flags.processes ?? "20"),
        calls: wholeNumber("calls", flags.calls ?? "100000"),
        latencyMs: wholeNumber("latency", flags.latency ?? "100"),
        lines: wholeNumber("lines", flags.lines ?? "200"),
      })),
    );
    return 0;
  }
  const sizes = (flags.leads ?? "10000,100000,1000000").split(",")
    .map((text) => wholeNumber("leads", text)).sort((one, other) => one - other);
  const results = await Array.fromAsync(measureScale(sizes));
  show(results);
  const faults = growthFaults(results, wholeNumber("factor", flags.factor ?? "3"));
  faults.forEach((fault) => console.error(fault));
  return faults.length === 0 ? 0 : 1;
}

function wholeNumber(flag: string, text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new UsageError(`Cannot read --${flag} "${text}": it has to be a whole number above 0`);
}

await runCommand(() => scale(Deno.args));

import { plantedBugs } from "./planted/planted_bugs.ts";
import { scenarios } from "./scenarios.ts";

/** What `--help` prints. */
export function chaosHelp(): string {
  return `Breaks what can break, in many seeded histories, and judges by the provider's own ledger.

Usage: deno task chaos [options]

  --scenario NAME   this one only
  --seed N          of the first history; the same seed draws the same histories (default: by the clock)
  --histories N     so many of each scenario
  --short           fewer histories and smaller loads, in under two minutes
  --path PATH       a random history that was made shorter, as a failure printed it
  --planted         plants one bug after the other, and shows what finds it
  --plant NAME      this bug only
  --json            one JSON object a line in place of the table
  --help            this text

Scenarios:
${listed(scenarios)}

Bugs to plant:
${listed(plantedBugs)}

Each history runs the function in a process of its own against a real PostgreSQL and a simulated
provider, brings the fault and ends it. Then runs follow each other until everybody is called who can
be, and some more in which nobody may be rung.

rings                the phones that rang, by the provider's ledger
calls_placed_twice   rings without a reason of their own, or to a number that was in another call
follow_ups_lost      leads that had to be called, could be, and never were
unknown              attempts that the tables hold, because the call may have been placed
ambiguous            attempts of which nobody can know, by what was committed, sent and answered:
                     both have to be the same attempts
recovery_s           real seconds from the fault's end until everybody was called who can be, of the
                     history that took longest; 0 = all were called while the fault lasted. Leases and
                     waits do not count in it: rows are dated back for them to pass.

It exits with 1 if anything is not ok; with --planted, if a bug is not found.`;
}

function listed(all: readonly { name: string; what: string }[]): string {
  const width = Math.max(...all.map(({ name }) => name.length)) + 2;
  return all.map(({ name, what }) => `  ${name.padEnd(width)}${what}`).join("\n");
}

import { join } from "node:path";
import { runStep } from "./step.ts";
import { allSteps } from "./steps.ts";

const HELP =
  `Does everything that CI does, in about forty minutes on two cores, and ends with how long each step
took, what failed, and why, and how many passed.

Usage: deno task ok

Steps that need more than npm has are left out, and say what they need.`;

async function ok(): Promise<number> {
  const directory = await Deno.makeTempDir({ prefix: "call-dispatch-ok-" });
  // The clone holds data that PostgreSQL's user has to reach.
  if (Deno.build.os !== "windows") await Deno.chmod(directory, 0o711);
  const totals = { passed: 0, failed: 0 };
  const failures: string[] = [];
  const durations: string[] = [];
  try {
    for (const step of await allSteps(join(directory, "clone"))) {
      const startedAt = performance.now();
      const count = await runStep(step);
      durations.push(
        `${((performance.now() - startedAt) / 1000).toFixed(0).padStart(5)} s  ${step.name}`,
      );
      totals.passed += count.passed;
      totals.failed += count.failed;
      if (count.failed > 0) failures.push(`failed: ${step.name}\n\n${count.failures}`);
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
  console.log(`\n${durations.join("\n")}`);
  for (const failure of failures) console.log(`\n${failure}`);
  console.log(`\n${totals.passed} passed, ${totals.failed} failed`);
  return totals.failed === 0 ? 0 : 1;
}

if (Deno.args.includes("--help") || Deno.args.includes("-h")) console.log(HELP);
else Deno.exit(await ok());

import { fileURLToPath } from "node:url";
import type { Step } from "./step.ts";

/** The level of the platform's Edge Functions; and where its certificates are to be looked for. */
const EDGE_DENO = "deno@2.1.4";
const EDGE_ENV = { DENO_TLS_CA_STORE: "mozilla,system" };

const DEBIAN_POSTGRES = "/usr/lib/postgresql/15/bin";
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Everything that has to be right before a change is good, cheapest first. */
export async function allSteps(freshClone: string): Promise<Step[]> {
  const deno = Deno.execPath();
  const npx = Deno.build.os === "windows" ? "npx.cmd" : "npx";
  const edgeDeno = [npx, "-y", EDGE_DENO];
  const noDebian = exists(`${DEBIAN_POSTGRES}/initdb`)
    ? undefined
    : `needs the PostgreSQL of Debian's postgresql-15-cron in ${DEBIAN_POSTGRES}`;
  const onEdgeDeno = { ...EDGE_ENV, FUNCTION_DENO: await edgeDenoPath(edgeDeno) };
  const start = [deno, "task", "start", "--once", "--json"];
  const steps: Step[] = [
    { name: "format", command: [deno, "fmt", "--check"] },
    { name: "lint", command: [deno, "lint"] },
    { name: "types of the code", command: [deno, "check", "supabase", "tests"] },
    {
      name: "types of the functions, on the platform's level",
      command: [
        ...[...edgeDeno, "check", "supabase/functions/call-dispatch/index.ts"],
        "supabase/functions/call-ended/index.ts",
      ],
      env: EDGE_ENV,
    },
    { name: "types of the database are fresh", command: [deno, "task", "types", "--check"] },
    { name: "tests", command: [npx, "-y", "deno", "task", "test"] },
    {
      name: "crashes and faults, those that wait for no time-outs",
      command: [
        ...[deno, "task", "test", "tests/faults/killed_function_test.ts"],
        ...["tests/faults/terminated_function_test.ts", "tests/faults/wrong_id_test.ts"],
        ...["tests/faults/bad_configuration_test.ts", "tests/faults/random_history_test.ts"],
        ...["tests/faults/killed_call_test.ts", "tests/faults/hostile_reports_test.ts"],
        "tests/faults/omni_loses_replies_test.ts",
        ...["tests/faults/planted_rule_faults_test.ts", "tests/faults/slow_recording_test.ts"],
      ],
    },
    {
      name: "a gateway and a database that fail",
      command: [
        ...[deno, "task", "test", "tests/faults/gateway_test.ts"],
        ...["tests/faults/database_connections_test.ts", "tests/faults/postgres_killed_test.ts"],
      ],
    },
    { name: "chaos, short", command: [deno, "task", "chaos", "--short"] },
    {
      name: "every planted bug is found",
      command: [deno, "task", "test", "tests/chaos/planted/planted_bugs_test.ts"],
    },
    {
      name: "tests of the functions' code, on the platform's level",
      command: [...edgeDeno, "test", "-A", "tests/functions"],
      env: EDGE_ENV,
    },
    {
      name: "end-to-end tests, the functions on the platform's level",
      command: [deno, "task", "test", "tests/e2e"],
      env: onEdgeDeno,
      leftOut: noDebian === undefined ? "done on PostgreSQL 15, below" : undefined,
    },
    {
      name: "tests on PostgreSQL 15 with the real pg_cron, the functions on the platform's level",
      command: [
        ...[deno, "task", "test", "--parallel", "tests/migrations", "tests/local/clock"],
        ...["tests/local/postgres", "tests/e2e"],
      ],
      env: { ...onEdgeDeno, POSTGRES_BIN_DIR: DEBIAN_POSTGRES },
      leftOut: noDebian,
    },
    {
      name: "db advisors and db lint",
      command: [deno, "run", "-A", "tests/ok/lint_database.ts"],
      env: { POSTGRES_BIN_DIR: DEBIAN_POSTGRES },
      leftOut: noDebian,
    },
    {
      name: "a fresh clone",
      command: ["git", "clone", "--quiet", ROOT, freshClone],
    },
    { name: "a fresh clone starts, and calls", command: start, cwd: freshClone },
    { name: "a fresh clone starts again, and calls nobody", command: start, cwd: freshClone },
    { name: "benchmark, short", command: [deno, "task", "bench", "--calls", "400", "--json"] },
    {
      name: "benchmark of the lines, short",
      command: [deno, "task", "bench", "--lines", "--calls", "60", "--json"],
    },
    {
      name: "benchmark of new leads, short",
      command: [deno, "task", "bench", "--new-leads", "--leads", "20", "--json"],
    },
    {
      name: "benchmark of blocked follow-ups, short",
      command: [deno, "task", "bench", "--blocked", "--calls", "2000", "--json"],
    },
    {
      name: "benchmark beside the other queues, short",
      command: [
        ...[deno, "task", "bench", "--peers", "--calls", "400", "--concurrency", "20"],
        ...["--future", "20000", "--json"],
      ],
    },
    {
      name: "scale, short",
      command: [deno, "task", "scale", "--leads", "10000,50000", "--json"],
    },
    {
      name: "many processes on one backlog, short",
      command: [
        ...[deno, "task", "scale", "--fan-out", "--processes", "4", "--calls", "2000"],
        ...["--lines", "50", "--json"],
      ],
    },
  ];
  return steps.map((step) => ({ cwd: ROOT, ...step }));
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

async function edgeDenoPath([program = "", ...args]: string[]): Promise<string> {
  const { stdout } = await new Deno.Command(program, {
    args: [...args, "eval", "console.log(Deno.execPath())"],
    stdin: "null",
  }).output();
  return new TextDecoder().decode(stdout).trim();
}

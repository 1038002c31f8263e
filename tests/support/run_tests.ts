/**
 * Runs the tests on a PostgreSQL cluster of their own, which is gone afterwards.
 *
 *   deno task test [files and flags of `deno test`]
 *
 * POSTGRES_BIN_DIR chooses the PostgreSQL, TEST_DENO the Deno that runs the tests, FUNCTION_DENO the
 * one that runs the Edge Functions in them.
 */
import { fileURLToPath } from "node:url";
import { disposableCluster } from "./disposable_cluster.ts";
import { scratchDirectories } from "./scratch_directories.ts";
import { signalQuietly } from "./signal_quietly.ts";

const TESTS = fileURLToPath(new URL("../", import.meta.url));
/** What waits for time-outs: run by name, and by `deno task ok`. */
const SLOW = ["../faults", "../chaos/planted/planted_bugs_test.ts"]
  .map((path) => fileURLToPath(new URL(path, import.meta.url)));
const HELP = `Runs the tests on a PostgreSQL cluster of their own, which is gone afterwards.

Usage: deno task test [files and flags of "deno test"]

Without files: all but tests/faults and tests/chaos/planted/planted_bugs_test.ts, which take minutes
more and are run by their names.

  POSTGRES_BIN_DIR   folder of PostgreSQL's binaries (default: the ones from npm)
  TEST_DENO          the Deno that runs the tests (default: this one)
  FUNCTION_DENO      the Deno that runs the Edge Functions in them (default: the same)`;

async function runTests(args: string[]): Promise<number> {
  let tests: Deno.ChildProcess | null = null;
  let interrupted = false;
  const interrupt = () => {
    interrupted = true;
    signalQuietly(tests);
  };
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  signals.forEach((signal) => Deno.addSignalListener(signal, interrupt));
  try {
    await using scratch = await scratchDirectories();
    await using cluster = await disposableCluster(scratch);
    if (interrupted) return 130;
    tests = spawnTests(args, { ...cluster.env, ...temporaryFilesIn(scratch.programs) });
    const { code } = await tests.status;
    return interrupted ? 130 : code;
  } finally {
    signals.forEach((signal) => Deno.removeSignalListener(signal, interrupt));
  }
}

function spawnTests(args: string[], env: Record<string, string>): Deno.ChildProcess {
  const named = args.some(isPath);
  return new Deno.Command(Deno.env.get("TEST_DENO") || Deno.execPath(), {
    args: [
      "test",
      "-A",
      ...args,
      ...(named ? [] : ["--parallel", `--ignore=${SLOW.join(",")}`, TESTS]),
    ],
    env,
  }).spawn();
}

// What an interrupted test leaves behind goes with the rest.
function temporaryFilesIn(directory: string): Record<string, string> {
  return { TMPDIR: directory, TEMP: directory, TMP: directory };
}

// The value of a flag looks like a file's name, but is not there.
function isPath(arg: string): boolean {
  try {
    return Deno.statSync(arg) !== null;
  } catch {
    return false;
  }
}

if (Deno.args.includes("--help")) console.log(HELP);
else Deno.exit(await runTests(Deno.args));

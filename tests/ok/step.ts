import { signalQuietly } from "../support/signal_quietly.ts";

/** One thing that has to be right. */
export interface Step {
  name: string;
  command: string[];
  env?: Record<string, string>;
  /** Where it runs; default the project's folder. */
  cwd?: string;
  /** Why it cannot be done on this machine; absent where it can. */
  leftOut?: string | undefined;
}

/** How many tests a step passed and failed; a step that is no test run counts as one. */
export interface StepCount {
  passed: number;
  failed: number;
  /** What it said of its failures; empty when there are none. */
  failures: string;
}

// Three times what the longest step takes on a slow machine; a test that waits for ever must not keep the
// result back.
const ENDS_WITHIN_MS = 30 * 60_000;
// For putting away what the step has started.
const TIDIES_WITHIN_MS = 30_000;
// Of each step that failed, so that the end of a long output tells of all of them.
const LONGEST_FAILURES = 4_000;

/** Runs a step, shows what it prints, and counts; one that does not end is ended, and has failed. */
export async function runStep(step: Step): Promise<StepCount> {
  console.log(`\n== ${step.name}`);
  if (step.leftOut !== undefined) {
    console.log(`left out: ${step.leftOut}`);
    return { passed: 0, failed: 0, failures: "" };
  }
  const [program = "", ...args] = step.command;
  const child = new Deno.Command(program, {
    args,
    cwd: step.cwd,
    env: { NO_COLOR: "1", ...step.env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const tooLong = new AbortController();
  const limit = endAfter(child, tooLong);
  const output: Output = { text: "" };
  await Promise.all([
    showAndKeep(child.stdout, Deno.stdout, output, tooLong.signal),
    showAndKeep(child.stderr, Deno.stderr, output, tooLong.signal),
  ]);
  const { success } = await child.status;
  limit.forEach(clearTimeout);
  return count(output.text, success);
}

// What the step has started may hold its output open: it is not read to its end then.
function endAfter(child: Deno.ChildProcess, tooLong: AbortController) {
  const end = () => {
    console.log(`\nnot over after ${ENDS_WITHIN_MS / 60_000} minutes: it is ended`);
    signalQuietly(child);
  };
  const kill = () => {
    signalQuietly(child, "SIGKILL");
    tooLong.abort();
  };
  return [setTimeout(end, ENDS_WITHIN_MS), setTimeout(kill, ENDS_WITHIN_MS + TIDIES_WITHIN_MS)];
}

/** What a step has printed, on whichever stream, in the order in which it came. */
interface Output {
  text: string;
}

async function showAndKeep(
  stream: ReadableStream<Uint8Array>,
  terminal: typeof Deno.stdout,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const decoder = new TextDecoder();
  const show = new WritableStream<Uint8Array>({
    write: async (chunk) => {
      output.text += decoder.decode(chunk, { stream: true });
      for (let rest = chunk; rest.length > 0;) rest = rest.subarray(await terminal.write(rest));
    },
  });
  await stream.pipeTo(show, { signal }).catch((error) => {
    if (!signal.aborted) throw error;
  });
}

/**
 * Deno closes with `ok | 3 passed (2 steps) | 0 failed`, and tells of what failed under ` ERRORS `; of another
 * program the end is what it said of its failure.
 */
export function count(output: string, success: boolean): StepCount {
  const totals = [...output.matchAll(/\| (\d+) passed.*?\| (\d+) failed/g)].at(-1);
  const [passed, failed] = totals ? [Number(totals[1]), Number(totals[2])] : [success ? 1 : 0, 0];
  if (success) return { passed, failed, failures: "" };
  const errors = output.lastIndexOf("\n ERRORS \n");
  const failures = errors < 0 ? output.slice(-LONGEST_FAILURES) : output.slice(errors);
  return { passed, failed: Math.max(failed, 1), failures: shortened(failures.trim()) };
}

// The beginning names the first failure and its cause, the end all that failed.
function shortened(text: string): string {
  if (text.length <= LONGEST_FAILURES) return text;
  return `${text.slice(0, LONGEST_FAILURES / 2)}\n…\n${text.slice(-LONGEST_FAILURES / 2)}`;
}

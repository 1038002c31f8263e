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
}

/** Runs a step, shows what it prints, and counts. */
export async function runStep(step: Step): Promise<StepCount> {
  console.log(`\n== ${step.name}`);
  if (step.leftOut !== undefined) {
    console.log(`left out: ${step.leftOut}`);
    return { passed: 0, failed: 0 };
  }
  const [program = "", ...args] = step.command;
  const child = new Deno.Command(program, {
    args,
    cwd: step.cwd,
    env: { NO_COLOR: "1", ...step.env },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const output = await showAndKeep(child.stdout);
  const { success } = await child.status;
  return count(output, success);
}

async function showAndKeep(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    await Deno.stdout.write(chunk);
    text += decoder.decode(chunk, { stream: true });
  }
  return text;
}

// Deno closes with `ok | 3 passed (2 steps) | 0 failed`.
function count(output: string, success: boolean): StepCount {
  const totals = [...output.matchAll(/\| (\d+) passed.*?\| (\d+) failed/g)].at(-1);
  const [passed, failed] = totals ? [Number(totals[1]), Number(totals[2])] : [success ? 1 : 0, 0];
  return { passed, failed: success ? failed : Math.max(failed, 1) };
}

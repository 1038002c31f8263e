import { fileURLToPath } from "node:url";
import { signalQuietly } from "../../support/signal_quietly.ts";

// Longer than anything that a test waits for takes on a busy machine.
const WRITES_WITHIN_MS = 120_000;
const COMMANDS = fileURLToPath(new URL("../../../supabase/local/commands/", import.meta.url));

/** A command that runs in a process of its own. */
export interface SpawnedCommand {
  readonly pid: number;
  /** Resolves once something it has written matches; ends it and fails when nothing does for minutes. */
  wrote(pattern: RegExp): Promise<RegExpExecArray>;
  signal(signal: Deno.Signal): void;
  /** Its end, and all that it wrote. */
  readonly ended: Promise<{ code: number; stdout: string; stderr: string }>;
}

/**
 * Runs a command, with nothing of our environment but what Deno needs, and `input` on its stdin: without
 * it there is nobody who answers.
 */
export function spawnCommand(
  name: string,
  args: string[],
  env: Record<string, string> = {},
  input?: string,
): SpawnedCommand {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", `${COMMANDS}${name}.ts`, ...args],
    // A folder without a .env that could be read.
    cwd: COMMANDS,
    env,
    stdin: input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  if (input !== undefined) writeAll(child, input);
  const output = { stdout: "", stderr: "" };
  const listeners = new Set<() => void>();
  const follow = async (stream: "stdout" | "stderr") => {
    for await (const text of child[stream].pipeThrough(new TextDecoderStream())) {
      output[stream] += text;
      listeners.forEach((listener) => listener());
    }
  };
  const ended = Promise.all([child.status, follow("stdout"), follow("stderr")])
    .then(([{ code }]) => ({ code, ...output }));
  const matched = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve) => {
      const look = () => {
        const match = pattern.exec(output.stdout + output.stderr);
        if (match) resolve(match);
      };
      listeners.add(look);
      look();
    });
  return {
    pid: child.pid,
    wrote: async (pattern) => {
      const timer = setTimeout(() => signalQuietly(child), WRITES_WITHIN_MS);
      try {
        return await Promise.race([
          matched(pattern),
          ended.then(() => Promise.reject(new Error(`No ${pattern} in: ${output.stderr}`))),
        ]);
      } finally {
        clearTimeout(timer);
      }
    },
    signal: (signal) => child.kill(signal),
    ended,
  };
}

async function writeAll(child: Deno.ChildProcess, text: string): Promise<void> {
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
}

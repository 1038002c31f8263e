import { TextLineStream } from "../text_line_stream.ts";
import { cpuMilliseconds } from "./cpu_milliseconds.ts";
import { functionEnvironment } from "./function_environment.ts";
import type { RunningFunction } from "./start_function.ts";

const LISTENING = /^function-host listening (\d+)$/;
const START_TIMEOUT_MS = 120_000;
// Longer than the host itself lets work go on.
const STOP_TIMEOUT_MS = 15_000;
const LOG_LINES_KEPT = 1_000;

// `detached` is newer than the oldest Deno that has to check this file.
type CommandOptions = Deno.CommandOptions & { detached?: boolean };

interface FunctionCommand {
  name: string;
  command: string;
  args: string[];
  env: Record<string, string>;
  onLog: (line: string) => void;
}

/** The process of one function, through all its restarts. */
export class FunctionProcess implements RunningFunction {
  readonly name: string;
  readonly logs: string[] = [];
  #child: Deno.ChildProcess | null = null;
  #ended: Promise<unknown> = Promise.resolve();
  #input: WritableStream<Uint8Array> | null = null;
  #port = 0;

  constructor(private readonly options: FunctionCommand) {
    this.name = options.name;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get pid(): number {
    if (!this.#child) throw new Error(`Function "${this.name}" has ended: call restart() first`);
    return this.#child.pid;
  }

  async restart(env?: Record<string, string>): Promise<void> {
    await this.stop();
    if (env) this.options.env = env;
    const child = this.#spawn();
    this.#child = child;
    this.#input = child.stdin;
    const listening = Promise.withResolvers<number>();
    const gone = child.status.then(({ code }) => {
      if (this.#child === child) this.#child = null;
      listening.reject(new Error(`it ended with code ${code}`));
    });
    this.#ended = Promise.all([
      gone,
      this.#follow(child.stdout, listening.resolve),
      this.#follow(child.stderr),
    ]);
    await this.#listening(listening.promise);
  }

  async cpuMilliseconds(): Promise<number> {
    return await cpuMilliseconds(this.pid);
  }

  async stop(): Promise<void> {
    // A function in an endless loop hears nothing of all this.
    const insist = setTimeout(() => this.#signal("SIGKILL"), STOP_TIMEOUT_MS);
    this.#signal("SIGTERM");
    await this.#endOfInput();
    await this.#ended;
    clearTimeout(insist);
  }

  async kill(): Promise<void> {
    this.#signal("SIGKILL");
    await this.#ended;
    await this.#endOfInput();
  }

  // Asks for the end on every system, also where there are no signals.
  async #endOfInput(): Promise<void> {
    await this.#input?.close().catch(() => {});
    this.#input = null;
  }

  #spawn(): Deno.ChildProcess {
    const options: CommandOptions = {
      args: this.options.args,
      clearEnv: true,
      env: functionEnvironment(this.options.env),
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      // Out of our process group: Ctrl-C must reach us only, so that the end is orderly.
      detached: true,
    };
    return new Deno.Command(this.options.command, options).spawn();
  }

  async #listening(port: Promise<number>): Promise<void> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error("it took too long")), START_TIMEOUT_MS);
    try {
      this.#port = await Promise.race([port, late.promise]);
    } catch (error) {
      await this.kill();
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(
        `Function "${this.name}" did not start: ${reason}. It wrote:\n${this.logs.join("\n")}`,
      );
    } finally {
      clearTimeout(timer);
    }
  }

  async #follow(
    output: ReadableStream<Uint8Array>,
    listens: (port: number) => void = () => {},
  ): Promise<void> {
    for await (const line of output.pipeThrough(new TextLineStream())) {
      const port = LISTENING.exec(line)?.[1];
      if (port) {
        listens(Number(port));
        continue;
      }
      this.logs.push(line);
      if (this.logs.length > LOG_LINES_KEPT) this.logs.shift();
      this.options.onLog(line);
    }
  }

  #signal(signal: Deno.Signal): void {
    try {
      this.#child?.kill(signal);
    } catch {
      // It has ended by itself.
    }
  }
}

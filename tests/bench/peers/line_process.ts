import { fileURLToPath } from "node:url";
import { cpuMilliseconds } from "../../../supabase/local/functions_host/cpu_milliseconds.ts";
import { TextLineStream } from "../../../supabase/local/text_line_stream.ts";

/** A module in a process of its own, under the Deno that runs us, spoken to line by line. */
export class LineProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: ReadableStreamDefaultReader<string>;

  /** `module` is a file beside this one. */
  constructor(module: string, args: string[]) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", fileURLToPath(new URL(module, import.meta.url)), ...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#lines = this.#child.stdout.pipeThrough(new TextLineStream()).getReader();
  }

  /** The next line that it writes. */
  async read(): Promise<string> {
    const { value } = await this.#lines.read();
    if (value !== undefined) return value;
    const { code } = await this.#child.status;
    throw new Error(`Cannot measure: a process ended with code ${code}`);
  }

  async write(line: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(line + "\n"));
  }

  /** User and system time so far, in ms. */
  cpuMs(): Promise<number> {
    return cpuMilliseconds(this.#child.pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input.close().catch(() => {});
    await this.#lines.cancel();
    await this.#child.status;
  }
}

const COUNT_EVERY_MS = 2_000;

/** Where a command's words go. */
export interface Terminal {
  /** Characters in a line; null when it is not a terminal. */
  readonly width: number | null;
  /** Lines for the reader. */
  say(text: string): void;
  /** Lines that report a fault, on stderr. */
  warn(text: string): void;
  /** What is going on: redrawn in place on a terminal, else a line when it has changed. */
  progress(text: string): void;
  /** The same for counts that grow all the time: off a terminal a line every few seconds is enough. */
  count(text: string): void;
  /** One line of JSON for a program; nothing where none is wanted. */
  result(value: unknown): void;
}

/** Opens the terminal; with `json`, stdout belongs to the results and all words go to stderr. */
export function openTerminal({ json }: { json: boolean }): Terminal {
  return new StandardTerminal(json);
}

class StandardTerminal implements Terminal {
  readonly width: number | null;
  readonly #stream: typeof Deno.stdout | typeof Deno.stderr;
  #progress = "";
  #countedAt = 0;

  constructor(private readonly json: boolean) {
    this.#stream = json ? Deno.stderr : Deno.stdout;
    this.width = this.#stream.isTerminal() ? Math.max(40, terminalWidth()) : null;
  }

  say(text: string): void {
    this.#clear();
    write(this.#stream, text + "\n");
  }

  warn(text: string): void {
    this.#clear();
    write(Deno.stderr, text + "\n");
  }

  progress(text: string): void {
    if (text === this.#progress) return;
    if (this.width === null) {
      if (text !== "") write(this.#stream, text + "\n");
    } else {
      this.#clear();
      write(this.#stream, text.slice(0, this.width - 1));
    }
    this.#progress = text;
  }

  count(text: string): void {
    if (this.width === null && Date.now() - this.#countedAt < COUNT_EVERY_MS) return;
    this.#countedAt = Date.now();
    this.progress(text);
  }

  result(value: unknown): void {
    if (this.json) write(Deno.stdout, JSON.stringify(value) + "\n");
  }

  #clear(): void {
    // Elsewhere it stands in a line of its own, and is not repeated after every other line.
    if (this.width === null) return;
    if (this.#progress !== "") write(this.#stream, "\r\x1b[K");
    this.#progress = "";
  }
}

function terminalWidth(): number {
  try {
    return Deno.consoleSize().columns;
  } catch {
    return 80;
  }
}

function write(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let written = 0; written < bytes.length;) {
    written += stream.writeSync(bytes.subarray(written));
  }
}

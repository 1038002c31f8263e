import { OutputClosed } from "./output_closed.ts";

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
  /** A page that takes the place of the one before; off a terminal they follow each other. */
  page(text: string): void;
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
    this.width = this.#stream.isTerminal() ? Math.max(40, terminalSize().columns) : null;
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

  page(text: string): void {
    if (this.width === null) return this.say(text);
    this.#clear();
    // What does not fit would scroll, and stay above the next page. Written over and not wiped first,
    // so that it does not flicker.
    const lines = text.split("\n").slice(0, terminalSize().rows - 1);
    write(this.#stream, `\x1b[H${lines.map((line) => `${line}\x1b[K\n`).join("")}\x1b[J`);
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

function terminalSize(): { columns: number; rows: number } {
  try {
    return Deno.consoleSize();
  } catch {
    return { columns: 80, rows: 24 };
  }
}

function write(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let written = 0; written < bytes.length;) {
      written += stream.writeSync(bytes.subarray(written));
    }
  } catch (cause) {
    if (!(cause instanceof Deno.errors.BrokenPipe)) throw cause;
    throw new OutputClosed("Nobody reads the output any more", { cause });
  }
}

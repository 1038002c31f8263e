import { readLedgerFile } from "./read_ledger_file.ts";
import type { Ring } from "./ring.ts";
import { ringLine } from "./ring_line.ts";

// Whole numbers, names, and addresses that let in whoever has them.
const OWNER_ONLY = 0o600;

/**
 * Every phone that rang, append-only and independent of any database. With a file each ring is
 * written before the call's reply is, so that it outlives a killed process.
 */
export class CallLedger {
  readonly #rings: Ring[];
  readonly #byNumber = new Map<string, Ring[]>();
  readonly #file: Deno.FsFile | null;

  constructor(path?: string | URL) {
    this.#rings = path === undefined ? [] : readLedgerFile(path);
    this.#file = path === undefined ? null : openForAppend(path);
    for (const ring of this.#rings) this.#index(ring);
  }

  /** How many times any phone rang. */
  get count(): number {
    return this.#rings.length;
  }

  /** All rings, oldest first. */
  rings(): readonly Ring[] {
    return [...this.#rings];
  }

  /** The rings of each number that rang, in the order of the first one. */
  ringsByNumber(): ReadonlyMap<string, readonly Ring[]> {
    return new Map([...this.#byNumber].map(([number, rings]) => [number, [...rings]]));
  }

  /** The rings of one number, oldest first. */
  ringsTo(toNumber: string): readonly Ring[] {
    return [...this.#byNumber.get(toNumber) ?? []];
  }

  /** The numbers that rang more than once. */
  numbersRungTwice(): string[] {
    return [...this.#byNumber].filter(([, rings]) => rings.length > 1).map(([number]) => number);
  }

  /** Enters a ring; called by the simulator at the moment when it places the call. */
  enter(ring: Omit<Ring, "ordinal">): Ring {
    const entered = Object.freeze({
      ...ring,
      ordinal: (this.#rings.at(-1)?.ordinal ?? 0) + 1,
    });
    if (this.#file) writeWhole(this.#file, new TextEncoder().encode(ringLine(entered)));
    this.#rings.push(entered);
    this.#index(entered);
    return entered;
  }

  /** Closes the file; what was entered stays readable. */
  close(): void {
    this.#file?.close();
  }

  #index(ring: Ring): void {
    const rings = this.#byNumber.get(ring.toNumber);
    if (rings) rings.push(ring);
    else this.#byNumber.set(ring.toNumber, [ring]);
  }
}

function openForAppend(path: string | URL): Deno.FsFile {
  const file = Deno.openSync(path, { append: true, create: true, read: true, mode: OWNER_ONLY });
  // One that is there keeps its mode.
  if (((file.statSync().mode ?? 0) & 0o077) !== 0) Deno.chmodSync(path, OWNER_ONLY);
  // A process killed in the middle of a line left it open; the next ring must not continue it.
  if (endsInMidLine(file)) writeWhole(file, new TextEncoder().encode("\n"));
  return file;
}

function endsInMidLine(file: Deno.FsFile): boolean {
  if (file.statSync().size === 0) return false;
  file.seekSync(-1, Deno.SeekMode.End);
  const last = new Uint8Array(1);
  file.readSync(last);
  return last[0] !== 0x0a;
}

function writeWhole(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) {
    written += file.writeSync(bytes.subarray(written));
  }
}

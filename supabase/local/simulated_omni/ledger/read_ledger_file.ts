import type { Ring } from "./ring.ts";

/**
 * The rings in a ledger's file, oldest first; none when there is no such file. It may be read while
 * a simulator in another process appends to it, or after that process was killed.
 */
export function readLedgerFile(path: string | URL): Ring[] {
  return textOf(path).split("\n").flatMap((line) => ringOf(line) ?? []);
}

function textOf(path: string | URL): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

function ringOf(line: string): Ring | null {
  try {
    const written = JSON.parse(line) as Omit<Ring, "body">;
    return { ...written, body: JSON.parse(written.rawBody) as Ring["body"] };
  } catch {
    // What follows the last line feed, or a line torn by a kill: no ring was wholly entered.
    return null;
  }
}

import process from "node:process";
import { createInterface } from "node:readline/promises";

/**
 * Asks on stderr and reads one line of stdin, in small letters; empty when there is none, or when
 * `stopped` comes first.
 */
export async function askLine(question: string, stopped?: AbortSignal): Promise<string> {
  // Not as a terminal: readline would take Ctrl-C for itself.
  const lines = createInterface({
    input: process.stdin,
    output: process.stderr,
    terminal: false,
  });
  try {
    const answer = await Promise.race([
      lines.question(question, stopped === undefined ? {} : { signal: stopped }),
      new Promise<string>((resolve) => lines.once("close", () => resolve(""))),
    ]);
    return answer.trim().toLowerCase();
  } catch {
    return "";
  } finally {
    lines.close();
  }
}

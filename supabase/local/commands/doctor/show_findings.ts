import { type Colours, coloursFor } from "../colours.ts";
import type { Terminal } from "../terminal.ts";
import type { Finding } from "./examine.ts";

const WIDEST_NAME = 13;

/** Prints the list, a line each, and what it comes to. */
export function showFindings(findings: Finding[], terminal: Terminal): void {
  const colours = coloursFor(terminal);
  for (const { check, state, says } of findings) {
    const told = state === "not_checked" ? colours.dim(`not checked: ${says}`) : says;
    terminal.say(`${mark(state, colours)} ${check.padEnd(WIDEST_NAME)} ${told}`);
  }
  const count = (state: Finding["state"]) => findings.filter((one) => one.state === state).length;
  terminal.say(
    `${number(count("fault"), "fault")}, ${number(count("warning"), "warning")}; ` +
      `${count("ok")} ok, ${count("not_checked")} not checked.`,
  );
}

function mark(state: Finding["state"], { dim, green, red, yellow }: Colours): string {
  if (state === "ok") return green("ok     ");
  if (state === "warning") return yellow("warning");
  return state === "fault" ? red("fault  ") : dim("-      ");
}

function number(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

import { maskNumber } from "../../../functions/call-dispatch/mask_number.ts";
import type { Sql } from "../../postgres/connect.ts";
import { renderTable } from "../render_table.ts";
import type { Terminal } from "../terminal.ts";
import { describeRun } from "./describe_run.ts";
import type { DispatchRun } from "./read_runs.ts";
import { type RunLine, runLines } from "./run_lines.ts";
import { shareLines } from "./share_lines.ts";
import { untouchedLines } from "./untouched_lines.ts";

const MOST_LINES = 50;
const HEAD = ["Name", "Number", "Stage", "Result", "Reason"];

/** What to show, and where. */
export interface ShowRunOptions {
  sql: Sql;
  terminal: Pick<Terminal, "say" | "width">;
  /** Also those whom the run had no reason to look at. */
  everybody: boolean;
}

/** Tells what a run came to: a sentence, and a table of who was called, who not and why. */
export async function showRun(run: DispatchRun, options: ShowRunOptions): Promise<void> {
  const { sql, terminal, everybody } = options;
  const { called, notCalled } = await runLines(sql, run, MOST_LINES);
  const untouched = everybody
    ? await untouchedLines(sql, run, MOST_LINES)
    : { lines: [], total: 0 };
  terminal.say(describeRun(run));
  const lists = [called, notCalled, untouched];
  const shares = shareLines(lists.map(({ lines }) => lines.length), MOST_LINES);
  const shown = lists.flatMap(({ lines }, index) => lines.slice(0, shares[index]));
  if (shown.length === 0) return;
  terminal.say(renderTable(HEAD, shown.map(toCells), terminal.width));
  const total = lists.reduce((sum, list) => sum + list.total, 0);
  if (total > shown.length) {
    terminal.say(
      `… and ${total - shown.length} more: of ${total}, ${called.total} were called, ` +
        `${notCalled.total + untouched.total} were not`,
    );
  }
}

function toCells({ name, phone, stage, result, reason }: RunLine): string[] {
  return [name ?? "", maskNumber(phone?.trim() ?? ""), stage, result, reason ?? ""];
}

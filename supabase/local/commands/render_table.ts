import Table from "cli-table3";
import { printable } from "./printable.ts";

const WIDEST_CELL = 40;
const NARROWEST_LAST_CELL = 20;

/** A table for the terminal. The last column takes the width that is left and wraps in it. */
export function renderTable(head: string[], rows: string[][], width: number | null): string {
  const cells = rows.map((row) =>
    row.map((cell, index) => printable(cell, index === head.length - 1 ? 300 : WIDEST_CELL))
  );
  const table = new Table({
    head,
    style: { head: [], border: [], compact: true },
    wordWrap: true,
    ...(width === null ? {} : { colWidths: columnWidths(head, cells, width) }),
  });
  table.push(...cells);
  return table.toString();
}

// Only the last is given: the others are as wide as what is in them.
function columnWidths(head: string[], cells: string[][], width: number): (number | null)[] {
  const last = head.length - 1;
  const widest = (index: number) =>
    Math.max(...[head, ...cells].map((row) => displayWidth(row[index] ?? "")));
  const others = head.slice(0, last).map((_, index) => widest(index) + 2);
  const left = width - others.reduce((sum, column) => sum + column + 1, 0) - 2;
  const wanted = widest(last) + 2;
  return [...others.map(() => null), Math.max(NARROWEST_LAST_CELL, Math.min(wanted, left))];
}

// East Asian characters and emoji take two places.
function displayWidth(text: string): number {
  return [...text].reduce(
    (sum, character) => sum + (/[\u1100-\u{3ffff}]/u.test(character) ? 2 : 1),
    0,
  );
}

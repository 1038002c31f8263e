import { printable } from "../printable.ts";
import { renderTable } from "../render_table.ts";
import type { Terminal } from "../terminal.ts";
import type { AppTable } from "./app_tables.ts";
import type { Findings } from "./find_out.ts";

/** Tells what was found, in the order in which it is read: what is there, what comes, who is called. */
export function showFindings(findings: Findings, terminal: Terminal): void {
  const { tables, migrations, problems, warnings } = findings;
  terminal.say(`Migrations: ${migrations.applied} applied, ${migrations.pending} pending`);
  if (tables.length === 0) terminal.say("No leads and no follow_ups: they will be made.");
  for (const table of tables) showTable(table, terminal);
  for (const { column, counts } of findings.words_in_use) {
    const said = counts === null
      ? "not counted within 5 s"
      : counts.map(({ word, rows }) => `${printable(word)} ${rows}`).join(", ") || "no rows";
    terminal.say(`In use, ${column}: ${said}`);
  }
  showAdditions(findings, terminal);
  showFirstRun(findings, terminal);
  if (warnings.length > 0) terminal.say("\nTo know:");
  for (const warning of warnings) terminal.say(`- ${warning}`);
  if (problems.length === 0) return terminal.say("\nNothing has to be mended: push when you like.");
  terminal.say("\nTo mend before the push:");
  for (const { problem, mend } of problems) terminal.say(`- ${problem}\n  ${mend}`);
}

function showTable(table: AppTable, terminal: Terminal): void {
  const rows = table.rows_estimated === null
    ? "rows never counted"
    : `about ${table.rows_estimated} rows`;
  const security = table.row_level_security
    ? `row level security on, ${table.policies} policies`
    : "row level security off";
  terminal.say(`\npublic.${table.name}: ${rows}, ${security}`);
  terminal.say(renderTable(
    ["Column", "Type", "May be empty", "Default", "Words"],
    table.columns.map((column) => [
      column.name,
      column.type,
      column.required ? "no" : "yes",
      column.has_default ? "yes" : "none",
      column.words?.join(", ") ?? "",
    ]),
    terminal.width,
  ));
  const lists = {
    "Triggers": table.triggers.map(({ name }) => name),
    "Foreign keys": table.foreign_keys,
    "Checks": table.checks,
    "Unique": table.unique.map(({ name }) => name),
  };
  for (const [what, names] of Object.entries(lists)) {
    if (names.length > 0) terminal.say(`${what}: ${names.join("; ")}`);
  }
}

function showAdditions({ adds, untouched }: Findings, terminal: Terminal): void {
  terminal.say("\nThe migrations add:");
  for (const [what, names] of Object.entries(adds)) {
    if (names.length > 0) terminal.say(`- ${what}: ${names.join(", ")}`);
  }
  terminal.say(
    "They drop and retype nothing, and change no row, no policy and no grant of the app's roles. The comments " +
      "on both tables and their columns become ours.",
  );
  if (untouched.length > 0) terminal.say(`Never read, never written: ${untouched.join(", ")}`);
}

function showFirstRun({ first_run: run }: Findings, terminal: Terminal): void {
  if (run === null) {
    return terminal.say(
      "\nThe first run: not counted within 5 s; pause before you push, then ask ?dry_run=1",
    );
  }
  terminal.say(
    `\nThe first run would call about ${run.phones} phones: ${run.seeded} leads never called, ${run.due} with a ` +
      "follow-up that is due.",
  );
  terminal.say(
    "An estimate: before numbers are read, and hours, stop list and budget are asked. The dry run knows.",
  );
  if (run.expired > 0) {
    terminal.say(
      `${run.expired} more are due for over 30 days and would be failed as expired, not called.`,
    );
  }
  if (run.left_to_other_channels > 0) {
    terminal.say(
      `${run.left_to_other_channels} leads never called are not seeded: a follow-up of another channel stands.`,
    );
  }
}

import type { Colours } from "../colours.ts";
import { describeAge } from "../operator/describe_age.ts";
import { utcMinute } from "../operator/utc_minute.ts";
import { printable } from "../printable.ts";
import { renderTable } from "../render_table.ts";
import type { CallStatus } from "./call_status.ts";
import { describeOtherColumns } from "./describe_other_columns.ts";
import type { QueuedCall } from "./read_queue.ts";
import type { LastRun } from "./read_last_runs.ts";
import type { Status } from "./read_status.ts";

/** How to write the page. */
export interface PageOptions {
  colours: Colours;
  /** Characters in a line; null = as many as it takes. */
  width: number | null;
}

/** The page for a reader, without a line feed at its end. */
export function describeStatus(read: Status, { colours, width }: PageOptions): string {
  const { at, status } = read;
  const label = (text: string) => colours.dim(text.padEnd(10));
  return [
    `${verdict(status, colours)} ${colours.dim(`At ${utcMinute(at)}`)}`,
    ...status.warnings.map((warning) => colours.yellow(`  ! ${printable(warning)}`)),
    "",
    label("Schedule") + describeTick(status, at, colours),
    label("Calls") + describeCalls(status),
    label("Due") + describeDue(status, at),
    label("Limits") + describeLimits(status),
    ...describeOmni(status, at).map((line) => label("Omni") + line),
    // Those that go on are among the warnings.
    ...status.incidents.filter((incident) => !status.warnings.includes(incident))
      .map((incident) => label("Incident") + printable(incident)),
    ...describeOtherColumns(status).map((line) => label("Also") + line),
    "",
    describeQueue(read.queue, width),
    describeRuns(read.runs, width),
  ].join("\n");
}

function verdict({ warnings }: CallStatus, { bold, green, yellow }: Colours): string {
  if (warnings.length === 0) return bold(green("All is well."));
  return bold(yellow(warnings.length === 1 ? "1 warning:" : `${warnings.length} warnings:`));
}

function describeTick(status: CallStatus, at: Date, { green, red }: Colours): string {
  const { last_tick_at, last_tick_did, tick_is_late } = status;
  if (last_tick_at === null) return red("has never ticked");
  const colour = tick_is_late ? red : green;
  const age = describeAge(at.getTime() - last_tick_at.getTime());
  return `${colour(`last tick ${age} ago`)}: ${last_tick_did ?? ""}`;
}

function describeCalls(status: CallStatus): string {
  const { live_calls, unknown_calls, called_today, failed_today, free_slots } = status;
  const lines = free_slots === null ? "no limit of lines" : `${free_slots} lines free`;
  return `${live_calls} live, ${unknown_calls} unknown, ${lines}; ` +
    `today ${called_today} called, ${failed_today} given up`;
}

function describeDue({ due_now, oldest_due_at, under_way }: CallStatus, at: Date): string {
  const oldest = oldest_due_at === null
    ? ""
    : `, the oldest for ${describeAge(at.getTime() - oldest_due_at.getTime())}`;
  return `${due_now} now${oldest}; ${under_way} ${under_way === 1 ? "run" : "runs"} under way`;
}

function describeLimits(status: CallStatus): string {
  const { calls_left, spent_today, spent_this_month, omni_currency } = status;
  const left = calls_left === null ? "no limit of calls" : `${calls_left} calls left`;
  if (spent_today === null && spent_this_month === null) return left;
  const currency = omni_currency === null ? "" : ` ${omni_currency}`;
  return `${left}; spent ${spent_today}${currency} today, ${spent_this_month}${currency} this month`;
}

function describeOmni(status: CallStatus, at: Date): string[] {
  const { omni_told_at, omni_lines_available, omni_lines_limit, omni_balance } = status;
  if (omni_told_at === null) return [];
  const told = [
    omni_lines_available === null
      ? null
      : `${omni_lines_available} of ${omni_lines_limit ?? "?"} lines available`,
    omni_balance === null ? null : `balance ${omni_balance} ${status.omni_currency ?? ""}`.trim(),
  ].filter((part) => part !== null);
  if (told.length === 0) return [];
  return [`${told.join(", ")}, as told ${describeAge(at.getTime() - omni_told_at.getTime())} ago`];
}

function describeQueue(queue: QueuedCall[], width: number | null): string {
  if (queue.length === 0) return "Nobody is waiting to be called.";
  const rows = queue.map((call) => [
    printable(call.customer_name ?? "") || "(no name)",
    call.phone ?? "no number",
    call.source,
    call.next_allowed_at === null ? "" : utcMinute(call.next_allowed_at),
    call.waits_for,
  ]);
  return renderTable(["Next", "Number", "Source", "Not before", "Waits for"], rows, width);
}

function describeRuns(runs: LastRun[], width: number | null): string {
  if (runs.length === 0) return "No run has been made.";
  const rows = runs.map((run) => [
    utcMinute(run.started_at),
    run.source,
    String(run.accepted),
    String(run.skipped + run.failed),
    String(run.not_sent + run.postponed),
    String(run.unknown),
    [run.stop_reason ?? "under way, or died", run.error].filter(Boolean).join(": "),
  ]);
  const head = ["Run", "Source", "Called", "Dropped", "Put off", "Unknown", "Ended"];
  return renderTable(head, rows, width);
}

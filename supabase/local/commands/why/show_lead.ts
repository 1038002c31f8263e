import { utcMinute } from "../operator/utc_minute.ts";
import { printable } from "../printable.ts";
import { renderTable } from "../render_table.ts";
import type { Terminal } from "../terminal.ts";
import type { Answer } from "./answer.ts";
import type { ExplainedLead } from "./explain_lead.ts";

/** Tells of one lead. */
export function showLead(lead: ExplainedLead, terminal: Terminal): void {
  const name = printable(lead.customer_name ?? "") || "(no name)";
  terminal.say(
    `\n${name}, ${lead.phone ?? "no number"}, stage ${printable(lead.stage)}, lead ${lead.lead_id}`,
  );
  terminal.say(renderTable(["About", "Due", "Until", "Answer"], [
    ["the lead itself", "", ...describe(lead, "May be called")],
    ...lead.follow_ups.map((followUp) => [
      `follow-up, ${followUp.source}`,
      utcMinute(followUp.due_at),
      ...describe(followUp, "The next run calls"),
    ]),
  ], terminal.width));
  if (lead.follow_ups.length === 0) terminal.say("No follow-up is open.");
  showAttempts(lead, terminal);
}

function describe({ reason, until }: Answer, otherwise: string): [string, string] {
  return [until === null ? "" : utcMinute(until), reason ?? otherwise];
}

function showAttempts({ attempts }: ExplainedLead, terminal: Terminal): void {
  if (attempts.length === 0) return terminal.say("No attempt has been made.");
  const rows = attempts.map(({ opened_at, status, outcome, error }) => [
    utcMinute(opened_at),
    status,
    outcome ?? "",
    error ?? "",
  ]);
  terminal.say(renderTable(["Attempt", "Status", "Outcome", "Error"], rows, terminal.width));
}

import { utcMinute } from "../operator/utc_minute.ts";
import { renderTable } from "../render_table.ts";
import type { Terminal } from "../terminal.ts";
import type { ShadowReport } from "./shadow_report.ts";

const MEANINGS: [string, string][] = [
  ["both", "Both would have called, or did"],
  ["only_us", "We would have called, the other did not"],
  ["not_yet", "We would have called within the last 30 minutes; the other may still"],
  ["only_them", "The other called, we would not have"],
  ["not_judged", "The other called; nothing was decided here"],
  ["neither", "Neither"],
];

/** Tells how the two dispatchers compare, and on whom they differ. */
export function showShadowReport(report: ShadowReport, terminal: Terminal): void {
  const { is_on, since, verdicts, might_call_again, differences } = report;
  terminal.say(`Shadow mode is ${is_on ? "on" : "off"}, and was begun ${utcMinute(since)}`);
  terminal.say(renderTable(
    ["Verdict", "Number", "Meaning"],
    MEANINGS.map(([verdict, meaning]) => [verdict, String(verdicts[verdict] ?? 0), meaning]),
    terminal.width,
  ));
  if (might_call_again > 0) {
    terminal.say(
      `${might_call_again} whom only we would have called bear marks of an earlier call: look at them before ` +
        "you go live, or they may be called a second time.",
    );
  }
  if (differences.length === 0) return terminal.say("No difference.");
  terminal.say(renderTable(
    ["Verdict", "Lead", "The other", "Why we would not, or what is open"],
    differences.map(({ verdict, lead_id, other_did, reason }) => [
      verdict,
      lead_id,
      other_did ?? "did nothing",
      reason ?? "",
    ]),
    terminal.width,
  ));
}

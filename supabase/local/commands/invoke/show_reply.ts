import { z } from "zod";
import { utcMinute } from "../operator/utc_minute.ts";
import { renderTable } from "../render_table.ts";
import type { Terminal } from "../terminal.ts";
import type { InvokeReply } from "./invoke_function.ts";

const line = z.looseObject({
  lead_id: z.string(),
  due_at: z.string().transform((text) => new Date(text)).pipe(z.date()),
  phone: z.string(),
  reason: z.string().optional(),
  only_paused: z.literal(true).optional(),
});

const preview = z.looseObject({
  at: z.iso.datetime().optional(),
  would_call: z.array(line),
  would_not_call: z.array(line),
});

const summary = z.looseObject({
  run_id: z.string(),
  accepted: z.int(),
  skipped: z.int(),
  failed: z.int(),
  postponed: z.int(),
  not_sent: z.int(),
  unknown: z.int(),
  remaining: z.int(),
  stop_reason: z.string(),
  error: z.string().nullable(),
  duration_ms: z.number(),
});

const begun = z.looseObject({ ok: z.literal(true), run_id: z.string() });

const refusal = z.looseObject({
  error: z.string().nullish(),
  message: z.string().nullish(),
  faults: z.array(z.string()).default([]),
});

/** Tells what the function replied, whatever it is. */
export function showReply({ httpStatus, body }: InvokeReply, terminal: Terminal): void {
  const previewed = preview.safeParse(body);
  if (previewed.success) return showPreview(previewed.data, terminal);
  const ended = summary.safeParse(body);
  if (ended.success) return terminal.say(describeSummary(ended.data));
  const started = begun.safeParse(body);
  if (started.success) {
    return terminal.say(`Run ${started.data.run_id} is under way: its row in dispatch_runs grows`);
  }
  terminal.warn(describeRefusal(httpStatus, body));
}

function showPreview(
  { at, would_call, would_not_call }: z.infer<typeof preview>,
  terminal: Terminal,
): void {
  const when = at === undefined ? "now" : `at ${utcMinute(new Date(at))}`;
  // Who looks while all is paused wants to know whom the engine would call: the pause is told once.
  const held = would_not_call.filter(({ only_paused }) => only_paused);
  const called = [...would_call, ...held];
  const others = would_not_call.filter(({ only_paused }) => !only_paused);
  const would = held.length > 0 ? "Paused. Without the pause it would call" : "Would call";
  terminal.say(`${would} ${called.length} ${when}, and not ${others.length} others.`);
  const rows = [
    ...called.map((row) => ["call", row.phone, utcMinute(row.due_at), row.lead_id, ""]),
    ...others.map((
      row,
    ) => ["not", row.phone, utcMinute(row.due_at), row.lead_id, row.reason ?? ""]),
  ];
  if (rows.length === 0) return;
  terminal.say(renderTable(["Would", "Number", "Due", "Lead", "Reason"], rows, terminal.width));
}

function describeSummary(run: z.infer<typeof summary>): string {
  return `Run ${run.run_id}, ${(run.duration_ms / 1_000).toFixed(1)} s: ${run.accepted} called, ` +
    `${run.skipped} skipped, ${run.failed} failed, ${run.postponed} postponed, ` +
    `${run.not_sent} not sent, ${run.unknown} unknown, ${run.remaining} still due. ` +
    `Stopped: ${run.stop_reason}${run.error === null ? "" : `. ${run.error}`}`;
}

function describeRefusal(httpStatus: number, body: unknown): string {
  const said = refusal.safeParse(body);
  const text = said.success ? said.data.error ?? said.data.message ?? "" : "";
  const faults = said.success ? said.data.faults.map((fault) => `\n  ${fault}`).join("") : "";
  if (httpStatus === 0) return text;
  if (httpStatus === 401) {
    return "Not let in (HTTP 401): CRON_JOB_SECRET has to be the one that the function has; without " +
      "one there, the project's secret key is asked for";
  }
  if (httpStatus === 404) {
    return `There is no function call-dispatch here (HTTP 404): deploy it first. ${text}`.trim();
  }
  return `The function refused (HTTP ${httpStatus}): ${text || "no reason given"}${faults}`;
}

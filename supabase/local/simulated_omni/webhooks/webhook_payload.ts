import { agentName } from "../calls/agent_name.ts";
import type { CallRecord } from "../calls/call_record.ts";
import { recordingUrl } from "../calls/recording_url.ts";
import { spellStatus } from "../calls/spell_status.ts";
import { wasAnswered } from "../calls/was_answered.ts";
import { callReport } from "./call_report.ts";
import type { WebhookManner } from "./webhook_manner.ts";
import { webhookTime } from "./webhook_time.ts";

/** What does not depend on the call. */
export interface PayloadContext {
  readonly agentId: number;
  /** IANA name. */
  readonly timeZone: string;
}

/** What a webhook tells of a call, as JSON to be sent. */
export function webhookPayload(
  call: CallRecord,
  manner: WebhookManner,
  context: PayloadContext,
): string {
  const common = commonKeys(call, manner, context);
  const payload = manner.legacy
    ? { ...common, user_email: "owner@account.invalid" }
    : { ...common, ...newerKeys(call, manner, context) };
  const said = withAbsent(payload, manner.absentAs);
  return JSON.stringify(manner.wrapped ? { body: said } : said);
}

/** The keys that payloads of every age have. An absent value is undefined. */
function commonKeys(call: CallRecord, { absentAs }: WebhookManner, context: PayloadContext) {
  const customer = call.direction === "inbound" ? call.fromNumber : call.toNumber;
  return {
    call_id: call.callId,
    bot_id: context.agentId,
    bot_name: agentName,
    phone_number: customer ?? undefined,
    call_date: webhookTime(call.startedAtMs, context.timeZone),
    call_report: withAbsent(callReport(call), absentAs),
  };
}

function newerKeys(call: CallRecord, manner: WebhookManner, { timeZone }: PayloadContext) {
  return {
    call_request_id: requestIdOf(call, manner.requestIdAs),
    to_number: call.toNumber ?? undefined,
    from_number: call.fromNumber ?? undefined,
    call_direction: call.direction,
    start_time: webhookTime(call.startedAtMs, timeZone),
    end_time: webhookTime(call.endedAtMs, timeZone),
    call_duration: call.durationSeconds,
    call_status: spellStatus(call.status, manner.spelling),
    hangup_source: wasAnswered(call.status) ? "customer" : undefined,
    recording_url: recordingUrl(call),
    ...(manner.withMetadata && { metadata: call.ring?.body.metadata }),
  };
}

function requestIdOf({ requestId }: CallRecord, form: WebhookManner["requestIdAs"]) {
  if (requestId === null || form === "false") return false;
  return form === "object" ? { id: requestId, type_of_request: "Call" } : requestId;
}

/** Says what is absent in the sender's way; JSON leaves undefined out by itself. */
function withAbsent(
  values: Readonly<Record<string, unknown>>,
  absentAs: WebhookManner["absentAs"],
): Record<string, unknown> {
  const absent = { false: false, null: null, omitted: undefined }[absentAs];
  const entries = Object.entries(values);
  return Object.fromEntries(entries.map(([key, value]) => [key, value ?? absent]));
}

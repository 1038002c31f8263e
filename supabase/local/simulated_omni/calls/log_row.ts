import { agentName } from "./agent_name.ts";
import type { CallRecord } from "./call_record.ts";
import { logTime } from "./log_time.ts";
import type { OmniSettings } from "../omni_settings.ts";
import { recordingUrl } from "./recording_url.ts";
import { spellStatus } from "./spell_status.ts";
import { wasAnswered } from "./was_answered.ts";

/** One row of the call log, as sent. Absent values are `false`, not null. */
export type LogRow = Readonly<Record<string, unknown>> & { readonly id: number };

/** A call as the log's row number `copy`, from 0, of that call. */
export function logRow(call: CallRecord, copy: number, settings: OmniSettings): LogRow {
  const isAnswered = wasAnswered(call.status);
  return {
    id: call.callId + copy,
    call_request_id: requestIdOf(call, settings),
    bot_name: agentName,
    to_number: call.toNumber ?? false,
    from_number: call.fromNumber ?? false,
    call_direction: call.direction,
    call_status: spellStatus(call.status, settings.statusSpelling),
    time_of_call: logTime(call.startedAtMs, settings.logTimeZone),
    call_duration_in_seconds: call.durationSeconds,
    recording_url: recordingUrl(call) ?? false,
    is_voicemail: call.status === "voicemail_detected",
    hangup_reason: isAnswered && "customer_hangup",
    sentiment_score: call.talk.sentiment ?? false,
    extracted_variables: isAnswered && (call.talk.extractedVariables ?? {}),
    call_cost: isAnswered && call.durationSeconds / 1000,
  };
}

function requestIdOf({ requestId }: CallRecord, { logRequestId }: OmniSettings) {
  return logRequestId && requestId !== null
    ? { id: requestId, type_of_request: "Call" }
    : { id: false, type_of_request: false };
}

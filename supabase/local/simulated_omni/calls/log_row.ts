import type { EndedCall } from "./ended_call.ts";
import { logTime } from "./log_time.ts";
import type { OmniSettings } from "../omni_settings.ts";
import { spellStatus } from "./spell_status.ts";

/** One row of the call log, as sent. Absent values are `false`, not null. */
export type LogRow = Readonly<Record<string, unknown>> & { readonly id: number };

/** An ended call as the log's row number `copy`, from 0, of that call. */
export function logRow(call: EndedCall, copy: number, settings: OmniSettings): LogRow {
  const wasAnswered = call.durationSeconds > 0;
  return {
    id: call.callId + copy,
    call_request_id: { id: call.ring.requestId, type_of_request: "Call" },
    bot_name: "Simulated agent",
    to_number: call.ring.toNumber,
    from_number: "+15550100000",
    call_direction: "outbound",
    call_status: spellStatus(call.status, settings.statusSpelling),
    time_of_call: logTime(call.startedAtMs, settings.logTimeZone),
    call_duration_in_seconds: call.durationSeconds,
    recording_url: wasAnswered && `https://recordings.invalid/${call.callId}.mp3`,
    is_voicemail: call.status === "voicemail_detected",
    hangup_reason: wasAnswered && "customer_hangup",
    sentiment_score: wasAnswered && "Neutral",
    extracted_variables: wasAnswered && {},
    call_cost: wasAnswered && call.durationSeconds / 1000,
  };
}

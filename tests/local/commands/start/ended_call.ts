import type { EndedCall } from "../../../../supabase/local/commands/start/read_ended_calls.ts";

/** A call that was completed and is followed by nothing, unless something else is said. */
export function endedCall(told: Partial<EndedCall> = {}): EndedCall {
  return {
    attempt_id: "00000000-0000-4000-8000-00000000000a",
    lead_id: "00000000-0000-4000-8000-000000000001",
    name: "Ana Flores",
    to_number: "+12125550142",
    ended_at: new Date(2026, 10, 22, 17, 50, 31),
    outcome: "completed",
    is_terminal: true,
    duration_seconds: 80,
    reported_by: "webhook",
    callback_text: null,
    callback_status: null,
    recall_at: null,
    recall_local: null,
    zone: "America/Chicago",
    ...told,
  };
}

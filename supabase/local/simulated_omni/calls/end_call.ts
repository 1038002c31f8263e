import type { CallStatus } from "./call_status.ts";
import type { EndedCall } from "./ended_call.ts";
import type { OmniSettings } from "../omni_settings.ts";
import { ownNumber } from "./own_number.ts";
import type { RunningCall } from "./running_call.ts";
import { wasAnswered } from "./was_answered.ts";

/** What a call has become that ends now with this status. */
export function endCall(
  call: RunningCall,
  status: CallStatus,
  settings: OmniSettings,
): EndedCall {
  const { callId, ring, startedAtMs } = call;
  const endedAtMs = Date.now();
  const isAnswered = wasAnswered(status);
  return {
    callId,
    ring,
    requestId: ring.requestId,
    direction: "outbound",
    toNumber: ring.toNumber,
    fromNumber: ownNumber,
    status,
    startedAtMs,
    endedAtMs,
    durationSeconds: isAnswered ? secondsOf(call, endedAtMs, settings) : 0,
    talk: isAnswered ? settings.talk(ring, status) : {},
  };
}

function secondsOf(call: RunningCall, endedAtMs: number, { timeFactor }: OmniSettings): number {
  // A call without an end of its own has lasted until now.
  const lastedMs = Number.isFinite(call.durationMs)
    ? call.durationMs
    : (endedAtMs - call.startedAtMs) * timeFactor;
  return Math.round(lastedMs / 1000);
}

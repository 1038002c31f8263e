import type { CallRecord } from "./call_record.ts";
import type { Talk } from "./talk.ts";

/**
 * The record of a chat with the agent. That the webhook fires for chats is documented, what it then
 * says is not: `call_direction: "chat"` and absent numbers are a guess that receivers must survive.
 */
export function chatRecord(callId: number, talk: Talk): CallRecord {
  const nowMs = Date.now();
  return {
    callId,
    ring: null,
    requestId: null,
    direction: "chat",
    toNumber: null,
    fromNumber: null,
    status: "completed",
    startedAtMs: nowMs,
    endedAtMs: nowMs,
    durationSeconds: 0,
    talk,
  };
}

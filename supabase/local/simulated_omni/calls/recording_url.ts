import type { CallRecord } from "./call_record.ts";
import { wasAnswered } from "./was_answered.ts";

/** Where a call can be listened to; undefined when there is nothing to hear. */
export function recordingUrl({ callId, direction, status }: CallRecord): string | undefined {
  const isRecorded = direction !== "chat" && wasAnswered(status);
  return isRecorded ? `https://recordings.invalid/${callId}.mp3` : undefined;
}

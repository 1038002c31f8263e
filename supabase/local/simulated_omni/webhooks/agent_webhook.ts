import type { CallStatus } from "../calls/call_status.ts";

/** The post-call webhook that an agent was given in the provider's own settings. */
export interface AgentWebhook {
  readonly url: string;
  /** Absent: completed and voicemail_detected, which leaves unanswered calls silent. */
  readonly triggerCallStatuses?: readonly CallStatus[];
}

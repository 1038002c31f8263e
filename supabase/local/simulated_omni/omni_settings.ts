import type { AgentWebhook } from "./webhooks/agent_webhook.ts";
import type { CallRecord } from "./calls/call_record.ts";
import type { CallStatus } from "./calls/call_status.ts";
import type { Ring } from "./ledger/ring.ts";
import type { Span } from "./span.ts";
import type { Talk } from "./calls/talk.ts";
import type { WebhookManner } from "./webhooks/webhook_manner.ts";

/** How often each end of a call is drawn, in any unit: `{ completed: 3, no_answer: 1 }`. */
export type OutcomeWeights = Readonly<Partial<Record<CallStatus, number>>>;

/** What can be changed while the simulated provider runs. */
export interface OmniSettings {
  /** From the receipt of a request to its reply; a range is jitter. */
  readonly latencyMs: Span;
  /** Simultaneous calls that the account may make. */
  readonly lines: number;
  /** Lines taken by inbound calls and campaigns, which share the limit. */
  readonly linesUsedByOthers: number;
  /** How long a call occupies its line, in simulated ms. */
  readonly callDurationMs: Span;
  /** How long a call that nobody answers occupies it, in simulated ms; null: as any other. */
  readonly unansweredMs: Span | null;
  /** Simulated ms that pass for calls in each real one: 60 ends a minute's call in a second. */
  readonly timeFactor: number;
  /** How calls end: drawn by weight, or chosen for each ring. */
  readonly outcomes: OutcomeWeights | ((ring: Ring) => CallStatus);
  /** What came of a call that was answered; for the log and the webhook alike. */
  readonly talk: (ring: Ring, status: CallStatus) => Talk;
  /** The agent's own post-call webhook, for calls whose dispatch says nothing of one. */
  readonly agentWebhook: AgentWebhook | null;
  /** What the agent's settings say of its longest call; calls of this account do not keep to it. */
  readonly longestCallSeconds: number;
  /** Phone numbers that the account has beside the one that calls. */
  readonly otherNumbers: number;
  /** What goes wrong with webhooks, for all or chosen for each call; what is left out goes well. */
  readonly webhooks: Partial<WebhookManner> | ((call: CallRecord) => Partial<WebhookManner>);
  /** Rows that an ended call leaves in the log: usually 1, but 0 and 2 have been seen. */
  readonly logRowsOf: (call: CallRecord) => number;
  /** From the end of a call until its rows are in the log, in simulated ms. */
  readonly logDelayMs: Span;
  /** Whether the log's rows name the request of their call; false has been seen. */
  readonly logRequestId: boolean;
  /** The log's spelling of a status: `no_answer`, `no-answer` or `No Answer`. */
  readonly statusSpelling: "snake" | "kebab" | "title";
  /** IANA zone in which log and webhook write times, without saying so. */
  readonly logTimeZone: string;
  /** How a wrong agent or number id is refused; the vendor does not publish which. */
  readonly unknownIdReply: "http_400" | "success_false";
  /** What an unknown path and a wrong verb are answered with. */
  readonly errorPages: "json" | "html";
  /** Without it the balance is 403. */
  readonly hasBillingAccess: boolean;
  readonly balanceUsd: number;
}

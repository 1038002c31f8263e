import type { Span } from "../span.ts";

/** How the webhook of a call is sent: all that can be odd about it. */
export interface WebhookManner {
  /** From the end of the call, in simulated ms; a range brings webhooks out of order. */
  readonly delayMs: Span;
  /** 0: never; 2: twice, each after a delay of its own. */
  readonly copies: number;
  /** How often a delivery that was not met by 2xx is repeated, one simulated minute apart. */
  readonly retries: number;
  /** Sent as `{"body": payload}`. */
  readonly wrapped: boolean;
  /** What stands where there is nothing to say. */
  readonly absentAs: "false" | "null" | "omitted";
  /** Of the status: `no_answer`, `no-answer` or `No Answer`. */
  readonly spelling: "snake" | "kebab" | "title";
  /** Only the keys that older payloads have, and so neither a request id nor a status. */
  readonly legacy: boolean;
  /** `object` as in the call log. A call without a request says `false` all the same. */
  readonly requestIdAs: "integer" | "false" | "object";
  /** Whether the metadata of the dispatch come back; not all accounts do that. */
  readonly withMetadata: boolean;
}

import type { CallStatus } from "./calls/call_status.ts";
import type { EndedCall } from "./calls/ended_call.ts";
import type { Ring } from "./ledger/ring.ts";
import type { Span } from "./span.ts";

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
  /** Simulated ms that pass for calls in each real one: 60 ends a minute's call in a second. */
  readonly timeFactor: number;
  /** How calls end: drawn by weight, or chosen for each ring. */
  readonly outcomes: OutcomeWeights | ((ring: Ring) => CallStatus);
  /** Rows that an ended call leaves in the log: usually 1, but 0 and 2 have been seen. */
  readonly logRowsOf: (call: EndedCall) => number;
  /** The log's spelling of a status: `no_answer`, `no-answer` or `No Answer`. */
  readonly statusSpelling: "snake" | "kebab" | "title";
  /** IANA zone in which the log writes `time_of_call`, without saying so. */
  readonly logTimeZone: string;
  /** How a wrong agent or number id is refused; the vendor does not publish which. */
  readonly unknownIdReply: "http_400" | "success_false";
  /** What an unknown path and a wrong verb are answered with. */
  readonly errorPages: "json" | "html";
  /** Without it the balance is 403. */
  readonly hasBillingAccess: boolean;
  readonly balanceUsd: number;
}

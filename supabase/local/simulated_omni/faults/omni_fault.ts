import { acceptedReply } from "../replies/accepted_reply.ts";
import { busyReply } from "../replies/busy_reply.ts";
import type { Ending } from "../http/ending.ts";
import { errorReply } from "../replies/error_reply.ts";
import type { Fault } from "./fault.ts";
import { htmlReply } from "../http/html_reply.ts";
import { jsonReply } from "../http/json_reply.ts";
import { refusedReply } from "../replies/refused_reply.ts";
import type { Reply } from "../http/reply.ts";
import { type RequestIdForm, requestIdText } from "./request_id_text.ts";
import type { Span } from "../span.ts";

interface Placing {
  /** Whether the phone rings although the client is told something else; default no. */
  readonly placed?: boolean;
}

interface StatusOptions extends Placing {
  /** An HTML page instead of JSON. */
  readonly html?: boolean;
  readonly retryAfterSeconds?: number;
}

/** The faults that the simulated provider knows, to be scripted in a `FaultPlan`. */
export const omniFault = {
  /** Ends the exchange `afterMs` after its receipt; `then` tells how, absent: with success. */
  slow: (afterMs: Span, then?: Fault): Fault =>
    then ? { ...then, afterMs } : { name: "slow", placed: true, afterMs },

  /** Rings only `placeAfterMs` after the receipt, when the client may have given up. */
  placedLate: (placeAfterMs: Span): Fault => ({
    name: "placed late",
    placed: true,
    placeAfterMs,
    afterMs: placeAfterMs,
  }),

  /** All lines are in use: 200 `success:false`. */
  busy: (placing: Placing = {}): Fault => replying("busy", placing, busyReply),

  /** 402. */
  outOfCredit: (placing: Placing = {}): Fault => omniFault.status(402, placing),

  /** 200 `success:false` with `plan_expire:true`. */
  planExpired: (placing: Placing = {}): Fault =>
    replying(
      "plan expired",
      placing,
      () => refusedReply("Your plan has expired, please top up", true),
    ),

  /** 200 `success:false` with any other text. */
  refused: (error = "Number is blocked", placing: Placing = {}): Fault =>
    replying("refused", placing, () => refusedReply(error)),

  /** Any HTTP status, in the provider's shape of an error or as an HTML page. */
  status: (status: number, options: StatusOptions = {}): Fault =>
    replying(`status ${status}`, options, () => statusReply(status, options)),

  /** 429; the header is left out unless it is asked for. */
  rateLimited: (retryAfterSeconds?: number, placing: Placing = {}): Fault =>
    omniFault.status(429, { ...placing, retryAfterSeconds }),

  /** 200 and something that is almost JSON. */
  rubbish: (placing: Placing = {}): Fault =>
    replying("rubbish", placing, (id) => raw(`{"success":tru, 'requestId': ${id}`)),

  /** 200 and an HTML page. */
  html: (placing: Placing = {}): Fault => replying("html", placing, () => htmlReply(200, "OK")),

  /** 200 and no body at all. */
  emptyBody: (placing: Placing = {}): Fault => replying("empty body", placing, () => raw("")),

  /** Success whose `requestId` is missing or of a form that is not documented; the phone rings. */
  requestIdAs: (form: RequestIdForm): Fault =>
    replying(`requestId ${form}`, { placed: true }, (id) => {
      return raw(`{"success":true,"status":"dispatched"${requestIdText(form, id)}}`);
    }),

  /** Success as an array of two rows, of which only the first one's call exists; it rings once. */
  twoRows: (): Fault =>
    replying("two rows", { placed: true }, (id) => {
      const row = { success: true, status: "dispatched", custom_variables_count: 0 };
      const other = id + 1_000_000_000;
      return jsonReply(200, [{ ...row, requestId: id }, { ...row, requestId: other }]);
    }),

  /** Success with a body of that many megabytes; the phone rings. */
  enormousBody: (megabytes = 16): Fault =>
    replying("enormous body", { placed: true }, (id) => {
      const padding = "x".repeat(megabytes * 1_000_000);
      return jsonReply(200, { success: true, requestId: id, padding });
    }),

  /** The request is read and the connection closed without a reply. */
  drop: (placing: Placing = {}): Fault => ending("drop", placing, () => ({ kind: "drop" })),

  /** No reply until the client leaves or the simulator stops. */
  hang: (placing: Placing = {}): Fault => ending("hang", placing, () => ({ kind: "hang" })),

  /** Half of the body of a success, then the connection is closed; the phone rings. */
  truncatedBody: (): Fault => broken("truncated body", "truncate"),

  /** Half of the body of a success, then silence; the phone rings. */
  stalledBody: (): Fault => broken("stalled body", "stall"),
} as const;

function ending(name: string, placing: Placing, end: (requestId: number) => Ending): Fault {
  return { name, placed: placing.placed ?? false, ending: end };
}

function replying(name: string, placing: Placing, reply: (requestId: number) => Reply): Fault {
  return ending(name, placing, (id) => ({ kind: "reply", reply: reply(id) }));
}

function broken(name: string, kind: "truncate" | "stall"): Fault {
  return ending(
    name,
    { placed: true },
    (id) => ({ kind, reply: acceptedReply(id, { customVariables: 0 }) }),
  );
}

function statusReply(status: number, { html, retryAfterSeconds }: StatusOptions): Reply {
  const headers = retryAfterSeconds === undefined
    ? undefined
    : { "Retry-After": String(retryAfterSeconds) };
  return html
    ? htmlReply(status, "Error", headers)
    : errorReply(status, `Simulated status ${status}`, headers);
}

function raw(body: string): Reply {
  return { status: 200, contentType: "application/json", body };
}

import { z } from "zod";
import { maskNumber } from "./mask_number.ts";

/**
 * How far a request to Omni got. `not_sent`: it provably never left. `no_reply`: it may have
 * arrived. `reply`: an HTTP reply came, with its body as text, cut when it was too long.
 */
export type OmniReply =
  | { kind: "reply"; httpStatus: number; text: string }
  | { kind: "no_reply"; error: string }
  | { kind: "not_sent"; error: string };

/** What a reply means for its call, and for the calls after it. */
export type CallOutcome =
  | { kind: "accepted"; requestId: string }
  /** Refused, and not queued: all lines are busy, or too many requests. Another time. */
  | { kind: "busy"; error: string }
  /** Nothing will work until the account or the configuration is mended. */
  | { kind: "halt"; error: string }
  /** This call is refused; whether by the row's fault or the configuration's is not judged here. */
  | { kind: "refused"; error: string }
  | { kind: "not_sent"; error: string }
  /** The call may have been placed. After a server error the next ones would be unknown too. */
  | { kind: "unknown"; error: string; serverError: boolean };

const HALTING_STATUS = new Set([401, 402, 403, 404, 405]);

const replyBody = z.looseObject({
  success: z.boolean().optional().catch(undefined),
  requestId: z.unknown().optional(),
  plan_expire: z.unknown().optional(),
  error: z.unknown().optional(),
  error_description: z.unknown().optional(),
});
type ReplyBody = z.infer<typeof replyBody>;

/**
 * Judges a reply of Omni's dispatch: the body first, because refusals come with status 200 too, then
 * the status. Everything that is not clear is `unknown`, never a reason to dial again.
 */
export function judgeReply(reply: OmniReply): CallOutcome {
  if (reply.kind === "not_sent") return reply;
  if (reply.kind === "no_reply") {
    return { kind: "unknown", error: reply.error, serverError: false };
  }
  const body = readBody(reply.text);
  return (body && judgeBody(body, reply.httpStatus)) ?? judgeStatus(reply.httpStatus, body);
}

function readBody(text: string): ReplyBody | null {
  try {
    const parsed = replyBody.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function judgeBody(body: ReplyBody, httpStatus: number): CallOutcome | null {
  if (body.success === true) return judgeSuccess(body, httpStatus);
  if (body.success !== false) return null;
  const error = describe(body, httpStatus);
  // A server that fails may have placed the call before it failed, whatever it says of success.
  if (httpStatus >= 500) return null;
  if (body.plan_expire === true) return { kind: "halt", error };
  // No more than these words: "concurrent update" is what a database says that broke in the middle.
  if (/concurren\w* (calls? )?limit|too many concurrent/i.test(error)) {
    return { kind: "busy", error };
  }
  if (httpStatus === 429 || HALTING_STATUS.has(httpStatus)) return null;
  return { kind: "refused", error };
}

function judgeSuccess(body: ReplyBody, httpStatus: number): CallOutcome {
  const id = body.requestId;
  if (typeof id === "number" && Number.isSafeInteger(id) && id > 0) {
    return { kind: "accepted", requestId: String(id) };
  }
  return {
    kind: "unknown",
    error: "Omni reported success without an integer requestId",
    serverError: httpStatus >= 500,
  };
}

function judgeStatus(httpStatus: number, body: ReplyBody | null): CallOutcome {
  const error = describe(body, httpStatus);
  if (httpStatus >= 500) return { kind: "unknown", error, serverError: true };
  if (httpStatus === 429) return { kind: "busy", error };
  if (HALTING_STATUS.has(httpStatus)) return { kind: "halt", error };
  // A redirect is not followed: it would send the call twice. The base URL is wrong.
  if (httpStatus >= 300 && httpStatus < 400) return { kind: "halt", error };
  if (httpStatus >= 400) return { kind: "refused", error };
  return {
    kind: "unknown",
    error: `Omni's reply cannot be understood (HTTP ${httpStatus})`,
    serverError: false,
  };
}

function describe(body: ReplyBody | null, httpStatus: number): string {
  const said = [body?.error, body?.error_description]
    .filter((part): part is string => typeof part === "string" && part.trim() !== "")
    .join(": ");
  return `${said === "" ? "Omni gave no reason" : maskNumbers(said)} (HTTP ${httpStatus})`;
}

// What Omni says may repeat the number, and goes to the log.
function maskNumbers(text: string): string {
  return text.slice(0, 300).replace(/\+?\d[\d ().-]{6,}\d/g, (number) => maskNumber(number));
}

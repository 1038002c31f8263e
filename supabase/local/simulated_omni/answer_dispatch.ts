import { acceptedReply } from "./replies/accepted_reply.ts";
import { busyReply } from "./replies/busy_reply.ts";
import { checkDispatch, type CheckedDispatch } from "./check_dispatch.ts";
import type { DispatchBody } from "./dispatch_body.ts";
import type { Ending } from "./http/ending.ts";
import { errorReply } from "./replies/error_reply.ts";
import type { Fault } from "./faults/fault.ts";
import type { HttpRequest } from "./http/http_request.ts";
import { isAuthorized } from "./is_authorized.ts";
import { parseJson } from "./parse_json.ts";
import { readPostCallActions } from "./webhooks/read_post_call_actions.ts";
import { refusedReply } from "./replies/refused_reply.ts";
import type { Reply } from "./http/reply.ts";
import type { SimulatedAccount } from "./simulated_account.ts";
import { drawFromSpan } from "./span.ts";

/** Answers `POST /calls/dispatch`: rings the phone, unless something stands against it. */
export async function answerDispatch(
  request: HttpRequest,
  account: SimulatedAccount,
): Promise<Ending> {
  const body = parseJson(request.body);
  const fault = account.faults.pick(subjectOf(request, body));
  const ending = await place(request, body, account, fault);
  const latencyMs = drawFromSpan(fault?.afterMs ?? account.settings().latencyMs, account.random);
  const isOnTime = await account.wakeUps.until(request.receivedAtMs + latencyMs);
  return isOnTime ? ending : { kind: "drop" };
}

/** Places the call if it is to be placed. Latency comes after this: the phone rings at once. */
async function place(
  request: HttpRequest,
  body: unknown,
  account: SimulatedAccount,
  fault: Fault | null,
): Promise<Ending> {
  if (fault && !fault.placed) return fault.ending(account.nextRequestId());
  if (!isAuthorized(request, account.apiKey)) return replying(unauthorized());
  const checked = checkDispatch(body, account);
  if (checked.kind !== "good") return replying(refusal(checked, account));
  if (fault?.placeAfterMs !== undefined) {
    const afterMs = drawFromSpan(fault.placeAfterMs, account.random);
    if (!await account.wakeUps.until(request.receivedAtMs + afterMs)) return { kind: "drop" };
  }
  // Asked and taken without a pause between, so that two requests never take one line.
  if (!account.lines.hasFreeLine) return replying(busyReply());
  const requestId = ring(request.body, checked.body, account, fault);
  return fault?.ending?.(requestId) ?? replying(accepted(requestId, checked.body));
}

function ring(
  rawBody: string,
  body: DispatchBody,
  account: SimulatedAccount,
  fault: Fault | null,
): number {
  const entered = account.ledger.enter({
    toNumber: body.to_number,
    placedAt: new Date().toISOString(),
    requestId: account.nextRequestId(),
    rawBody,
    body,
    fault: fault?.name ?? null,
  });
  account.lines.start(entered);
  return entered.requestId;
}

function subjectOf({ method, path }: HttpRequest, body: unknown) {
  const sent = (body as { to_number?: unknown } | null | undefined)?.to_number;
  return { method, path, body, toNumber: typeof sent === "string" ? sent : null };
}

function accepted(requestId: number, body: DispatchBody): Reply {
  const customVariables = Object.keys(body.call_context ?? {}).length;
  const { ignored } = readPostCallActions(body.__post_call_actions);
  return acceptedReply(requestId, { customVariables, ignored });
}

function refusal(
  { kind, description }: Exclude<CheckedDispatch, { kind: "good" }>,
  account: SimulatedAccount,
): Reply {
  const isInBody = kind === "unknown_id" && account.settings().unknownIdReply === "success_false";
  return isInBody ? refusedReply(description) : errorReply(400, description);
}

function unauthorized(): Reply {
  return errorReply(401, "Invalid API key");
}

function replying(reply: Reply): Ending {
  return { kind: "reply", reply };
}

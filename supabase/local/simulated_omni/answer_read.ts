import type { Ending } from "./http/ending.ts";
import { errorReply } from "./replies/error_reply.ts";
import type { HttpRequest } from "./http/http_request.ts";
import { isAuthorized } from "./is_authorized.ts";
import type { Reply } from "./http/reply.ts";
import type { SimulatedAccount } from "./simulated_account.ts";
import { drawFromSpan } from "./span.ts";

/** Answers the `GET`s, which change nothing: the balance, the agent, the numbers and the call log. */
export async function answerRead(
  request: HttpRequest,
  account: SimulatedAccount,
  read: (request: HttpRequest, account: SimulatedAccount) => Reply,
): Promise<Ending> {
  const { method, path } = request;
  const fault = account.readFaults.pick({ method, path, toNumber: null, body: undefined });
  const latencyMs = drawFromSpan(fault?.afterMs ?? account.settings().latencyMs, account.random);
  const isOnTime = await account.wakeUps.until(request.receivedAtMs + latencyMs);
  if (!isOnTime) return { kind: "drop" };
  if (fault?.ending) return fault.ending(0);
  const reply = isAuthorized(request, account.apiKey)
    ? read(request, account)
    : errorReply(401, "Invalid API key");
  return { kind: "reply", reply };
}

import type { Untold } from "./omni_account.ts";
import type { OmniReply } from "./omni_get.ts";

/** What a reply means that is not 200; null for one that is. */
export function judgeRefusal(reply: OmniReply): Untold | null {
  if (reply.httpStatus === null) {
    return { kind: "untold", why: `Omni cannot be reached: ${reply.why}` };
  }
  if (reply.httpStatus === 200) return null;
  if (reply.httpStatus === 401) return { kind: "unauthorized" };
  return { kind: "untold", why: `Omni answered with HTTP ${reply.httpStatus}` };
}

import type { Reply } from "../http/reply.ts";
import { refusedReply } from "./refused_reply.ts";

/** The refusal when every line of the account is in use; the call is not queued. */
export function busyReply(): Reply {
  return refusedReply("Concurrency call limit exceeded");
}

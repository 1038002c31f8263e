import { jsonReply } from "../http/json_reply.ts";
import type { Reply } from "../http/reply.ts";

/** A refusal inside HTTP 200. `planExpire` tells apart what only a top-up mends. */
export function refusedReply(error: string, planExpire = false): Reply {
  return jsonReply(200, { success: false, plan_expire: planExpire, error });
}

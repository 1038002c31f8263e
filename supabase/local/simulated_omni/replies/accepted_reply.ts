import { jsonReply } from "../http/json_reply.ts";
import type { Reply } from "../http/reply.ts";

/** The reply to a dispatch that was taken. */
export function acceptedReply(requestId: number, customVariablesCount: number): Reply {
  return jsonReply(200, {
    success: true,
    status: "dispatched",
    requestId,
    custom_variables_count: customVariablesCount,
  });
}

import { jsonReply } from "../http/json_reply.ts";
import type { Reply } from "../http/reply.ts";

/** What is said of a dispatch beside its being taken. */
export interface Accepted {
  readonly customVariables: number;
  /** The parts of `__post_call_actions` that cannot be used. */
  readonly ignored?: readonly string[];
}

/** The reply to a dispatch that was taken. */
export function acceptedReply(
  requestId: number,
  { customVariables, ignored = [] }: Accepted,
): Reply {
  return jsonReply(200, {
    success: true,
    status: "dispatched",
    requestId,
    custom_variables_count: customVariables,
    ...(ignored.length > 0 && { post_call_actions_ignored: ignored }),
  });
}

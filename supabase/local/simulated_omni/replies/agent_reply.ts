import { agentName } from "../calls/agent_name.ts";
import { jsonReply } from "../http/json_reply.ts";
import type { Reply } from "../http/reply.ts";
import type { SimulatedAccount } from "../simulated_account.ts";
import { defaultTriggers } from "../webhooks/default_triggers.ts";
import { errorReply } from "./error_reply.ts";

/**
 * Answers `GET /agents/{id}`, with the few of its many fields that matter here. What is absent is
 * `false`, as in the vendor's example; how an unknown id is refused is not published.
 */
export function agentReply(id: number, account: SimulatedAccount): Reply {
  if (id !== account.agentId) return errorReply(404, "Agent not found");
  const { agentWebhook, longestCallSeconds } = account.settings();
  return jsonReply(200, {
    id,
    name: agentName,
    bot_type: "prompt",
    bot_call_type: "Outgoing",
    max_call_duration_in_sec: longestCallSeconds,
    post_call_config_ids: agentWebhook === null ? [] : [{
      id: 13_208,
      delivery_method: "webhook",
      destination: false,
      webhook_url: agentWebhook.url,
      trigger_call_statuses: agentWebhook.triggerCallStatuses ?? defaultTriggers,
    }],
  });
}

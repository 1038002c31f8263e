import type { AgentWebhook } from "./agent_webhook.ts";
import type { CallRecord } from "../calls/call_record.ts";
import { defaultTriggers } from "./default_triggers.ts";
import { readPostCallActions } from "./read_post_call_actions.ts";
import type { WebhookTarget } from "./webhook_target.ts";

/** Where the webhook of a call goes; null when none fires for the way in which it ended. */
export function targetOf(call: CallRecord, agentWebhook: AgentWebhook | null): string | null {
  const actions = readPostCallActions(call.ring?.body.__post_call_actions);
  const target = actions.replaceAgents ? actions.webhook : agentsOwn(agentWebhook);
  return target?.triggerCallStatuses.includes(call.status) ? target.url : null;
}

function agentsOwn(webhook: AgentWebhook | null): WebhookTarget | null {
  return webhook && { triggerCallStatuses: defaultTriggers, ...webhook };
}

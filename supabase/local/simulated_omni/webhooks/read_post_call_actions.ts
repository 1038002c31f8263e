import { callStatuses } from "../calls/call_statuses.ts";
import { defaultTriggers } from "./default_triggers.ts";
import type { WebhookTarget } from "./webhook_target.ts";

/** What a dispatch wants done after its call. */
export interface PostCallActions {
  /** Whether they take the place of the agent's own. */
  readonly replaceAgents: boolean;
  /** Null: no webhook. */
  readonly webhook: WebhookTarget | null;
  /** The parts that cannot be used, for the reply's `post_call_actions_ignored`. */
  readonly ignored: readonly string[];
}

const field = "__post_call_actions";

/**
 * Reads `__post_call_actions` of a dispatch. What cannot be used counts as not sent: it is named,
 * and the call goes out all the same.
 */
export function readPostCallActions(sent: unknown): PostCallActions {
  if (sent === undefined) return { replaceAgents: false, webhook: null, ignored: [] };
  if (!isObject(sent)) return { replaceAgents: false, webhook: null, ignored: [field] };
  const ignored = Object.keys(sent).filter((name) => name !== "webhook");
  const webhook = readWebhook(sent.webhook, ignored);
  return { replaceAgents: true, webhook, ignored: ignored.map((part) => `${field}.${part}`) };
}

/** Adds to `ignored`. Without an address that can be used there is no webhook at all. */
function readWebhook(sent: unknown, ignored: string[]): WebhookTarget | null {
  if (sent === undefined) return null;
  if (!isObject(sent)) {
    ignored.push("webhook");
    return null;
  }
  const { enabled = true, url, include = [], trigger_call_statuses } = sent;
  if (typeof enabled !== "boolean") ignored.push("webhook.enabled");
  // What can be included is not published: any names are taken, and everything is sent.
  if (!isListOfTexts(include)) ignored.push("webhook.include");
  const triggerCallStatuses = readStatuses(trigger_call_statuses, ignored);
  if (enabled === false) return null;
  if (isWebAddress(url)) return { url, triggerCallStatuses };
  ignored.push("webhook.url");
  return null;
}

function readStatuses(sent: unknown, ignored: string[]): readonly string[] {
  const name = "webhook.trigger_call_statuses";
  if (sent === undefined) return defaultTriggers;
  if (!Array.isArray(sent)) {
    ignored.push(name);
    return defaultTriggers;
  }
  const isKnown = (status: unknown) => callStatuses.some((known) => known === status);
  sent.forEach((status, at) => isKnown(status) || ignored.push(`${name}[${at}]`));
  return sent.filter(isKnown);
}

function isWebAddress(value: unknown): value is string {
  if (typeof value !== "string" || !URL.canParse(value)) return false;
  return ["http:", "https:"].includes(new URL(value).protocol);
}

function isListOfTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((member) => typeof member === "string");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

import type { WebhookManner } from "./webhook_manner.ts";

/** A webhook that comes at once, once, and says everything. */
export const defaultWebhookManner: WebhookManner = {
  delayMs: 0,
  copies: 1,
  retries: 0,
  wrapped: false,
  absentAs: "false",
  spelling: "snake",
  legacy: false,
  requestIdAs: "integer",
  withMetadata: true,
};

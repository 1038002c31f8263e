import type { OmniSettings } from "./omni_settings.ts";

/** A provider that answers at once, never runs out of lines and whose calls mostly succeed. */
export const defaultSettings: OmniSettings = {
  latencyMs: 0,
  lines: 1_000_000,
  linesUsedByOthers: 0,
  callDurationMs: [30_000, 180_000],
  unansweredMs: null,
  timeFactor: 1,
  outcomes: { completed: 6, no_answer: 2, voicemail_detected: 1, busy: 0.5, failed: 0.5 },
  talk: () => ({ summary: "The agent said what it had to say", sentiment: "Neutral" }),
  agentWebhook: null,
  longestCallSeconds: 600,
  otherNumbers: 0,
  webhooks: {},
  logRowsOf: () => 1,
  logDelayMs: 0,
  logRequestId: true,
  statusSpelling: "kebab",
  logTimeZone: "UTC",
  unknownIdReply: "http_400",
  errorPages: "json",
  hasBillingAccess: true,
  balanceUsd: 100,
};

import type { OmniSettings } from "./omni_settings.ts";

/** A provider that answers at once, never runs out of lines and whose calls mostly succeed. */
export const defaultSettings: OmniSettings = {
  latencyMs: 0,
  lines: 1_000_000,
  linesUsedByOthers: 0,
  callDurationMs: [30_000, 180_000],
  timeFactor: 1,
  outcomes: { completed: 6, no_answer: 2, voicemail_detected: 1, busy: 0.5, failed: 0.5 },
  logRowsOf: () => 1,
  statusSpelling: "kebab",
  logTimeZone: "UTC",
  unknownIdReply: "http_400",
  errorPages: "json",
  hasBillingAccess: true,
  balanceUsd: 100,
};

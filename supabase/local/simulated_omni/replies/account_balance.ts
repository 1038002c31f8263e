import { errorReply } from "./error_reply.ts";
import { jsonReply } from "../http/json_reply.ts";
import type { OmniSettings } from "../omni_settings.ts";
import type { Reply } from "../http/reply.ts";

/** Answers `GET /account/balance`. */
export function accountBalance(settings: OmniSettings, linesInUse: number): Reply {
  if (!settings.hasBillingAccess) return errorReply(403, "Billing access is required");
  return jsonReply(200, {
    concurrency: {
      limit: settings.lines,
      in_use: linesInUse,
      available: Math.max(0, settings.lines - linesInUse),
    },
    balance: { amount: settings.balanceUsd, currency: "USD" },
    plan: { is_usage_based: true, name: "Simulated" },
  });
}

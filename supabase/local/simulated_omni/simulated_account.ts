import type { CallIds } from "./calls/call_ids.ts";
import type { CallLedger } from "./ledger/call_ledger.ts";
import type { CallLog } from "./calls/call_log.ts";
import type { FaultPlan } from "./faults/fault_plan.ts";
import type { OmniSettings } from "./omni_settings.ts";
import type { PhoneLines } from "./calls/phone_lines.ts";
import type { WakeUps } from "./wake_ups.ts";
import type { Webhooks } from "./webhooks/webhooks.ts";

/** What the answers are made from: one account at the provider and what goes on in it. */
export interface SimulatedAccount {
  readonly apiKey: string;
  readonly agentId: number;
  readonly fromNumberId: number;
  readonly settings: () => OmniSettings;
  readonly faults: FaultPlan;
  readonly readFaults: FaultPlan;
  readonly ledger: CallLedger;
  readonly lines: PhoneLines;
  readonly log: CallLog;
  readonly webhooks: Webhooks;
  readonly callIds: CallIds;
  readonly wakeUps: WakeUps;
  readonly random: () => number;
  readonly nextRequestId: () => number;
}

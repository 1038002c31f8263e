import { CallIds } from "./calls/call_ids.ts";
import { CallLedger } from "./ledger/call_ledger.ts";
import { CallLog } from "./calls/call_log.ts";
import { FaultPlan } from "./faults/fault_plan.ts";
import type { OmniSettings } from "./omni_settings.ts";
import { PhoneLines } from "./calls/phone_lines.ts";
import { seededRandom } from "./seeded_random.ts";
import type { SimulatedAccount } from "./simulated_account.ts";
import type { SimulatedOmniOptions } from "./simulated_omni_options.ts";
import { WakeUps } from "./wake_ups.ts";
import { Webhooks } from "./webhooks/webhooks.ts";

const firstRequestId = 3_166_940;

/** An account at which nothing has gone on yet but what its ledger's file tells. */
export function newAccount(
  options: SimulatedOmniOptions,
  settings: () => OmniSettings,
): SimulatedAccount {
  const { apiKey = "simulated-omni-key", agentId = 4711, fromNumberId = 42 } = options;
  const seed = options.seed ?? 1;
  const ledger = new CallLedger(options.ledgerFile);
  const callIds = new CallIds();
  // Numbers of their own: how a call ends depends on how many were placed before it, and not on how
  // the replies to them happened to fall between.
  const lines = new PhoneLines(settings, seededRandom(seed), callIds);
  const wakeUps = new WakeUps();
  const aftermath = { settings, agentId, random: seededRandom(seed + 1), wakeUps };
  const log = new CallLog(aftermath);
  const webhooks = new Webhooks(aftermath);
  // The first listener: whoever hears of an ended call later finds its row in the log.
  lines.onCallEnded((call) => log.add(call));
  lines.onCallEnded((call) => webhooks.callEnded(call));
  return {
    apiKey,
    agentId,
    fromNumberId,
    settings,
    faults: new FaultPlan(),
    readFaults: new FaultPlan(),
    ledger,
    lines,
    log,
    webhooks,
    callIds,
    wakeUps,
    random: seededRandom(seed + 2),
    nextRequestId: requestIdsAfter(ledger),
  };
}

/** Ids that no ring in the ledger has, those of earlier processes included. */
function requestIdsAfter(ledger: CallLedger): () => number {
  let last = ledger.rings().reduce((most, ring) => Math.max(most, ring.requestId), firstRequestId);
  return () => last += 1;
}

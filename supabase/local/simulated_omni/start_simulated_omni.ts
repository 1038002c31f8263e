import { answerRequest } from "./answer_request.ts";
import { CallLedger } from "./ledger/call_ledger.ts";
import { CallLog } from "./calls/call_log.ts";
import { defaultSettings } from "./default_settings.ts";
import { FaultPlan } from "./faults/fault_plan.ts";
import { HttpFront } from "./http/http_front.ts";
import type { OmniSettings } from "./omni_settings.ts";
import { PhoneLines } from "./calls/phone_lines.ts";
import { RequestRecord } from "./request_record.ts";
import { seededRandom } from "./seeded_random.ts";
import type { SimulatedAccount } from "./simulated_account.ts";
import type { SimulatedOmni } from "./simulated_omni.ts";
import { WakeUps } from "./wake_ups.ts";

/** What is fixed at the start, and the settings to begin with. */
export interface SimulatedOmniOptions extends Partial<OmniSettings> {
  /** Default `127.0.0.1`; `0.0.0.0` lets containers in. */
  readonly hostname?: string;
  /** Default 0: a free one. */
  readonly port?: number;
  readonly apiKey?: string;
  readonly agentId?: number;
  readonly fromNumberId?: number;
  /** A file that the rings are appended to, and that those of earlier processes are read from. */
  readonly ledgerFile?: string | URL;
  /** For durations, outcomes and jitter; default 1. */
  readonly seed?: number;
  /** How many requests the record keeps whole; default 10,000. */
  readonly requestsKept?: number;
}

const firstRequestId = 3_166_940;

/** Starts a provider that keeps to the documented REST API and rings nobody. */
export async function startSimulatedOmni(
  options: SimulatedOmniOptions = {},
): Promise<SimulatedOmni> {
  const { hostname = "127.0.0.1", port = 0, requestsKept = 10_000 } = options;
  let settings = settingsFrom(options);
  const account = newAccount(options, () => settings);
  const requests = new RequestRecord(requestsKept);
  const front = new HttpFront(
    { hostname, port },
    (request) => requests.during(request, () => answerRequest(request, account)),
  );
  let stopping: Promise<void> | null = null;
  const stop = () => stopping ??= stopAll(account, front);
  try {
    await front.listen();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: `http://${hostname === "0.0.0.0" ? "127.0.0.1" : hostname}:${front.port}`,
    port: front.port,
    apiKey: account.apiKey,
    agentId: account.agentId,
    fromNumberId: account.fromNumberId,
    ledger: account.ledger,
    faults: account.faults,
    readFaults: account.readFaults,
    requests,
    lines: account.lines,
    get settings() {
      return settings;
    },
    change: (changes) => void (settings = { ...settings, ...changes }),
    onCallEnded: (listener) => account.lines.onCallEnded(listener),
    refuseConnections: () => front.refuse(),
    acceptConnections: () => front.listen(),
    closeNextConnections: (count) => front.closeNext(count),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function newAccount(
  options: SimulatedOmniOptions,
  settings: () => OmniSettings,
): SimulatedAccount {
  const { apiKey = "simulated-omni-key", agentId = 4711, fromNumberId = 42 } = options;
  const random = seededRandom(options.seed ?? 1);
  const ledger = new CallLedger(options.ledgerFile);
  const lines = new PhoneLines(settings, random);
  const log = new CallLog(settings, agentId);
  // The first listener: whoever hears of an ended call later finds its row in the log.
  lines.onCallEnded((call) => log.add(call));
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
    wakeUps: new WakeUps(),
    random,
    nextRequestId: requestIdsAfter(ledger),
  };
}

/** Ids that no ring in the ledger has, those of earlier processes included. */
function requestIdsAfter(ledger: CallLedger): () => number {
  let last = ledger.rings().reduce((most, ring) => Math.max(most, ring.requestId), firstRequestId);
  return () => last += 1;
}

function settingsFrom(options: Partial<OmniSettings>): OmniSettings {
  const names = Object.keys(defaultSettings) as (keyof OmniSettings)[];
  const given = names.filter((name) => options[name] !== undefined);
  return { ...defaultSettings, ...Object.fromEntries(given.map((name) => [name, options[name]])) };
}

async function stopAll(account: SimulatedAccount, front: HttpFront): Promise<void> {
  account.wakeUps.stop();
  account.lines.stop();
  await front.stop();
  account.ledger.close();
}

import { answerRequest } from "./answer_request.ts";
import { chatRecord } from "./calls/chat_record.ts";
import { defaultSettings } from "./default_settings.ts";
import type { ForeignCall } from "./calls/foreign_call.ts";
import { foreignRecord } from "./calls/foreign_record.ts";
import { HttpFront } from "./http/http_front.ts";
import { newAccount } from "./new_account.ts";
import type { OmniSettings } from "./omni_settings.ts";
import { RequestRecord } from "./request_record.ts";
import type { SimulatedAccount } from "./simulated_account.ts";
import type { SimulatedOmni } from "./simulated_omni.ts";
import type { SimulatedOmniOptions } from "./simulated_omni_options.ts";
import type { Talk } from "./calls/talk.ts";

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
    ...shownOf(account),
    requests,
    get settings() {
      return settings;
    },
    change: (changes) => void (settings = { ...settings, ...changes }),
    onCallEnded: (listener) => account.lines.onCallEnded(listener),
    addForeignCall: (call) => addForeignCall(call, account),
    addChat: (talk = {}) => addChat(talk, account),
    refuseConnections: () => front.refuse(),
    acceptConnections: () => front.listen(),
    closeNextConnections: (count) => front.closeNext(count),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** What is handed out as it is. */
function shownOf(account: SimulatedAccount) {
  const { apiKey, agentId, fromNumberId, ledger, faults, readFaults, lines, webhooks } = account;
  return { apiKey, agentId, fromNumberId, ledger, faults, readFaults, lines, webhooks };
}

function addForeignCall(call: ForeignCall, { callIds, log, webhooks }: SimulatedAccount): number {
  const record = foreignRecord(callIds.next(), call);
  log.add(record);
  webhooks.callEnded(record);
  return record.callId;
}

function addChat(talk: Talk, { callIds, webhooks }: SimulatedAccount): number {
  const record = chatRecord(callIds.next(), talk);
  webhooks.callEnded(record);
  return record.callId;
}

function settingsFrom(options: Partial<OmniSettings>): OmniSettings {
  const names = Object.keys(defaultSettings) as (keyof OmniSettings)[];
  const given = names.filter((name) => options[name] !== undefined);
  return { ...defaultSettings, ...Object.fromEntries(given.map((name) => [name, options[name]])) };
}

async function stopAll(account: SimulatedAccount, front: HttpFront): Promise<void> {
  // Before the wake-ups, so that no webhook that they wake is sent any more.
  const webhooksEnded = account.webhooks.stop();
  account.wakeUps.stop();
  account.lines.stop();
  await Promise.all([front.stop(), webhooksEnded]);
  account.ledger.close();
}

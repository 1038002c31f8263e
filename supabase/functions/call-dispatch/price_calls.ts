import type { LoggedCall } from "./call_log.ts";
import { CallLog } from "./call_log.ts";
import type { Provider } from "./omni_client.ts";
import type { CallCost, Store } from "./store.ts";

/** What pricing works with. */
export interface PriceOptions {
  store: Pick<Store, "callsWithoutCost" | "recordCallCosts">;
  provider: Pick<Provider, "readCallLog">;
  /** The agent in whose log the calls stand. */
  agentId: number;
  /** No further page is asked for once this is aborted. */
  timeIsUp: AbortSignal;
}

const MOST_PAGES = 20;

/**
 * Reads from Omni's call log what calls have cost, for the operator's limits of money: from its top
 * until all that are wanted have been met, at most 20 pages. One that stands there without its cost is
 * looked for no further; what has none counts with its expected cost.
 *
 * @throws {StoreError} when the database could not be asked, or would not take the costs.
 */
export async function priceCalls(options: PriceOptions): Promise<void> {
  const { store, provider, agentId, timeIsUp } = options;
  const wanted = new Set(await store.callsWithoutCost());
  const log = new CallLog();
  for (let number = 1; number <= MOST_PAGES && !timeIsUp.aborted; number++) {
    if (metIn(log.calls, wanted) >= wanted.size) break;
    const page = await provider.readCallLog({ number, agentId, signal: timeIsUp });
    if (page.kind === "failed") break;
    log.add(page);
    if (log.hasEnded || log.isExhausted) break;
  }
  const costs = costsOf(log.calls, wanted);
  if (costs.length > 0) await store.recordCallCosts(costs);
}

function metIn(calls: LoggedCall[], wanted: Set<string>): number {
  const met = calls.map(({ requestId }) => requestId).filter((id) => id !== null && wanted.has(id));
  return new Set(met).size;
}

/** The known costs of the wanted requests: one request can have two rows, and both are paid for. */
function costsOf(calls: LoggedCall[], wanted: Set<string>): CallCost[] {
  const costs = new Map<string, number>();
  const unknown = new Set<string>();
  for (const call of calls) {
    if (call.requestId === null || !wanted.has(call.requestId)) continue;
    const cost = costOf(call);
    if (cost === null) unknown.add(call.requestId);
    else costs.set(call.requestId, (costs.get(call.requestId) ?? 0) + cost);
  }
  // Half of what a request has cost would count as all of it.
  return [...costs].filter(([requestId]) => !unknown.has(requestId))
    .map(([requestId, cost]) => ({ requestId, cost }));
}

// Omni writes false for what is absent: of a call that nobody took that is nothing, of one that was
// answered it is a cost that is not known yet.
function costOf({ cost, outcome }: LoggedCall): number | null {
  if (cost !== null || outcome === null) return cost;
  return outcome === "completed" || outcome === "voicemail_detected" ? null : 0;
}

import { createSupabaseStore } from "../../../supabase/functions/call-dispatch/supabase_store.ts";
import { dispatchDueFollowUps } from "../../../supabase/functions/call-dispatch/dispatch_due_follow_ups.ts";
import type { Provider } from "../../../supabase/functions/call-dispatch/omni_client.ts";
import { readPhoneNumber } from "../../../supabase/functions/call-dispatch/phone_number.ts";
import type { Store } from "../../../supabase/functions/call-dispatch/store.ts";
import { connect, type Sql } from "../../../supabase/local/postgres/connect.ts";
import { fillFollowUps } from "./fill_follow_ups.ts";
import type { Peer, PeerTask } from "./peer.ts";

const MINUTE_MS = 60_000;

/** Where the project is. */
export interface CallDispatchPeerOptions {
  databaseUrl: string;
  /** The gateway's. */
  url: string;
  secretKey: string;
}

/** Our own code and database behind the gateway, with a task in the provider's place. */
export function callDispatchPeer(options: CallDispatchPeerOptions): Peer {
  const sql = connect(options.databaseUrl, { max: 1 });
  const store = createSupabaseStore({ url: options.url, key: options.secretKey });
  return {
    async fill(jobs, due) {
      await endCalls(sql);
      await fillFollowUps(sql, jobs, due);
    },
    async workOff(_count, { concurrency, task }) {
      const run = await store.beginRun(undefined, "manual");
      const end = await dispatchDueFollowUps({
        store,
        provider: providerOf(task),
        caller: { omniAgentId: 1, omniFromNumberId: 1, callEndedHook: null },
        runId: run.id,
        startWithOne: false,
        concurrency,
        omniTimeoutMs: 15_000,
        timeIsUp: new AbortController().signal,
      });
      await store.finishRun(run.id, end.stopReason, end.error);
      if (end.stopReason !== "drained") throw new Error(`The run ended: ${JSON.stringify(end)}`);
    },
    async oneByOne(count) {
      const run = await store.beginRun(undefined, "manual");
      const claims: number[] = [];
      for (let each = 0; each < count; each += 1) {
        claims.push(await claimAndComplete(store, run.id));
      }
      await store.finishRun(run.id, "drained", null);
      return claims;
    },
    [Symbol.asyncDispose]: () => sql.end(),
  };
}

// As the jobs of the others are gone when they are done: here no report tells that a call is over, and ten
// thousand would go on at once.
async function endCalls(sql: Sql): Promise<void> {
  await sql`
    update public.call_attempts
    set status = 'ended', outcome = 'completed', ended_at = now(), reported_by = 'operator'
    where status = 'accepted'`;
}

function providerOf(task: PeerTask): Provider {
  let requestId = 0;
  return {
    async placeCall({ to_number }) {
      await task({ number: to_number });
      requestId += 1;
      return { kind: "reply", httpStatus: 200, text: JSON.stringify({ success: true, requestId }) };
    },
    readAccount: () => Promise.resolve({ kind: "failed", error: "There is no account here" }),
    readCallLog: () => Promise.resolve({ kind: "failed", error: "There is no call log here" }),
  };
}

async function claimAndComplete(store: Store, runId: string): Promise<number> {
  const askedAt = performance.now();
  const [row] = await store.claimDueFollowUps(1, MINUTE_MS, runId);
  const claimMs = performance.now() - askedAt;
  const number = row && readPhoneNumber(row.phone, row.defaultCountry);
  if (!number || !("e164" in number)) throw new Error("No follow-up was claimed");
  const attempt = { ...row, attemptId: crypto.randomUUID(), toNumber: number.e164 };
  const opened = await store.openCallAttempts([attempt], runId, MINUTE_MS);
  if (!opened.has(attempt.attemptId)) throw new Error("The attempt was not opened");
  const { attemptId, leaseToken } = attempt;
  await store.recordDispatchResults([{
    attemptId,
    leaseToken,
    status: "accepted",
    requestId: "1",
  }]);
  return claimMs;
}

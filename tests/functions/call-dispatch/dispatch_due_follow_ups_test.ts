import assert from "node:assert/strict";
import {
  dispatchDueFollowUps,
  type DispatchEnd,
} from "../../../supabase/functions/call-dispatch/dispatch_due_follow_ups.ts";
import type { OmniReply } from "../../../supabase/functions/call-dispatch/call_outcome.ts";
import type { DispatchResult } from "../../../supabase/functions/call-dispatch/run_judge.ts";
import { StoreError } from "../../../supabase/functions/_shared/store_error.ts";
import { claimedFollowUp } from "./claimed_follow_up.ts";
import { RUN_ID, stubStore } from "./stub_store.ts";

const CONCURRENCY = 20;
const accepted: OmniReply = {
  kind: "reply",
  httpStatus: 200,
  text: '{"success":true,"requestId":7}',
};

interface World {
  end: DispatchEnd;
  opened: Set<string>;
  sent: Set<string>;
  /** Requests on their way and attempts not sent yet, at the most of each. */
  most: { inFlight: number; openedAndNotSent: number };
  results: DispatchResult[];
  /** The names of what was asked of the database. */
  asked: string[];
}

/** Calls `due` follow-ups through a database that takes `openMs` to open, and the given provider. */
async function dispatch(
  { due, openMs, placeCall, answersLost = () => false, timeIsUp, recordingFails = false }: {
    due: number;
    openMs: number;
    placeCall: (ordinal: number) => Promise<OmniReply>;
    /** Whether the answer to an opening is lost, by its ordinal. */
    answersLost?: (ordinal: number) => boolean;
    timeIsUp?: AbortSignal;
    /** The database refuses every result. */
    recordingFails?: boolean;
  },
): Promise<World> {
  const rows = Array.from({ length: due }, (_, at) => claimedFollowUp(at));
  const opened = new Set<string>();
  const sent = new Set<string>();
  const results: DispatchResult[] = [];
  const most = { inFlight: 0, openedAndNotSent: 0 };
  let inFlight = 0;
  let openings = 0;
  const { store, asked } = stubStore({
    claimDueFollowUps: async (batchSize) => rows.splice(0, batchSize),
    openCallAttempts: async (items) => {
      await wait(openMs);
      items.forEach(({ attemptId }) => opened.add(attemptId));
      openings += 1;
      if (answersLost(openings)) throw new StoreError("The answer is lost", true);
      most.openedAndNotSent = Math.max(most.openedAndNotSent, opened.size - sent.size);
      return new Set(items.map(({ attemptId }) => attemptId));
    },
    recordDispatchResults: async (batch) => {
      if (recordingFails) throw new StoreError("A lead needs an agent", false);
      results.push(...batch);
    },
  });
  const end = await dispatchDueFollowUps({
    store,
    provider: {
      placeCall: async ({ metadata }) => {
        sent.add(metadata.attempt_id);
        most.inFlight = Math.max(most.inFlight, ++inFlight);
        return await placeCall(sent.size).finally(() => inFlight -= 1);
      },
      readAccount: () => Promise.reject(new Error("Nobody asks for the account")),
      readCallLog: () => Promise.reject(new Error("Nobody reads the log")),
    },
    caller: { omniAgentId: 4711, omniFromNumberId: 42, callEndedHook: null },
    runId: RUN_ID,
    startWithOne: false,
    concurrency: CONCURRENCY,
    omniTimeoutMs: 1_000,
    timeIsUp: timeIsUp ?? new AbortController().signal,
  });
  return { end, opened, sent, most, results, asked };
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function statuses(results: DispatchResult[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of results) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

Deno.test("dispatch: attempts that are opened ahead of their lines are sent when a line is free, none twice", async () => {
  const world = await dispatch({
    due: 300,
    openMs: 20,
    placeCall: () => wait(20).then(() => accepted),
  });
  assert.deepEqual([world.end.stopReason, world.sent.size], ["drained", 300]);
  assert.equal(world.most.inFlight, CONCURRENCY);
  assert.deepEqual(statuses(world.results), { accepted: 300 });
  assert.deepEqual(world.sent, world.opened);
});

Deno.test("dispatch: when the provider halts, what was opened ahead is not sent and is told so", async () => {
  const world = await dispatch({
    due: 300,
    openMs: 20,
    placeCall: (ordinal) =>
      wait(20).then(() =>
        ordinal < 100 ? accepted : { kind: "reply", httpStatus: 401, text: '{"error":"no"}' }
      ),
  });
  const { accepted: placed = 0, postponed = 0, ...others } = statuses(world.results);
  assert.deepEqual([world.end.stopReason, others], ["halted", {}]);
  assert.equal(world.results.length, world.opened.size);
  const unsent = world.results.filter(({ error }) => error === "Not sent: the run stopped");
  assert.equal(unsent.length, world.opened.size - world.sent.size);
  assert.equal(placed, 99);
  assert.equal(postponed, world.opened.size - 99);
  for (const { attemptId } of unsent) assert.ok(!world.sent.has(attemptId));
});

Deno.test("dispatch: an attempt that no line became free for in time is given back, and nothing stands still", async () => {
  // Quick replies, and then a provider that is slow all at once.
  const world = await dispatch({
    due: 100,
    openMs: 20,
    placeCall: (ordinal) => wait(ordinal < 60 ? 20 : 1_200).then(() => accepted),
  });
  const late = world.results.filter(({ error }) =>
    error === "Not sent: it was opened too long ago"
  );
  assert.ok(late.length > 0 && late.length <= 6, `${late.length} were late`);
  assert.deepEqual(statuses(late), { postponed: late.length });
  for (const { attemptId } of late) assert.ok(!world.sent.has(attemptId));
  assert.equal(world.sent.size + late.length, 100);
});

Deno.test("dispatch: what an opening decided is not relied on when its answer was lost for a second", async () => {
  // Tries after 100, 200, 400 and 800 ms.
  const world = await dispatch({
    due: 3,
    openMs: 1,
    placeCall: () => Promise.resolve(accepted),
    answersLost: (ordinal) => ordinal < 5,
  });
  assert.deepEqual([world.opened.size, world.sent.size], [3, 0]);
  assert.deepEqual(statuses(world.results), { postponed: 3 });
});

Deno.test("dispatch: an opening whose answer was lost once is asked for again, and sent", async () => {
  const world = await dispatch({
    due: 3,
    openMs: 1,
    placeCall: () => Promise.resolve(accepted),
    answersLost: (ordinal) => ordinal < 2,
  });
  assert.deepEqual(statuses(world.results), { accepted: 3 });
});

Deno.test("dispatch: when results cannot be stored, no more calls are begun", async () => {
  const world = await dispatch({
    due: 300,
    openMs: 5,
    placeCall: () => wait(20).then(() => accepted),
    recordingFails: true,
  });
  assert.deepEqual([world.end.stopReason, world.end.error], ["error", "A lead needs an agent"]);
  assert.ok(world.sent.size < 150, `${world.sent.size} people were rung`);
});

Deno.test("dispatch: when the time is up nothing is claimed, opened or sent any more", async () => {
  const time = new AbortController();
  const world = await dispatch({
    due: 300,
    openMs: 20,
    placeCall: async (ordinal) => {
      if (ordinal === 100) time.abort();
      await wait(20);
      return accepted;
    },
    timeIsUp: time.signal,
  });
  assert.equal(world.end.stopReason, "deadline");
  // Some were being handed to the network at that moment.
  assert.ok(world.sent.size <= 100 + CONCURRENCY, `${world.sent.size} were sent`);
  assert.equal(world.results.length, world.opened.size);
  const after = world.asked.slice(world.asked.indexOf("releaseFollowUps"));
  assert.ok(after.includes("releaseFollowUps"));
  assert.ok(!after.includes("claimDueFollowUps") && !after.includes("openCallAttempts"));
});

Deno.test("dispatch: where a reply takes far longer than the database, no more is opened than is sent at once", async () => {
  const world = await dispatch({
    due: 60,
    openMs: 1,
    placeCall: () => wait(500).then(() => accepted),
  });
  assert.equal(world.sent.size, 60);
  assert.ok(world.most.openedAndNotSent <= CONCURRENCY);
  assert.equal(world.most.inFlight, CONCURRENCY);
});

import assert from "node:assert/strict";
import { OpenedCalls } from "../../../supabase/functions/call-dispatch/opened_calls.ts";
import { StoreError } from "../../../supabase/functions/_shared/store_error.ts";
import type { Store } from "../../../supabase/functions/call-dispatch/store.ts";
import { claimedFollowUp } from "./claimed_follow_up.ts";
import { RUN_ID, stubStore } from "./stub_store.ts";

function openedCalls(changes: Partial<Store> = {}) {
  const { store, asked } = stubStore(changes);
  const unsent: string[] = [];
  const opened = new OpenedCalls({
    store,
    runId: RUN_ID,
    sendingForMs: 135_000,
    longestWaitMs: 1_000,
    onUnsent: (calls, why) => {
      asked.push("onUnsent");
      unsent.push(...calls.map(({ attemptId }) => `${attemptId}: ${why}`));
    },
  });
  return { opened, asked, unsent };
}

function readyCall(ordinal: number) {
  const claimed = claimedFollowUp(ordinal);
  return { ...claimed, toNumber: claimed.phone, attemptId: `attempt ${ordinal}` };
}

/** Lets `ms` pass for those who ask `performance.now()`. */
function passing(ms: number): Disposable {
  const now = performance.now;
  performance.now = () => now.call(performance) + ms;
  return { [Symbol.dispose]: () => void (performance.now = now) };
}

Deno.test("opened calls: they are handed out once, in their order, and counted until then", async () => {
  const { opened } = openedCalls();
  const opening = opened.open([readyCall(1), readyCall(2)]);
  assert.deepEqual([opened.opening, opened.waiting], [2, 0]);
  await opening;
  assert.deepEqual([opened.opening, opened.waiting], [0, 2]);
  const handedOut = [opened.next(), opened.next(), opened.next()];
  assert.deepEqual(handedOut.map((call) => call?.attemptId), ["attempt 1", "attempt 2", undefined]);
  assert.equal(opened.waiting, 0);
});

Deno.test("opened calls: what the database did not open is not handed out", async () => {
  const { opened, unsent } = openedCalls({ openCallAttempts: async () => new Set(["attempt 2"]) });
  await opened.open([readyCall(1), readyCall(2)]);
  assert.deepEqual([opened.next()?.attemptId, opened.next()], ["attempt 2", undefined]);
  assert.deepEqual(unsent, []);
});

Deno.test("opened calls: one that has waited too long is told and not handed out", async () => {
  const { opened, unsent } = openedCalls();
  await opened.open([readyCall(1)]);
  using _later = passing(1_001);
  await opened.open([readyCall(2)]);
  assert.equal(opened.next()?.attemptId, "attempt 2");
  assert.deepEqual(unsent, ["attempt 1: it was opened too long ago"]);
});

for (const [openingMs, isSent] of [[2_400, true], [2_600, false]] as const) {
  Deno.test(`opened calls: an opening that took ${openingMs} ms is ${isSent ? "" : "not "}relied on`, async () => {
    const now = performance.now;
    let passedMs = 0;
    performance.now = () => now.call(performance) + passedMs;
    try {
      const { opened, unsent } = openedCalls({
        openCallAttempts: async (items) => {
          passedMs = openingMs;
          return new Set(items.map(({ attemptId }) => attemptId));
        },
      });
      await opened.open([readyCall(1)]);
      assert.equal(opened.next()?.attemptId, isSent ? "attempt 1" : undefined);
      assert.equal(unsent.length, isSent ? 0 : 1);
    } finally {
      performance.now = now;
    }
  });
}

Deno.test("opened calls: those whose opening may have happened lose their lease before they are told as unsent", async () => {
  const { opened, asked, unsent } = openedCalls({
    openCallAttempts: () => Promise.reject(new StoreError("The database is away", false)),
  });
  await assert.rejects(opened.open([readyCall(1)]), /The database is away/);
  assert.deepEqual(asked.slice(-2), ["releaseFollowUps", "onUnsent"]);
  assert.deepEqual(unsent, ["attempt 1: the database could not be asked"]);
  assert.deepEqual([opened.opening, opened.next()], [0, undefined]);
});

Deno.test("opened calls: they are told as unsent also when their leases cannot be given back", async () => {
  const { opened, unsent } = openedCalls({
    openCallAttempts: () => Promise.reject(new StoreError("The database is away", false)),
    releaseFollowUps: () => Promise.reject(new StoreError("Still away", false)),
  });
  await assert.rejects(opened.open([readyCall(1)]), /Still away/);
  assert.equal(unsent.length, 1);
});

Deno.test("opened calls: once given up, none is handed out and each is told", async () => {
  const { opened, unsent } = openedCalls();
  await opened.open([readyCall(1), readyCall(2)]);
  opened.giveUp();
  assert.equal(opened.next(), undefined);
  assert.deepEqual(unsent, ["attempt 1: the run stopped", "attempt 2: the run stopped"]);
});

import assert from "node:assert/strict";
import type { DatabaseCaller } from "../../../supabase/functions/_shared/database_caller.ts";
import {
  type CallbackStore,
  callbackStore,
  type CallbackToRead,
  planCallbacks,
} from "../../../supabase/functions/_shared/plan_callbacks.ts";
import { StoreError } from "../../../supabase/functions/_shared/store_error.ts";

const ATTEMPT_ID = "0b0f7a52-53c1-4c5f-9a0e-6f4f2f0d7c11";
const localNow = "2026-11-24T14:00:00";

function toRead(attemptId: string, text: string): CallbackToRead {
  return { attemptId, text, localNow };
}

/** A store with these callbacks, and what it was asked. */
function stub(callbacks: CallbackToRead[], changes: Partial<CallbackStore> = {}) {
  const asked: unknown[] = [];
  const planned: [string, unknown][] = [];
  const store: CallbackStore = {
    callbacksToRead: async (...args) => {
      asked.push(args);
      return callbacks;
    },
    planCallback: async ({ attemptId }, time) => {
      planned.push([attemptId, time]);
      return time !== null;
    },
    ...changes,
  };
  return { store, asked, planned };
}

Deno.test("plan callbacks: each text is read and planned, or stored as not understood", async () => {
  const { store, asked, planned } = stub([
    toRead("a", "tomorrow at ten"),
    toRead("b", "whenever"),
    toRead("c", "2026-12-01T10:00+05:30"),
  ]);
  assert.equal(await planCallbacks({ store }), 2);
  assert.deepEqual(planned, [
    ["a", { local_time: "2026-11-25T10:00:00" }],
    ["b", null],
    ["c", { moment: "2026-12-01T04:30:00.000Z" }],
  ]);
  assert.deepEqual(asked, [[20, undefined]]);
});

Deno.test("plan callbacks: the limit and the attempt are handed on", async () => {
  const { store, asked } = stub([]);
  assert.equal(await planCallbacks({ store, limit: 3, attemptId: "a" }), 0);
  assert.deepEqual(asked, [[3, "a"]]);
});

Deno.test("plan callbacks: one that cannot be stored does not keep the others", async () => {
  const failure = new StoreError("Bad row", false);
  const planned: string[] = [];
  const { store } = stub([toRead("a", "at 6"), toRead("b", "at 6"), toRead("c", "at 6")], {
    planCallback: async ({ attemptId }) => {
      if (attemptId === "b") throw failure;
      planned.push(attemptId);
      return true;
    },
  });
  const failures: unknown[] = [];
  const onFailure = (error: unknown) => void failures.push(error);
  assert.equal(await planCallbacks({ store, onFailure }), 2);
  assert.deepEqual([planned, failures], [["a", "c"], [failure]]);
  assert.equal(await planCallbacks({ store }), 2);
});

Deno.test("plan callbacks: a text on which the reader breaks is stored as not understood", async () => {
  const broken = { ...toRead("a", "at 6"), text: undefined as unknown as string };
  const { store, planned } = stub([broken, toRead("b", "at 6")]);
  assert.equal(await planCallbacks({ store }), 1);
  assert.deepEqual(planned, [["a", null], ["b", { local_time: "2026-11-24T18:00:00" }]]);
});

Deno.test("plan callbacks: when the callbacks cannot be read, that is an error", async () => {
  const failure = new StoreError("Away", true);
  const { store } = stub([], { callbacksToRead: () => Promise.reject(failure) });
  await assert.rejects(planCallbacks({ store }), (error) => error === failure);
});

Deno.test("plan callbacks: when time is up, no further one is begun, and the rest stays to be read", async () => {
  const time = new AbortController();
  const begun: string[] = [];
  const { store } = stub([toRead("a", "at 6"), toRead("b", "at 6"), toRead("c", "at 6")], {
    planCallback: async ({ attemptId }) => {
      begun.push(attemptId);
      if (attemptId === "b") time.abort();
      return true;
    },
  });
  assert.equal(await planCallbacks({ store, timeIsUp: time.signal }), 2);
  assert.deepEqual(begun, ["a", "b"]);
});

Deno.test("plan callbacks: when time is up before the first, none is read", async () => {
  const { store, asked, planned } = stub([toRead("a", "at 6")]);
  assert.equal(await planCallbacks({ store, timeIsUp: AbortSignal.abort() }), 0);
  assert.deepEqual([asked, planned], [[], []]);
});

/** A database that answers with these rows, parsed as the store wants them, and what it was asked. */
function database(rows: Record<string, unknown>) {
  const asked: unknown[] = [];
  const call = (async (name: string, args: unknown, result: { parse(data: unknown): unknown }) => {
    asked.push([name, args]);
    return result.parse(rows[name]);
  }) as unknown as DatabaseCaller;
  return { asked, store: callbackStore(call) };
}

Deno.test("callback store: the rows go to and fro by the SQL functions' names", async () => {
  const row = { attempt_id: ATTEMPT_ID, callback_text: "at 6", local_now: localNow };
  const { asked, store } = database({ callbacks_to_read: [row], plan_callback: "planned" });
  const callback = toRead(ATTEMPT_ID, "at 6");
  assert.deepEqual(await store.callbacksToRead(5), [callback]);
  assert.deepEqual(await store.callbacksToRead(5, ATTEMPT_ID), [callback]);
  assert.equal(await store.planCallback(callback, { local_time: "2026-11-24T18:00:00" }), true);
  assert.equal(await store.planCallback(callback, { moment: "2026-11-24T18:00:00.000Z" }), true);
  await store.planCallback(callback, null);
  const told = { attempt_id: ATTEMPT_ID, callback_text: "at 6" };
  assert.deepEqual(asked, [
    ["callbacks_to_read", { batch_size: 5 }],
    ["callbacks_to_read", { batch_size: 5, of_attempt: ATTEMPT_ID }],
    ["plan_callback", { ...told, local_time: "2026-11-24T18:00:00" }],
    ["plan_callback", { ...told, moment: "2026-11-24T18:00:00.000Z" }],
    ["plan_callback", told],
  ]);
});

for (const answer of ["not_understood", null]) {
  Deno.test(`callback store: ${answer} is no planned call`, async () => {
    const { store } = database({ plan_callback: answer });
    assert.equal(await store.planCallback(toRead(ATTEMPT_ID, "at 6"), null), false);
  });
}

Deno.test("callback store: a clock that is none is not read", async () => {
  const row = { attempt_id: ATTEMPT_ID, callback_text: "at 6", local_now: "2026-11-24" };
  await assert.rejects(database({ callbacks_to_read: [row] }).store.callbacksToRead(5));
});

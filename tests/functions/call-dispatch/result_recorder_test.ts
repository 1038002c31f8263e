import assert from "node:assert/strict";
import { ResultRecorder } from "../../../supabase/functions/call-dispatch/result_recorder.ts";
import type { DispatchResult } from "../../../supabase/functions/call-dispatch/run_judge.ts";
import { StoreError } from "../../../supabase/functions/_shared/store_error.ts";

function result(attemptId: string, response?: unknown): DispatchResult {
  const said = response === undefined ? {} : { response };
  return { attemptId, leaseToken: "lease", status: "accepted", requestId: "1", ...said };
}

function results(count: number): DispatchResult[] {
  return Array.from({ length: count }, (_, at) => result(String(at)));
}

/** A store that keeps what it takes; `refuse` says what it throws at a batch instead, if anything. */
function scriptedStore(refuse: (batch: DispatchResult[], asked: number) => Error | null) {
  const store = {
    asked: [] as number[],
    stored: [] as DispatchResult[],
    recordDispatchResults: async (batch: DispatchResult[]) => {
      store.asked.push(batch.length);
      const error = refuse(batch, store.asked.length);
      if (error !== null) throw error;
      store.stored.push(...batch);
    },
    storedIds: () => store.stored.map(({ attemptId }) => attemptId).sort(),
  };
  return store;
}

const away = () => new StoreError("The database is away", true);
const rejected = () => new StoreError("Invalid input", false);

Deno.test("result recorder: what is pushed is stored when it is drained, once", async () => {
  const store = scriptedStore(() => null);
  const recorder = new ResultRecorder({ store });
  recorder.push([result("a")]);
  recorder.push([result("b")]);
  await recorder.drain();
  assert.deepEqual(store.storedIds(), ["a", "b"]);
  assert.equal(recorder.failure, null);
  await recorder.drain();
  assert.equal(store.stored.length, 2);
});

Deno.test("result recorder: nothing is gathered any more for whoever waits for the end", async () => {
  // The last one comes while others are being stored.
  const store = scriptedStore((_batch, asked) => {
    if (asked === 2) recorder.push([result("c")]);
    return null;
  });
  const recorder = new ResultRecorder({ store, gatherMs: 60_000 });
  for (const id of ["a", "b"]) {
    recorder.push([result(id)]);
    await recorder.drain();
  }
  await recorder.drain();
  assert.deepEqual(store.storedIds(), ["a", "b", "c"]);
});

Deno.test("result recorder: results are stored without being waited for", async () => {
  const store = scriptedStore(() => null);
  const recorder = new ResultRecorder({ store, gatherMs: 1 });
  recorder.push([result("a")]);
  const deadline = performance.now() + 2_000;
  while (store.stored.length === 0 && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.deepEqual(store.storedIds(), ["a"]);
  await recorder.drain();
});

Deno.test("result recorder: nothing pushed asks the store for nothing", async () => {
  const store = scriptedStore(() => null);
  const recorder = new ResultRecorder({ store });
  recorder.push([]);
  await recorder.drain();
  assert.deepEqual(store.asked, []);
});

Deno.test("result recorder: what is pushed close together goes in one batch, at most 200", async () => {
  const store = scriptedStore(() => null);
  const recorder = new ResultRecorder({ store });
  for (const each of results(450)) recorder.push([each]);
  await recorder.drain();
  assert.deepEqual(store.asked, [200, 200, 50]);
  assert.equal(new Set(store.storedIds()).size, 450);
});

Deno.test("result recorder: what is pushed while storing is stored by the same drain", async () => {
  const late = [result("late 1"), result("late 2")];
  const store = scriptedStore(() => {
    recorder.push(late.splice(0, 1));
    return null;
  });
  const recorder = new ResultRecorder({ store });
  recorder.push([result("early")]);
  await recorder.drain();
  assert.deepEqual(store.storedIds(), ["early", "late 1", "late 2"]);
});

Deno.test("result recorder: after a drain it takes results again", async () => {
  const store = scriptedStore(() => null);
  const recorder = new ResultRecorder({ store });
  recorder.push([result("a")]);
  await recorder.drain();
  recorder.push([result("b")]);
  await recorder.drain();
  assert.deepEqual(store.storedIds(), ["a", "b"]);
});

Deno.test("result recorder: a database that is away is asked until it is back", async () => {
  const store = scriptedStore((_batch, asked) => asked <= 3 ? away() : null);
  const recorder = new ResultRecorder({ store });
  recorder.push(results(5));
  await recorder.drain();
  assert.deepEqual(store.asked, [5, 5, 5, 5]);
  assert.equal(store.stored.length, 5);
  assert.equal(recorder.failure, null);
});

Deno.test("result recorder: a database that stays away is given up, and the failure kept", async () => {
  const first = away();
  const store = scriptedStore((_batch, asked) => asked === 1 ? first : away());
  const recorder = new ResultRecorder({ store, retryForMs: 50 });
  recorder.push(results(2));
  await recorder.drain();
  assert.deepEqual(store.stored, []);
  assert.equal(recorder.failure?.passing, true);
});

Deno.test("result recorder: after giving up, the next results are tried", async () => {
  const first = results(200);
  const store = scriptedStore((batch) =>
    batch.some((each) => first.includes(each)) ? away() : null
  );
  const recorder = new ResultRecorder({ store, retryForMs: 50 });
  recorder.push([...first, result("last")]);
  await recorder.drain();
  assert.deepEqual(store.storedIds(), ["last"]);
  assert.notEqual(recorder.failure, null);
});

Deno.test("result recorder: a reply that the database refuses is left out, its result is stored", async () => {
  const poison = "poison";
  const store = scriptedStore((batch) =>
    batch.some(({ response }) => response === poison) ? rejected() : null
  );
  const recorder = new ResultRecorder({ store });
  recorder.push([result("a", "fine"), result("b", poison), result("c", "fine")]);
  await recorder.drain();
  const stored = store.stored.sort((a, b) => a.attemptId < b.attemptId ? -1 : 1);
  assert.deepEqual(stored, [result("a", "fine"), result("b"), result("c", "fine")]);
  assert.equal(recorder.failure, null);
});

Deno.test("result recorder: a result that the database refuses does not keep the others", async () => {
  const store = scriptedStore((batch) =>
    batch.some(({ attemptId }) => attemptId === "b") ? rejected() : null
  );
  const recorder = new ResultRecorder({ store });
  recorder.push([result("a"), result("b", "fine"), result("c")]);
  await recorder.drain();
  assert.deepEqual(store.storedIds(), ["a", "c"]);
  assert.equal(recorder.failure?.message, "Invalid input");
});

Deno.test("result recorder: a row that stays locked does not keep the others", async () => {
  const store = scriptedStore((batch) =>
    batch.some(({ attemptId }) => attemptId === "b") ? away() : null
  );
  const recorder = new ResultRecorder({ store, retryForMs: 50 });
  recorder.push([result("a"), result("b", "fine"), result("c")]);
  await recorder.drain();
  assert.deepEqual(store.storedIds(), ["a", "c"]);
  assert.notEqual(recorder.failure, null);
});

Deno.test("result recorder: a mistake in the store is a failure like any other", async () => {
  const store = scriptedStore((batch) =>
    batch.some(({ attemptId }) => attemptId === "b") ? new TypeError("Not a function") : null
  );
  const recorder = new ResultRecorder({ store });
  recorder.push([result("a"), result("b"), result("c")]);
  await recorder.drain();
  assert.deepEqual(store.storedIds(), ["a", "c"]);
  assert.match(recorder.failure?.message ?? "", /Not a function/);
});

Deno.test("result recorder: a batch taken apart is still tried again while the database is away", async () => {
  let isAway = true;
  const store = scriptedStore((batch) => {
    if (batch.length > 1) return rejected();
    if (batch[0]?.attemptId === "b" && isAway) {
      isAway = false;
      return away();
    }
    return null;
  });
  const recorder = new ResultRecorder({ store });
  recorder.push([result("a"), result("b"), result("c")]);
  await recorder.drain();
  assert.deepEqual(store.storedIds(), ["a", "b", "c"]);
  assert.equal(recorder.failure, null);
});

import assert from "node:assert/strict";
import { seedFollowUps } from "../../../supabase/functions/call-dispatch/seed_follow_ups.ts";
import { StoreError } from "../../../supabase/functions/_shared/store_error.ts";

const neverUp = new AbortController().signal;

/** Seeds these numbers of leads one after another, or throws; then none. */
function scriptedStore(...answers: (number | Error)[]) {
  const store = {
    asked: [] as [batchSize: number, runId: string][],
    seedFollowUps: async (batchSize: number, runId: string) => {
      store.asked.push([batchSize, runId]);
      const answer = answers.shift() ?? 0;
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  return store;
}

Deno.test("seed follow-ups: nothing to seed is asked once, for this run", async () => {
  const store = scriptedStore(0);
  await seedFollowUps({ store, runId: "run", timeIsUp: neverUp });
  assert.deepEqual(store.asked, [[500, "run"]]);
});

Deno.test("seed follow-ups: full batches go on, the first that is not full is the last", async () => {
  const store = scriptedStore(500, 500, 499, 500);
  await seedFollowUps({ store, runId: "run", timeIsUp: neverUp });
  assert.equal(store.asked.length, 3);
});

Deno.test("seed follow-ups: no batch is begun once time is up", async () => {
  const time = new AbortController();
  const store = scriptedStore(...Array(10).fill(500));
  const seed = store.seedFollowUps;
  store.seedFollowUps = (batchSize, runId) => {
    if (store.asked.length === 2) time.abort();
    return seed(batchSize, runId);
  };
  await seedFollowUps({ store, runId: "run", timeIsUp: time.signal });
  assert.equal(store.asked.length, 3);
  await seedFollowUps({ store, runId: "run", timeIsUp: AbortSignal.abort() });
  assert.equal(store.asked.length, 3);
});

Deno.test("seed follow-ups: a database that is away for a moment is asked again", async () => {
  const store = scriptedStore(500, new StoreError("Away", true), 500, 3);
  await seedFollowUps({ store, runId: "run", timeIsUp: neverUp });
  assert.equal(store.asked.length, 4);
});

Deno.test("seed follow-ups: what does not pass ends the phase", async () => {
  const store = scriptedStore(new StoreError("No such function", false), 500);
  await assert.rejects(seedFollowUps({ store, runId: "run", timeIsUp: neverUp }), StoreError);
  assert.equal(store.asked.length, 1);
});

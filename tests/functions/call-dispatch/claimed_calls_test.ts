import assert from "node:assert/strict";
import { ClaimedCalls } from "../../../supabase/functions/call-dispatch/claimed_calls.ts";
import { StoreError } from "../../../supabase/functions/_shared/store_error.ts";
import type { Store } from "../../../supabase/functions/call-dispatch/store.ts";
import { claimedFollowUp } from "./claimed_follow_up.ts";
import { RUN_ID, stubStore } from "./stub_store.ts";

function claimedCalls(changes: Partial<Store>, preparing: Promise<unknown>[] = []) {
  const { store } = stubStore(changes);
  const steps: Promise<void>[] = [];
  const claimed = new ClaimedCalls({
    store,
    runId: RUN_ID,
    leaseMs: 90_000,
    preparing,
    start: (step) => void steps.push(step),
  });
  /** Claims, and waits for all that was started. */
  const claim = async (limit: number) => {
    claimed.claimAhead(limit);
    await Promise.all(steps);
  };
  return { claimed, claim, steps };
}

Deno.test("claimed calls: twice the limit is claimed, once at a time, and none while enough are ready", async () => {
  const sizes: number[] = [];
  const { claimed, claim } = claimedCalls({
    claimDueFollowUps: async (batchSize) => {
      sizes.push(batchSize);
      return Array.from({ length: batchSize }, (_, ordinal) => claimedFollowUp(ordinal));
    },
  });
  claimed.claimAhead(5);
  assert.ok(claimed.isAtWork);
  await claim(5);
  await claim(5);
  assert.deepEqual([sizes, claimed.count, claimed.isAtWork], [[10], 10, false]);
  assert.equal(claimed.take(6).length, 6);
  await claim(5);
  assert.deepEqual([sizes, claimed.count], [[10, 10], 14]);
});

Deno.test("claimed calls: a number that is not valid fails its follow-up, and only that", async () => {
  const failed: string[] = [];
  const bad = { ...claimedFollowUp(1), phone: "no number" };
  const { claimed, claim } = claimedCalls({
    claimDueFollowUps: async () => [bad, claimedFollowUp(2)],
    failFollowUps: async (items) => void failed.push(...items.map((item) => item.followUpId)),
  });
  await claim(1);
  assert.deepEqual([failed, claimed.take(9).map(({ toNumber }) => toNumber)], [
    [bad.followUpId],
    ["+14152001002"],
  ]);
});

Deno.test("claimed calls: it is dry when a claim finds nothing and no step is at work", async () => {
  let isOver = () => {};
  const step = new Promise<void>((resolve) => isOver = resolve);
  let claims = 0;
  const { claimed, steps } = claimedCalls({
    claimDueFollowUps: async () => {
      claims += 1;
      return [];
    },
  }, [step]);
  claimed.claimAhead(5);
  await steps[1];
  claimed.claimAhead(5);
  assert.deepEqual([claims, claimed.isDry], [1, false]);
  isOver();
  await steps[0];
  claimed.claimAhead(5);
  await steps[2];
  assert.deepEqual([claims, claimed.isDry], [2, true]);
});

Deno.test("claimed calls: what is ready is given back once, and what was handed out is not", async () => {
  const released: string[][] = [];
  const rows = [claimedFollowUp(1), claimedFollowUp(2)];
  const { claimed, claim, steps } = claimedCalls({
    claimDueFollowUps: async () => rows,
    releaseFollowUps: async (tokens) => void released.push(tokens),
  });
  await claim(2);
  claimed.take(1);
  claimed.giveBack();
  claimed.giveBack();
  assert.ok(claimed.isAtWork);
  await Promise.all(steps);
  assert.deepEqual(released, [[rows[1]?.leaseToken]]);
  assert.deepEqual([claimed.count, claimed.isAtWork], [0, false]);
});

Deno.test("claimed calls: after a claim that failed it can be claimed again", async () => {
  let claims = 0;
  const { claimed, claim, steps } = claimedCalls({
    claimDueFollowUps: async () => {
      claims += 1;
      if (claims === 1) throw new StoreError("The database is away", false);
      return [claimedFollowUp(1)];
    },
  });
  await assert.rejects(claim(1), /The database is away/);
  assert.equal(claimed.isAtWork, false);
  steps.length = 0;
  await claim(1);
  assert.equal(claimed.count, 1);
});

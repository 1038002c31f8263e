import assert from "node:assert/strict";
import { retryWhilePassing } from "../../../supabase/functions/_shared/retry_while_passing.ts";
import { StoreError } from "../../../supabase/functions/_shared/store_error.ts";

const passing = () => new StoreError("The database is away", true);

/** Throws these one after another, then answers. */
function failing(...errors: unknown[]) {
  const ask = () => {
    ask.times += 1;
    return errors.length > 0 ? Promise.reject(errors.shift()) : Promise.resolve("answer");
  };
  ask.times = 0;
  return ask;
}

Deno.test("retry while passing: an answer at once is asked for once", async () => {
  const ask = failing();
  assert.equal(await retryWhilePassing(ask, { forMs: 1_000 }), "answer");
  assert.equal(ask.times, 1);
});

Deno.test("retry while passing: what passes is asked again, each time later", async () => {
  const ask = failing(passing(), passing(), passing());
  const startedAt = performance.now();
  assert.equal(await retryWhilePassing(ask, { forMs: 5_000 }), "answer");
  const tookMs = performance.now() - startedAt;
  assert.equal(ask.times, 4);
  assert.ok(tookMs >= 690 && tookMs < 2_000, `took ${tookMs} ms`);
});

const lasting: [string, Error][] = [
  ["a store error that does not pass", new StoreError("No such function", false)],
  ["an error of another kind", new Error("Mistake")],
  ["a failed fetch", new TypeError("fetch failed")],
];
for (const [name, error] of lasting) {
  Deno.test(`retry while passing: ${name} is thrown at once`, async () => {
    const ask = failing(error);
    await assert.rejects(retryWhilePassing(ask, { forMs: 5_000 }), (thrown) => thrown === error);
    assert.equal(ask.times, 1);
  });
}

Deno.test("retry while passing: what stops passing is thrown then", async () => {
  const last = new StoreError("No such function", false);
  const ask = failing(passing(), last, passing());
  await assert.rejects(retryWhilePassing(ask, { forMs: 5_000 }), (thrown) => thrown === last);
  assert.equal(ask.times, 2);
});

Deno.test("retry while passing: when time is up the last error is thrown, as it was", async () => {
  const errors = Array.from({ length: 50 }, passing);
  const ask = failing(...errors);
  const startedAt = performance.now();
  await assert.rejects(
    retryWhilePassing(ask, { forMs: 400 }),
    (thrown) => thrown === errors[ask.times - 1],
  );
  const tookMs = performance.now() - startedAt;
  assert.ok(ask.times >= 2 && ask.times <= 5, `${ask.times} times`);
  assert.ok(tookMs < 1_000, `took ${tookMs} ms`);
});

Deno.test("retry while passing: a failure that took all the time is asked again once", async () => {
  let times = 0;
  const ask = async () => {
    times += 1;
    await new Promise((resolve) => setTimeout(resolve, 150));
    throw passing();
  };
  await assert.rejects(retryWhilePassing(ask, { forMs: 100 }), StoreError);
  assert.equal(times, 2);
});

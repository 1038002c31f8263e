import assert from "node:assert/strict";
import { within } from "../../../supabase/functions/_shared/within.ts";

const never = (signal: AbortSignal) =>
  new Promise<never>((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });

Deno.test("within: an answer in time is the result, and its timer is gone", async () => {
  // The test runner finds timers that are left.
  let signal: AbortSignal | undefined;
  const answer = await within(60_000, async (given) => {
    signal = given;
    return 7;
  });
  assert.deepEqual([answer, signal?.aborted], [7, false]);
});

Deno.test("within: without an answer in time it fails as a time-out of the platform does", async () => {
  const error = await within(10, never).catch((error) => error);
  assert.ok(error instanceof DOMException);
  assert.equal(error.name, "TimeoutError");
});

Deno.test("within: what fails in time fails as it did, and its timer is gone", async () => {
  await assert.rejects(
    within(60_000, () => Promise.reject(new Error("refused"))),
    /^Error: refused$/,
  );
});

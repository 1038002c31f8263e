import assert from "node:assert/strict";
import { omniFault } from "../../../../supabase/local/simulated_omni/faults/omni_fault.ts";
import { startSimulatedOmni } from "../../../../supabase/local/simulated_omni/start_simulated_omni.ts";
import { getFrom } from "../get_from.ts";
import { postDispatch } from "../post_dispatch.ts";

Deno.test("the balance tells the lines, those of others among them", async () => {
  await using omni = await startSimulatedOmni({ lines: 5, linesUsedByOthers: 2, balanceUsd: 7.5 });
  await postDispatch(omni);
  const { status, json } = await getFrom(omni, "/account/balance");
  assert.equal(status, 200);
  assert.deepEqual(json.concurrency, { limit: 5, in_use: 3, available: 2 });
  assert.deepEqual(json.balance, { amount: 7.5, currency: "USD" });
  assert.equal((json.plan as { is_usage_based: boolean }).is_usage_based, true);
});

Deno.test("more calls than lines leave none available, not less than none", async () => {
  await using omni = await startSimulatedOmni({ lines: 1, linesUsedByOthers: 4 });
  const { json } = await getFrom(omni, "/account/balance");
  assert.deepEqual(json.concurrency, { limit: 1, in_use: 4, available: 0 });
});

Deno.test("without Billing access the balance is 403", async () => {
  await using omni = await startSimulatedOmni({ hasBillingAccess: false });
  const { status, json } = await getFrom(omni, "/account/balance");
  assert.equal(status, 403);
  assert.equal(json.error, "forbidden");
});

Deno.test("the balance needs the key", async () => {
  await using omni = await startSimulatedOmni();
  assert.equal((await getFrom(omni, "/account/balance", "wrong")).status, 401);
});

Deno.test("faults of reading do not meet dispatches, nor the other way round", async () => {
  await using omni = await startSimulatedOmni();
  omni.readFaults.always(omniFault.status(503));
  assert.equal((await postDispatch(omni)).status, 200);
  assert.equal((await getFrom(omni, "/account/balance")).status, 503);
  omni.readFaults.clear();
  omni.faults.always(omniFault.status(503));
  assert.equal((await getFrom(omni, "/account/balance")).status, 200);
});

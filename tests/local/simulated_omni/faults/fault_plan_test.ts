import assert from "node:assert/strict";
import { omniFault } from "../../../../supabase/local/simulated_omni/faults/omni_fault.ts";
import type { SimulatedOmni } from "../../../../supabase/local/simulated_omni/simulated_omni.ts";
import { startSimulatedOmni } from "../../../../supabase/local/simulated_omni/start_simulated_omni.ts";
import { postDispatch } from "../post_dispatch.ts";

async function statuses(omni: SimulatedOmni, count: number): Promise<number[]> {
  const seen: number[] = [];
  while (seen.length < count) seen.push((await postDispatch(omni)).status);
  return seen;
}

Deno.test("a script meets requests in order, lets some through and is used up", async () => {
  await using omni = await startSimulatedOmni();
  omni.faults.next(omniFault.status(500), null, omniFault.status(403));
  assert.equal(omni.faults.scripted, 3);
  assert.deepEqual(await statuses(omni, 4), [500, 200, 403, 200]);
  assert.equal(omni.faults.scripted, 0);
  assert.equal(omni.ledger.count, 2);
});

Deno.test("a fault for a number leaves other numbers alone", async () => {
  await using omni = await startSimulatedOmni();
  omni.faults.forNumber("+14155550123", omniFault.status(500));
  assert.equal((await postDispatch(omni, "+14155550123")).status, 500);
  assert.equal((await postDispatch(omni, "+14155550123")).status, 500);
  assert.equal((await postDispatch(omni, "+14155550124")).status, 200);
  assert.deepEqual([...omni.ledger.ringsByNumber().keys()], ["+14155550124"]);
});

Deno.test("faults for one number follow each other when they are counted", async () => {
  await using omni = await startSimulatedOmni();
  omni.faults.forNumber("+919812345678", omniFault.status(500), 2);
  omni.faults.forNumber("+919812345678", omniFault.status(403), 1);
  assert.deepEqual(await statuses(omni, 4), [500, 500, 403, 200]);
});

Deno.test("a predicate sees the body", async () => {
  await using omni = await startSimulatedOmni();
  const isAsha = (body: unknown) => (body as { call_context?: { name: string } })?.call_context;
  omni.faults.when(({ body }) => isAsha(body)?.name === "Asha", omniFault.status(502));
  const fields = { call_context: { name: "Asha" } };
  assert.equal((await postDispatch(omni, undefined, { fields })).status, 502);
  assert.equal((await postDispatch(omni, undefined, { rawBody: "{" })).status, 400);
  assert.equal((await postDispatch(omni)).status, 200);
});

Deno.test("a rate meets about its share, the same requests for the same seed", async () => {
  const runs = await Promise.all([7, 7, 8].map(async (seed) => {
    await using omni = await startSimulatedOmni();
    omni.faults.atRate(0.3, omniFault.status(500), { seed });
    return await statuses(omni, 200);
  }));
  const [one, same, other] = runs;
  assert.deepEqual(one, same);
  assert.notDeepEqual(one, other);
  const met = one?.filter((status) => status === 500).length ?? 0;
  assert.ok(met > 40 && met < 80, `met ${met} of 200`);
});

Deno.test("a standing fault meets all that nothing else meets, until it is ended", async () => {
  await using omni = await startSimulatedOmni();
  omni.faults.always(omniFault.outOfCredit());
  omni.faults.next(omniFault.status(500));
  assert.deepEqual(await statuses(omni, 3), [500, 402, 402]);
  omni.faults.always(null);
  assert.deepEqual(await statuses(omni, 1), [200]);
});

Deno.test("the script comes before rules, rules before the standing fault", async () => {
  await using omni = await startSimulatedOmni();
  omni.faults.always(omniFault.status(500));
  omni.faults.when(() => true, omniFault.status(403), 1);
  omni.faults.next(null);
  assert.deepEqual(await statuses(omni, 3), [200, 403, 500]);
});

Deno.test("clearing forgets script, rules and standing fault", async () => {
  await using omni = await startSimulatedOmni();
  omni.faults.next(omniFault.status(500));
  omni.faults.when(() => true, omniFault.status(500));
  omni.faults.always(omniFault.status(500));
  omni.faults.clear();
  assert.deepEqual(await statuses(omni, 2), [200, 200]);
});

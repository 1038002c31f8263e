import assert from "node:assert/strict";
import { Slots } from "../../../../supabase/local/simulated_omni/webhooks/slots.ts";

Deno.test("no more go on at once than there are slots, in the order of their coming", async () => {
  const slots = new Slots(2);
  const began: number[] = [];
  const gates = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
  const all = gates.map(({ promise }, at) =>
    slots.during(async () => {
      began.push(at);
      await promise;
    })
  );
  assert.deepEqual(began, [0, 1]);
  gates[1]?.resolve();
  await all[1];
  const last = slots.during(() => Promise.resolve(began.push(4)));
  assert.deepEqual(began, [0, 1, 2]);
  gates.forEach((gate) => gate.resolve());
  await Promise.all([...all, last]);
  assert.deepEqual(began, [0, 1, 2, 3, 4]);
});

Deno.test("work that fails gives its slot back", async () => {
  const slots = new Slots(1);
  await assert.rejects(slots.during(() => Promise.reject(new Error("No"))), /No/);
  assert.equal(await slots.during(() => Promise.resolve(7)), 7);
});

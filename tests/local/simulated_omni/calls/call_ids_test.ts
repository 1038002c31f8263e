import assert from "node:assert/strict";
import { CallIds } from "../../../../supabase/local/simulated_omni/calls/call_ids.ts";

Deno.test("ids of calls rise and leave room for a second row, whoever placed the calls", () => {
  const ids = new CallIds();
  const drawn = [
    ids.forRing(1),
    ids.next(),
    ids.next(),
    ids.forRing(2),
    ids.forRing(9),
    ids.next(),
  ];
  assert.ok(drawn.every((id, at) => at === 0 || id >= (drawn[at - 1] ?? Infinity) + 2), `${drawn}`);
});

Deno.test("ids go on where the rings of an earlier process ended", () => {
  const earlier = new CallIds();
  const drawn = [1, 2, 3].map((ordinal) => earlier.forRing(ordinal));
  assert.ok(new CallIds().forRing(4) > Math.max(...drawn) + 1);
});

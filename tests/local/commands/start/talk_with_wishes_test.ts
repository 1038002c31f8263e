import assert from "node:assert/strict";
import { talkWithWishes } from "../../../../supabase/local/commands/start/talk_with_wishes.ts";
import { readCallback } from "../../../../supabase/functions/_shared/read_callback.ts";
import type { Ring } from "../../../../supabase/local/simulated_omni/ledger/ring.ts";

Deno.test("talkWithWishes: every second talk ends with a wish, and of four one is for a person", () => {
  const talk = talkWithWishes();
  const wishes = Array.from({ length: 8 }, () => {
    const { extractedVariables } = talk({} as Ring, "completed");
    return extractedVariables?.callback_time as string | undefined;
  });
  assert.deepEqual(wishes.map((wish) => wish !== undefined), [0, 1, 0, 1, 0, 1, 0, 1].map(Boolean));
  const read = wishes.filter((wish) => wish !== undefined)
    .map((wish) => readCallback(wish, "2026-11-22T12:00:00"));
  assert.equal(read.filter((time) => time === null).length, 1);
  assert.equal(talk({} as Ring, "voicemail_detected").extractedVariables, undefined);
});

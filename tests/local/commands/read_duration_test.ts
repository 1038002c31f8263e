import assert from "node:assert/strict";
import { readDuration } from "../../../supabase/local/commands/read_duration.ts";

Deno.test("readDuration: seconds, minutes and hours, up to a day", () => {
  assert.deepEqual(["1s", "90s", "5m", "24h", " 10S "].map(readDuration), [
    1_000,
    90_000,
    300_000,
    86_400_000,
    10_000,
  ]);
  for (const text of ["", "10", "s", "0s", "1.5m", "-5s", "25h", "10sec", "1d"]) {
    assert.equal(readDuration(text), null, text);
  }
});

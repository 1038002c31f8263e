import assert from "node:assert/strict";
import { wholeNumber } from "../../../supabase/local/simulated_omni/whole_number.ts";

Deno.test("whole number: within its bounds, and nothing else", () => {
  assert.equal(wholeNumber("30", 1, 150), 30);
  for (const text of ["0", "151", "-1", "1.5", "", "ten"]) {
    assert.equal(wholeNumber(text, 1, 150), null, text);
  }
});

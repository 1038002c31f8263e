import assert from "node:assert/strict";
import { printable } from "../../../supabase/local/commands/printable.ts";

Deno.test("printable: nothing in it moves the cursor or breaks the line", () => {
  assert.equal(printable("a\u001b[2Jb\u0000c\nd\te"), "a·[2Jb·c d e");
  assert.equal(printable("\u202eabc"), "·abc");
});

Deno.test("printable: long text is cut between characters", () => {
  assert.equal(printable("😀😀😀", 2), "😀…");
  assert.equal(printable("😀😀", 2), "😀😀");
});

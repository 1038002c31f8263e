import assert from "node:assert/strict";
import { shareLines } from "../../../../supabase/local/commands/start/share_lines.ts";

Deno.test("shareLines: everything is shown where there is room", () => {
  assert.deepEqual(shareLines([3, 0, 4], 50), [3, 0, 4]);
});

Deno.test("shareLines: a long list leaves room for the short ones and takes what they do not need", () => {
  assert.deepEqual(shareLines([1_000, 5, 0], 50), [45, 5, 0]);
  assert.deepEqual(shareLines([50, 50, 50], 50).reduce((sum, share) => sum + share), 50);
});

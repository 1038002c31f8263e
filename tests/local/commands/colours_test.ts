import assert from "node:assert/strict";
import { coloursFor } from "../../../supabase/local/commands/colours.ts";

Deno.test("colours: on a terminal only, and not where NO_COLOR is set", () => {
  const red = (width: number | null, noColor: string) => coloursFor({ width }, noColor).red("stop");
  assert.equal(red(80, ""), "\x1b[31mstop\x1b[39m");
  assert.equal(red(80, "1"), "stop");
  assert.equal(red(null, ""), "stop");
});

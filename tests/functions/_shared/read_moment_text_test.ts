import assert from "node:assert/strict";
import { readMomentText } from "../../../supabase/functions/_shared/read_moment_text.ts";

Deno.test("moment text: with an offset it is one moment, without one it is none", () => {
  const read = (text: string) => readMomentText(text)?.toISOString() ?? null;
  assert.equal(read("2026-12-01T09:00+05:30"), "2026-12-01T03:30:00.000Z");
  assert.equal(read("2026-12-01T09:00:15.5Z"), "2026-12-01T09:00:15.500Z");
  for (const text of ["2026-12-01T09:00", "2026-12-01", "09:00Z", "", "2026-02-30T09:00Z"]) {
    assert.equal(read(text), null, text);
  }
  // In UTC they lie outside the years that the database reads.
  assert.equal(read("0001-01-01T00:00+01:00"), null);
  assert.equal(read("9999-12-31T23:00-12:00"), null);
});

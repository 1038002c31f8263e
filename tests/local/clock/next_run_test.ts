import assert from "node:assert/strict";
import { nextRun } from "../../../supabase/local/clock/next_run.ts";

const FROM = new Date("2026-02-27T23:58:30Z");
const CASES: [schedule: string, next: string][] = [
  ["*/5 * * * *", "2026-02-28T00:00:00.000Z"],
  ["30 3 * * *", "2026-02-28T03:30:00.000Z"],
  ["0 12 $ * *", "2026-02-28T12:00:00.000Z"],
  ["0 0 * * 1", "2026-03-02T00:00:00.000Z"],
  ["@hourly", "2026-02-28T00:00:00.000Z"],
  ["10 seconds", "2026-02-27T23:58:40.000Z"],
];

for (const [schedule, next] of CASES) {
  Deno.test(`nextRun of "${schedule}" is reckoned in UTC`, () => {
    assert.equal(nextRun(schedule, FROM)?.toISOString(), next);
  });
}

import assert from "node:assert/strict";
import { describeRun } from "../../../../supabase/local/commands/start/describe_run.ts";
import type { DispatchRun } from "../../../../supabase/local/commands/start/read_runs.ts";

const run: DispatchRun = {
  id: "00000000-0000-4000-8000-000000000001",
  source: "manual",
  started_at: new Date(2026, 10, 22, 17, 50, 26),
  finished_at: new Date(2026, 10, 22, 17, 50, 26, 200),
  seeded: 1,
  claimed: 1,
  accepted: 1,
  skipped: 0,
  failed: 0,
  postponed: 0,
  not_sent: 0,
  refused: 0,
  unknown: 0,
  rescued: 0,
  stop_reason: "drained",
  error: null,
};

Deno.test("describeRun: says why the run took place, what it came to and why it stopped", () => {
  const names = {
    manual: "Run by hand",
    pg_cron: "Run by the schedule",
    new_lead: "Run for a new lead",
    call_ended: "Run after the end of a call",
    continuation: "Run right after another",
    something: "Run (something)",
  };
  for (const [source, name] of Object.entries(names)) {
    assert.equal(
      describeRun({ ...run, source }),
      `${name} at 17:50:26, 0.2 s: 1 called, 0 skipped, 0 failed. Nothing that is due is left.`,
    );
  }
});

Deno.test("describeRun: a limit that is used up is named as one, not as a fault", () => {
  assert.match(describeRun({ ...run, stop_reason: "limited" }), /most calls are made/);
});

import assert from "node:assert/strict";
import { coloursFor } from "../../../../supabase/local/commands/colours.ts";
import { describeStatus } from "../../../../supabase/local/commands/status/describe_status.ts";
import type { Status } from "../../../../supabase/local/commands/status/read_status.ts";

const AT = new Date("2026-11-24T09:00:00Z");

function page(status: Partial<Status["status"]>): string {
  const read: Status = {
    at: AT,
    status: {
      paused: false,
      last_tick_at: new Date(AT.getTime() - 90_000),
      last_tick_did: "started a run",
      tick_is_late: false,
      due_now: 0,
      oldest_due_at: null,
      under_way: 1,
      live_calls: 3,
      unknown_calls: 0,
      called_today: 12,
      failed_today: 1,
      free_slots: 7,
      last_run_stop_reason: null,
      last_run_error: null,
      warnings: [],
      incidents: [],
      calls_left: null,
      why_none_is_left: null,
      spent_today: null,
      spent_this_month: null,
      omni_lines_available: null,
      omni_lines_limit: null,
      omni_balance: null,
      omni_currency: null,
      omni_told_at: null,
      ...status,
    },
    queue: [],
    runs: [],
  };
  return describeStatus(read, { colours: coloursFor({ width: 80 }, ""), width: 80 });
}

Deno.test("status page: green when all is well, yellow and red where a person should look", () => {
  assert.ok(page({}).startsWith("\x1b[1m\x1b[32mAll is well"));
  assert.ok(page({}).includes("\x1b[32mlast tick 1 min ago\x1b[39m: started a run"));
  assert.ok(
    page({}).includes("3 live, 0 unknown, 7 lines free; today 12 called, 1 given up"),
  );
  const late = page({ tick_is_late: true, warnings: ["One", "Two"] });
  assert.ok(late.includes("2 warnings:"));
  assert.ok(late.includes("\x1b[33m  ! One\x1b[39m"));
  assert.ok(late.includes("\x1b[31mlast tick 1 min ago\x1b[39m"));
  assert.ok(page({ last_tick_at: null }).includes("\x1b[31mhas never ticked\x1b[39m"));
});

Deno.test("status page: limits, money and what Omni says of itself", () => {
  assert.ok(page({}).includes("no limit of calls"));
  assert.ok(!page({}).includes("Omni"));
  const told = page({
    calls_left: 14,
    spent_today: "3.25",
    spent_this_month: "80.5",
    omni_lines_available: 7,
    omni_lines_limit: 10,
    omni_balance: "12.5",
    omni_currency: "USD",
    omni_told_at: new Date(AT.getTime() - 240_000),
    warnings: ["Runs are halted"],
    incidents: ["Runs are halted", "Well again since 08:55 UTC, not over yet: No tick"],
  });
  assert.ok(told.includes("14 calls left; spent 3.25 USD today, 80.5 USD this month"));
  assert.ok(told.includes("7 of 10 lines available, balance 12.5 USD, as told 4 min ago"));
  assert.ok(told.includes("Well again since 08:55 UTC"));
  assert.equal(told.split("Runs are halted").length, 2);
});

Deno.test("status page: escape sequences in a warning do not reach the terminal", () => {
  assert.ok(page({ warnings: ["Bad \x1b[2J thing"] }).includes("Bad ·[2J thing"));
});

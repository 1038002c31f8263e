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
    page({}).includes("3 live, 0 unknown, 7 lines free; since midnight UTC 12 called, 1 given up"),
  );
  const late = page({ tick_is_late: true, warnings: ["One", "Two"] });
  assert.ok(late.includes("2 warnings:"));
  assert.ok(late.includes("\x1b[33m  ! One\x1b[39m"));
  assert.ok(late.includes("\x1b[31mlast tick 1 min ago\x1b[39m"));
  assert.ok(page({ last_tick_at: null }).includes("\x1b[31mhas never ticked\x1b[39m"));
});

Deno.test("status page: escape sequences in a warning do not reach the terminal", () => {
  assert.ok(page({ warnings: ["Bad \x1b[2J thing"] }).includes("Bad ·[2J thing"));
});

import assert from "node:assert/strict";
import { TimerLead } from "../../../supabase/local/simulated_omni/timer_lead.ts";

Deno.test("timer lead: timers that are late by a varying millisecond go off on time on average", () => {
  const lead = new TimerLead();
  const lateness: number[] = [];
  for (let each = 0; each < 2_000; each += 1) {
    const late = 0.3 + 2 * ((each * 7) % 10) / 10 - lead.ms;
    lead.wasLate(late);
    if (each >= 500) lateness.push(late);
  }
  const mean = lateness.reduce((sum, late) => sum + late, 0) / lateness.length;
  assert.ok(Math.abs(mean) < 0.01, `${mean} ms late on average`);
});

Deno.test("timer lead: a process that was busy for seconds sets its timers at most 2 ms early", () => {
  const lead = new TimerLead();
  lead.wasLate(30_000);
  assert.equal(lead.ms, 2);
});

Deno.test("timer lead: timers that were early are not set late", () => {
  const lead = new TimerLead();
  lead.wasLate(-50);
  assert.equal(lead.ms, 0);
});

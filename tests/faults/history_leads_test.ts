import assert from "node:assert/strict";
import type { Ring } from "../../supabase/local/simulated_omni/ledger/ring.ts";
import { type Excuses, HistoryLeads } from "./history_leads.ts";

const NO_EXCUSE: Excuses = {
  doubtfulNumbers: new Set(),
  doubtfulLeads: new Set(),
  refusedLeads: new Set(),
};

Deno.test("history leads: who is open and was never rung is uncalled", () => {
  const leads = threeLeads();
  assert.deepEqual(leads.uncalled([ringFor("a", "+1")], NO_EXCUSE), ["b", "c"]);
  leads.close("b");
  assert.deepEqual(leads.uncalled([ringFor("a", "+1")], NO_EXCUSE), ["c"]);
});

Deno.test("history leads: a doubtful call, a refusal, or too many attempts excuse, each its own leads", () => {
  const leads = threeLeads();
  const uncalled = (excuses: Partial<Excuses>) => leads.uncalled([], { ...NO_EXCUSE, ...excuses });
  assert.deepEqual(uncalled({ doubtfulNumbers: new Set(["+1"]) }), ["c"]);
  assert.deepEqual(uncalled({ doubtfulLeads: new Set(["a"]) }), ["b", "c"]);
  assert.deepEqual(uncalled({ refusedLeads: new Set(["c"]) }), ["a", "b"]);
  for (let run = 1; run <= 6; run += 1) leads.noteAwayRun();
  leads.add("d", "+4");
  assert.deepEqual(uncalled({}), ["d"]);
});

Deno.test("history leads: only an open lead may be rung, and only at its own number", () => {
  const leads = threeLeads();
  leads.assertMayBeRung([ringFor("a", "+1")]);
  leads.changeNumber("a", "+2");
  assert.throws(() => leads.assertMayBeRung([ringFor("a", "+1")]), /number that is not the lead's/);
  leads.close("c");
  assert.throws(() => leads.assertMayBeRung([ringFor("c", "+3")]), /its lead is closed/);
  assert.throws(() => leads.assertMayBeRung([ringFor("x", "+1")]), /none of this history's/);
  leads.assertMayBeRung([ringFor("a", "+2"), ringFor("b", "+1")]);
});

/** a and b share a number. */
function threeLeads(): HistoryLeads {
  const leads = new HistoryLeads();
  leads.add("a", "+1");
  leads.add("b", "+1");
  leads.add("c", "+3");
  return leads;
}

function ringFor(lead: string, toNumber: string): Ring {
  return { toNumber, body: { call_context: { lead_id: lead } } } as unknown as Ring;
}

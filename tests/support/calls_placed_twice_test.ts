import assert from "node:assert/strict";
import type { Ring } from "../../supabase/local/simulated_omni/ledger/ring.ts";
import { callsPlacedTwice } from "./calls_placed_twice.ts";

const MINUTE = 60_000;

Deno.test("calls placed twice: a lead may ring as often as there is reason to", () => {
  const rings = [ring(1, "ada", "+14155550101"), ring(70, "ada", "+14155550101")];
  assert.equal(count(rings, 1), 1);
  assert.equal(count(rings, 2), 0);
});

Deno.test("calls placed twice: a number that is in a call must not ring for another lead", () => {
  const first = ring(1, "ada", "+14155550101");
  assert.equal(count([first, ring(30, "bob", "+14155550101")], 1), 1);
  assert.equal(count([first, ring(61, "bob", "+14155550101")], 1), 0);
  assert.equal(count([first, ring(30, "bob", "+14155550102")], 1), 0);
});

Deno.test("calls placed twice: one that is wrong in both ways is one", () => {
  assert.equal(count([ring(1, "ada", "+14155550101"), ring(2, "ada", "+14155550101")], 1), 1);
});

function count(rings: Ring[], reasons: number): number {
  return callsPlacedTwice(rings, {
    reasons: () => reasons,
    at: ({ ordinal }) => ordinal * MINUTE,
    overAt: ({ ordinal }) => (ordinal + 60) * MINUTE,
  });
}

// The minute of its ringing is its place in the ledger.
function ring(minute: number, leadId: string, toNumber: string): Ring {
  const body = { call_context: { lead_id: leadId } };
  const rawBody = JSON.stringify(body);
  return { ordinal: minute, toNumber, placedAt: "", requestId: minute, rawBody, body, fault: null };
}

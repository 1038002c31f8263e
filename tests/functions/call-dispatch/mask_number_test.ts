import assert from "node:assert/strict";
import { maskNumber } from "../../../supabase/functions/call-dispatch/mask_number.ts";

const cases: [string, string][] = [
  ["+919812345678", "+91********78"],
  ["+1 415 555 2671", "+1 **********71"],
  ["9812345", "981**45"],
  ["112", "***"],
  ["+91981", "******"],
  ["", ""],
];
for (const [number, masked] of cases) {
  Deno.test(`mask number: "${number}" is shown as "${masked}"`, () => {
    assert.equal(maskNumber(number), masked);
  });
}

Deno.test("mask number: never more than five characters are shown, and the length stays", () => {
  for (let length = 0; length <= 40; length++) {
    const masked = maskNumber("9".repeat(length));
    assert.equal(masked.length, length);
    assert.ok(masked.replaceAll("*", "").length <= Math.min(5, Math.max(0, length - 2)));
  }
});

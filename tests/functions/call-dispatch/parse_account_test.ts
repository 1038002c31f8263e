import assert from "node:assert/strict";
import { parseAccount } from "../../../supabase/functions/call-dispatch/parse_account.ts";

const told = {
  concurrency: { limit: 10, in_use: 4, available: 6 },
  balance: { amount: 12.5, currency: "USD" },
  plan: { is_usage_based: true },
};

Deno.test("parse account: lines and balance are read", () => {
  assert.deepEqual(parseAccount(200, JSON.stringify(told)), {
    kind: "headroom",
    linesLimit: 10,
    linesInUse: 4,
    linesAvailable: 6,
    balance: 12.5,
    currency: "USD",
  });
});

for (const httpStatus of [401, 402, 403, 404, 405]) {
  Deno.test(`parse account: HTTP ${httpStatus} is a refusal, whatever stands in it`, () => {
    assert.equal(parseAccount(httpStatus, JSON.stringify(told)).kind, "refused");
  });
}

const nonsense: [string, number, string | null][] = [
  ["a server error", 500, JSON.stringify(told)],
  ["a redirect", 302, ""],
  ["no JSON", 200, "<html>"],
  ["no lines", 200, "{}"],
  ["an array", 200, "[]"],
  ["a reply that was too long", 200, null],
];

for (const [name, httpStatus, text] of nonsense) {
  Deno.test(`parse account: ${name} is a failure`, () => {
    assert.equal(parseAccount(httpStatus, text).kind, "failed");
  });
}

Deno.test("parse account: figures that cannot be are not told", () => {
  const wild = { concurrency: { limit: -1, in_use: 1.5, available: "6" }, balance: "12" };
  assert.deepEqual(parseAccount(200, JSON.stringify(wild)), {
    kind: "headroom",
    linesLimit: null,
    linesInUse: null,
    linesAvailable: null,
    balance: null,
    currency: null,
  });
});

const lines: [string, (number | null)[], (number | null)[]][] = [
  ["all lines in use", [10, 10, 0], [10, 0]],
  ["fewer lines told of than there are", [10, 4, 3], [10, 3]],
  ["no lines at all", [0, 0, 0], [null, null]],
  ["calls on no lines", [0, 3, 0], [null, null]],
  ["more lines than there are", [10, 4, 7], [10, null]],
  ["no line free while some are not in use", [10, 4, 0], [10, null]],
  ["more calls than lines", [10, 12, 0], [10, 0]],
  ["more calls than lines, written as fewer than none free", [10, 12, -2], [10, 0]],
  ["more calls than lines, and one free", [10, 12, 1], [10, null]],
  ["none free and none in use, of a number that is not told", [null, 0, 0], [null, null]],
  ["free lines alone", [null, null, 3], [null, 3]],
  ["no free lines alone", [null, null, 0], [null, 0]],
];

for (const [name, [limit, in_use, available], [linesLimit, linesAvailable]] of lines) {
  Deno.test(`parse account: ${name}`, () => {
    const reading = parseAccount(
      200,
      JSON.stringify({ ...told, concurrency: { limit, in_use, available } }),
    );
    assert.ok(reading.kind === "headroom");
    assert.deepEqual([reading.linesLimit, reading.linesAvailable], [linesLimit, linesAvailable]);
  });
}

import assert from "node:assert/strict";
import { readExtractedVariables } from "../../../supabase/functions/call-ended/extracted_variables.ts";

Deno.test("extracted variables: plain values are kept as they are", () => {
  const given = { name: "Asha", rooms: 2.5, wants: true, no: false, none: null, empty: "" };
  assert.deepEqual(readExtractedVariables(given), given);
  assert.deepEqual(readExtractedVariables({}), {});
});

Deno.test("extracted variables: what is no object tells nothing", () => {
  for (const given of [undefined, null, false, "", "a", 5, [], ["a"]]) {
    assert.equal(readExtractedVariables(given), null);
  }
});

Deno.test("extracted variables: the first 50 keys are kept", () => {
  const given = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`key_${index}`, 1]));
  const kept = Object.keys(readExtractedVariables(given) ?? {});
  assert.deepEqual(kept, Object.keys(given).slice(0, 50));
});

Deno.test("extracted variables: a key may have 100 characters, a text is cut at 1,000", () => {
  const given = { ["k".repeat(100)]: "x".repeat(1_001), ["k".repeat(101)]: "dropped" };
  assert.deepEqual(readExtractedVariables(given), { ["k".repeat(100)]: "x".repeat(1_000) });
});

Deno.test("extracted variables: nested values are kept three levels deep, else dropped", () => {
  const given = {
    value: { value: "at 6" },
    list: [1, ["two"]],
    three: { a: { b: 1 } },
    four: { a: { b: {} } },
    fourInList: [[[]]],
  };
  const { four: _, fourInList: __, ...kept } = given;
  assert.deepEqual(readExtractedVariables(given), kept);
});

Deno.test("extracted variables: a nested value that is not small is dropped, the others stay", () => {
  const small = ["x".repeat(900)];
  const given = { large: ["x".repeat(999)], many: Array(600).fill(1), small, last: 1 };
  assert.deepEqual(readExtractedVariables(given), { small, last: 1 });
});

Deno.test("extracted variables: what Postgres cannot store is replaced, in keys too", () => {
  const given = { "a\u0000": "b\u0000\ud800", list: ["\udc00", { "\ud800": "\u0000" }] };
  assert.deepEqual(readExtractedVariables(given), {
    "a\uFFFD": "b\uFFFD\uFFFD",
    list: ["\uFFFD", { "\uFFFD": "\uFFFD" }],
  });
});

Deno.test("extracted variables: a text is not cut inside a character", () => {
  const { text } = readExtractedVariables({ text: "x".repeat(999) + "😀" }) ?? {};
  assert.equal(text, "x".repeat(999) + "\uFFFD");
});

Deno.test("extracted variables: numbers beyond all numbers are null, as JSON has none", () => {
  assert.deepEqual(readExtractedVariables(JSON.parse('{"a":1e400,"b":[-1e400]}')), {
    a: null,
    b: [null],
  });
});

Deno.test("extracted variables: a key by the name of the prototype stays a key", () => {
  const kept = readExtractedVariables(JSON.parse('{"__proto__":"x","a":{"__proto__":{"b":1}}}'));
  assert.equal(JSON.stringify(kept), '{"__proto__":"x","a":{"__proto__":{"b":1}}}');
  assert.equal(Object.getPrototypeOf(kept), Object.prototype);
});

Deno.test("extracted variables: depth beyond all measure is dropped, not followed", () => {
  const deep = JSON.parse(`${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`);
  assert.deepEqual(readExtractedVariables({ deep, b: 1 }), { b: 1 });
});

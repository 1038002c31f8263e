import assert from "node:assert/strict";
import fc from "fast-check";
import { storable, storableText } from "../../../supabase/functions/_shared/storable.ts";

/** What Postgres takes neither in text nor in jsonb, escaped or not. */
function isStorable(value: unknown): boolean {
  if (typeof value === "string") return value.isWellFormed() && !value.includes("\u0000");
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([key, part]) => isStorable(key) && isStorable(part));
}

Deno.test("storable: short JSON stays JSON", () => {
  const body = { success: true, requestId: 3166940, list: [1, null, "ü😀"], nested: { a: {} } };
  assert.deepEqual(storable(JSON.stringify(body)), body);
  assert.equal(storable("null"), null);
  assert.equal(storable("5"), 5);
});

Deno.test("storable: what is no JSON is kept as text", () => {
  assert.deepEqual(storable("<html>502</html>"), { text: "<html>502</html>" });
  assert.deepEqual(storable(""), { text: "" });
  assert.deepEqual(storable('{"success":tru'), { text: '{"success":tru' });
});

Deno.test("storable: a long body is cut, JSON or not, and never inside a character", () => {
  const long = storable(JSON.stringify({ padding: "x".repeat(50_000) })) as { text: string };
  assert.equal(long.text.length, 2_000);
  const cut = storable("x".repeat(1_999) + "😀") as { text: string };
  assert.equal(cut.text.length, 2_000);
  assert.ok(isStorable(cut));
});

const hostile: [string, string][] = [
  ["a null character", "a\u0000b"],
  ["a null character in a value", '{"a":"\\u0000"}'],
  ["a null character in a list", '["\\u0000",["\\u0000"]]'],
  ["half a surrogate pair", "\ud83d"],
  ["half a surrogate pair in a value", '{"a":"\\ud83d"}'],
  ["the wrong half first", '["\\udc00\\ud800"]'],
  ["a number beyond all numbers", "[1e400,-1e400]"],
  ["a prototype", '{"__proto__":{"a":"\\u0000"},"constructor":1}'],
];
for (const [name, text] of hostile) {
  Deno.test(`storable: ${name} is made storable`, () => {
    assert.ok(isStorable(storable(text)), JSON.stringify(storable(text)));
  });
}

Deno.test("storable: keys are made storable as well as values", () => {
  for (const text of ['{"a\\u0000b":1}', '{"a":[{"\\ud83d":1}]}']) {
    assert.ok(isStorable(storable(text)), JSON.stringify(storable(text)));
  }
});

Deno.test("storable: deep nesting is stored or cut, but does not throw", () => {
  for (const depth of [500, 990, 5_000, 100_000]) {
    const lists = "[".repeat(depth) + "]".repeat(depth);
    assert.ok(JSON.stringify(storable(lists)).length <= 2_100);
    assert.ok(JSON.stringify(storable('{"a":'.repeat(depth) + "1" + "}".repeat(depth))).length > 0);
  }
});

Deno.test("storable: a body of many megabytes does not throw", () => {
  assert.ok(JSON.stringify(storable("\u0000".repeat(5_000_000))).length < 20_000);
});

Deno.test("storable: whatever text comes, text comes out that can be stored", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 3_000 }), (text) => {
    assert.ok(isStorable(storable(text + "\ud800")));
    assert.ok(isStorable(storableText(text)));
  }));
});

Deno.test("storable text: only what cannot be stored is replaced", () => {
  assert.equal(storableText("Grüße 😀\n"), "Grüße 😀\n");
  assert.equal(storableText("a\u0000b\ud800"), "a\uFFFDb\uFFFD");
});

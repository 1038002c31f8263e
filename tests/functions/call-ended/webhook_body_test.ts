import assert from "node:assert/strict";
import { BadReport, readWebhookBody } from "../../../supabase/functions/call-ended/webhook_body.ts";

function read(body: BodyInit, headers: HeadersInit = {}) {
  const { body: stream } = new Request("https://p.example", { method: "POST", body });
  return readWebhookBody({ headers: new Headers(headers), body: stream });
}

Deno.test("webhook body: a JSON object is read as it is", async () => {
  assert.deepEqual(await read('{"call_id":5,"größe":"😀"}'), { call_id: 5, größe: "😀" });
  assert.deepEqual(await read("\uFEFF{}"), {});
});

const wrapped: [string, unknown][] = [
  ["an object", { body: { call_id: 5 } }],
  ["an object as text", { body: '{"call_id":5}' }],
  ["an object beside other keys", { headers: {}, query: {}, body: { call_id: 5 } }],
];
for (const [name, sent] of wrapped) {
  Deno.test(`webhook body: ${name} is taken out of its envelope`, async () => {
    assert.deepEqual(await read(JSON.stringify(sent)), { call_id: 5 });
  });
}

const notWrapped: unknown[] = [
  { body: null },
  { body: [] },
  { body: "not JSON" },
  { body: "[]" },
  { call_id: 5, body: { call_id: 6 } },
];
for (const sent of notWrapped) {
  Deno.test(`webhook body: ${JSON.stringify(sent)} is no envelope`, async () => {
    assert.deepEqual(await read(JSON.stringify(sent)), sent);
  });
}

const refused: [string, BodyInit, RegExp][] = [
  ["nothing", "", /not JSON/],
  ["a form", "call_id=5", /not JSON/],
  ["half of a JSON", '{"call_id":', /not JSON/],
  ["NaN", '{"call_id":NaN}', /not JSON/],
  ["a megabyte of brackets", "[".repeat(1_000_000), /not JSON/],
  ["a list that is deep", "[".repeat(400_000) + "]".repeat(400_000), /not a JSON object/],
  ["a list", "[{}]", /not a JSON object/],
  ["null", "null", /not a JSON object/],
  ["a text", '"{}"', /not a JSON object/],
  ["a number", "1e999", /not a JSON object/],
  ["bytes that are no text", new Uint8Array([0xff, 0x00]), /not JSON/],
];
for (const [name, body, message] of refused) {
  Deno.test(`webhook body: ${name} is refused with 400, and told why`, async () => {
    await assert.rejects(
      read(body),
      (error) => error instanceof BadReport && error.status === 400 && message.test(error.message),
    );
  });
}

Deno.test("webhook body: an object that is deep is read", async () => {
  const depth = 100_000;
  const body = await read('{"a":'.repeat(depth) + "1" + "}".repeat(depth));
  assert.deepEqual(Object.keys(body), ["a"]);
});

Deno.test("webhook body: more than a megabyte is refused with 413, announced or not", async () => {
  const tooLong = (error: unknown) => error instanceof BadReport && error.status === 413;
  await assert.rejects(read("{}", { "content-length": "1000001" }), tooLong);
  await assert.rejects(read(`{}${" ".repeat(999_999)}`), tooLong);
  assert.deepEqual(await read(`{}${" ".repeat(999_998)}`, { "content-length": "1000000" }), {});
});

Deno.test("webhook body: one that breaks off is refused with 400", async () => {
  const body = new ReadableStream<Uint8Array>({
    pull: () => Promise.reject(new Error("Connection reset")),
  });
  await assert.rejects(
    readWebhookBody({ headers: new Headers(), body }),
    (error) => error instanceof BadReport && error.status === 400,
  );
});

import assert from "node:assert/strict";
import { readLimitedText } from "../../../supabase/functions/_shared/read_limited_text.ts";

/** A body in these parts, and what was asked of it. */
function source(parts: Uint8Array[], headers: HeadersInit = {}) {
  const seen = { pulled: 0, cancelled: false };
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      seen.pulled += 1;
      const part = parts.shift();
      if (part === undefined) controller.close();
      else controller.enqueue(part);
    },
    cancel() {
      seen.cancelled = true;
    },
  }, { highWaterMark: 0 });
  return { seen, headers: new Headers(headers), body };
}

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("read limited text: a text is put together across the parts it came in", async () => {
  const parts = [...bytes('{"größe":"😀"}')].map((byte) => Uint8Array.of(byte));
  assert.equal(await readLimitedText(source(parts), 100), '{"größe":"😀"}');
});

Deno.test("read limited text: no body is no text", async () => {
  assert.equal(await readLimitedText({ headers: new Headers(), body: null }, 100), "");
});

Deno.test("read limited text: bytes that are no text become characters that say so", async () => {
  assert.equal(await readLimitedText(source([Uint8Array.of(0xff, 0x61)]), 100), "\uFFFDa");
  assert.equal(await readLimitedText(source([Uint8Array.of(0xf0, 0x9f)]), 100), "\uFFFD");
});

Deno.test("read limited text: exactly as long as it may be is read", async () => {
  const full = source([bytes("x".repeat(60)), bytes("x".repeat(40))], { "content-length": "100" });
  assert.equal(await readLimitedText(full, 100), "x".repeat(100));
});

Deno.test("read limited text: announced as longer, nothing is read and the rest cancelled", async () => {
  const long = source([bytes("x")], { "content-length": "101" });
  assert.equal(await readLimitedText(long, 100), null);
  assert.deepEqual(long.seen, { pulled: 0, cancelled: true });
});

Deno.test("read limited text: what is counted are bytes, not characters", async () => {
  assert.equal(await readLimitedText(source([bytes("ü".repeat(51))]), 100), null);
  assert.equal(await readLimitedText(source([bytes("ü".repeat(50))]), 100), "ü".repeat(50));
});

for (const announced of [undefined, "5", "-1", "many"]) {
  Deno.test(`read limited text: longer than it may be, announced as ${announced}, is cut off`, async () => {
    const endless = source(
      Array.from({ length: 1_000 }, () => bytes("x".repeat(40))),
      announced === undefined ? {} : { "content-length": announced },
    );
    assert.equal(await readLimitedText(endless, 100), null);
    assert.deepEqual(endless.seen, { pulled: 3, cancelled: true });
  });
}

Deno.test("read limited text: a source that never ends its cancelling does not hold up", async () => {
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(bytes("x".repeat(200))),
    cancel: () => new Promise(() => {}),
  });
  assert.equal(await readLimitedText({ headers: new Headers(), body }, 100), null);
});

Deno.test("read limited text: a source that fails to be cancelled does no harm", async () => {
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(bytes("x".repeat(200))),
    cancel: () => Promise.reject(new Error("Gone")),
  });
  assert.equal(await readLimitedText({ headers: new Headers(), body }, 100), null);
});

Deno.test("read limited text: what breaks off is an error, not half a text", async () => {
  let parts = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      parts += 1;
      if (parts > 1) throw new Error("Connection reset");
      controller.enqueue(bytes("{}"));
    },
  });
  await assert.rejects(
    readLimitedText({ headers: new Headers(), body }, 100),
    /Connection reset/,
  );
});

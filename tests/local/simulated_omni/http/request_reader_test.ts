import assert from "node:assert/strict";
import { startSimulatedOmni } from "../../../../supabase/local/simulated_omni/start_simulated_omni.ts";
import { postDispatch } from "../post_dispatch.ts";
import { rawExchange } from "../raw_exchange.ts";

const close = "Connection: close\r\n";

Deno.test("a request is read whole in whatever pieces it comes", async () => {
  await using omni = await startSimulatedOmni();
  const body = JSON.stringify({ text: "ünïcödé" });
  const length = new TextEncoder().encode(body).length;
  const whole = `POST /x HTTP/1.1\r\nX-One: 1\r\n${close}Content-Length: ${length}\r\n\r\n${body}`;
  for (const at of [1, 15, 16, 17, 25, whole.indexOf("\r\n\r\n") + 2, whole.indexOf("{") + 9]) {
    assert.match(await rawExchange(omni.port, whole.slice(0, at), whole.slice(at)), / 404 /);
    const request = omni.requests.list().at(-1);
    assert.equal(request?.body, body);
    assert.equal(request?.headers.get("x-one"), "1");
  }
});

Deno.test("a chunked body is put together, characters cut in two included", async () => {
  await using omni = await startSimulatedOmni();
  const bytes = new TextEncoder().encode("aüb".repeat(5000));
  const body = ReadableStream.from([bytes.slice(0, 2), bytes.slice(2, 9001), bytes.slice(9001)]);
  const response = await fetch(`${omni.url}/x`, { method: "POST", body });
  await response.body?.cancel();
  assert.equal(omni.requests.list()[0]?.body, "aüb".repeat(5000));
});

Deno.test("two requests in one piece are answered one after the other", async () => {
  await using omni = await startSimulatedOmni();
  const one = "POST /one HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc";
  const two = `GET /two HTTP/1.1\r\n${close}\r\n`;
  const replies = await rawExchange(omni.port, one + two);
  assert.equal(replies.match(/HTTP\/1\.1 404/g)?.length, 2);
  assert.deepEqual(omni.requests.list().map(({ path, body }) => [path, body]), [
    ["/one", "abc"],
    ["/two", ""],
  ]);
});

Deno.test("a body far larger than the first buffer is kept whole", async () => {
  await using omni = await startSimulatedOmni();
  const message = "m".repeat(1_000_000);
  await postDispatch(omni, undefined, { fields: { call_context: { message } } });
  // Not compared by assert, which would print all of it.
  const ring = omni.ledger.rings()[0];
  const body = ring?.body as { call_context?: { message: string } } | undefined;
  assert.ok(body?.call_context?.message === message);
});

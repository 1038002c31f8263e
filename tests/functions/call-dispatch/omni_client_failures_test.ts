// What may be dialled again hangs on how the runtime words a failed connection, and each release may
// word it anew: these run on every Deno that the function is to run on.
import assert from "node:assert/strict";
import type { CallRequest } from "../../../supabase/functions/call-dispatch/call_request.ts";
import type { OmniReply } from "../../../supabase/functions/call-dispatch/call_outcome.ts";
import { createOmniClient } from "../../../supabase/functions/call-dispatch/omni_client.ts";
import { startSimulatedOmni } from "../../../supabase/local/simulated_omni/start_simulated_omni.ts";
import { startRawServer } from "./raw_server.ts";
import { UNTRUSTED_CERTIFICATE } from "./untrusted_certificate.ts";

const API_KEY = "omni-key-that-nobody-may-see";
const request: CallRequest = {
  agent_id: 1,
  from_number_id: 2,
  to_number: "+919812345678",
  call_context: {},
  metadata: { attempt_id: "a" },
};

function callAt(baseUrl: string, timeoutMs = 3_000): Promise<OmniReply> {
  return createOmniClient({ baseUrl, apiKey: API_KEY, timeoutMs }).placeCall(request);
}

function assertNotSent(reply: OmniReply): void {
  assert.equal(reply.kind, "not_sent", JSON.stringify(reply));
  assert.ok(reply.kind === "not_sent");
  assert.match(reply.error, /^Cannot reach Omni: ./);
  assert.ok(!reply.error.includes(API_KEY));
}

function assertNoReply(reply: OmniReply): void {
  assert.equal(reply.kind, "no_reply", JSON.stringify(reply));
  assert.ok(!JSON.stringify(reply).includes(API_KEY));
}

Deno.test("omni client: a refused connection is not sent", async () => {
  await using omni = await startSimulatedOmni();
  await omni.refuseConnections();
  const reply = await callAt(omni.url);
  assertNotSent(reply);
  assert.match("error" in reply ? reply.error : "", /refused/i);
  assert.match((await callAt(omni.url.replace("127.0.0.1", "localhost"))).kind, /not_sent/);
});

for (const scheme of ["http", "https"]) {
  Deno.test(`omni client: a name that does not resolve is not sent, ${scheme}`, async () => {
    assertNotSent(await callAt(`${scheme}://no-such-host.invalid`));
  });
}

Deno.test("omni client: a certificate that nobody has signed is not sent", async () => {
  let requests = 0;
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, ...UNTRUSTED_CERTIFICATE, onListen: () => {} },
    () => new Response(String(++requests)),
  );
  try {
    assertNotSent(await callAt(`https://localhost:${server.addr.port}`));
    assert.equal(requests, 0);
  } finally {
    await server.shutdown();
  }
});

Deno.test("omni client: a server that speaks no TLS is not sent", async () => {
  using server = speakingFirst("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
  assertNotSent(await callAt(server.url));
});

Deno.test("omni client: a connection that ends in the TLS handshake is not sent", async () => {
  using server = speakingFirst("");
  assertNotSent(await callAt(server.url));
});

function speakingFirst(words: string): { url: string } & Disposable {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  (async () => {
    for await (const connection of listener) {
      await connection.read(new Uint8Array(10_000));
      await connection.write(new TextEncoder().encode(words));
      connection.close();
    }
  })();
  const { port } = listener.addr as Deno.NetAddr;
  return { url: `https://127.0.0.1:${port}`, [Symbol.dispose]: () => listener.close() };
}

Deno.test("omni client: a connection that is closed before the request is read is unknown", async () => {
  await using omni = await startSimulatedOmni();
  omni.closeNextConnections(1);
  assertNoReply(await callAt(omni.url));
});

for (const words of ["rubbish\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", null]) {
  Deno.test(`omni client: ${JSON.stringify(words)} for a reply is unknown, and sent once`, async () => {
    using server = startRawServer(() => words);
    assertNoReply(await callAt(server.url));
    assert.equal(server.received, 1);
  });
}

const CONNECT = "error sending request for url (https://omni.example/api/v1/calls/dispatch): " +
  "client error (Connect): tcp connect error: Connection refused (os error 111)";
const SEND = "error sending request from 127.0.0.1:5 for https://omni.example/x (127.0.0.1:443): " +
  "client error (SendRequest): connection closed before message completed";

const wordings: [string, unknown, OmniReply["kind"]][] = [
  ["a failed connection in the message", new TypeError(CONNECT), "not_sent"],
  [
    "a failed connection in the cause",
    new TypeError("fetch failed", { cause: new Error(CONNECT) }),
    "not_sent",
  ],
  ["a broken connection in the message", new TypeError(SEND), "no_reply"],
  [
    "a broken connection in the cause",
    new TypeError("fetch failed", { cause: new Error(SEND) }),
    "no_reply",
  ],
  ["no cause at all", new TypeError("fetch failed"), "no_reply"],
  ["a body that breaks off", new TypeError("error reading a body from connection"), "no_reply"],
  ["a timeout", new DOMException("Signal timed out.", "TimeoutError"), "no_reply"],
  ["an abort", new DOMException("The signal has been aborted", "AbortError"), "no_reply"],
  ["what is no error", "client error", "no_reply"],
  ["nothing", undefined, "no_reply"],
];
for (const [name, thrown, kind] of wordings) {
  Deno.test(`omni client: ${name} is ${kind}`, async () => {
    const fetch = () => Promise.reject(thrown);
    const options = { baseUrl: "https://omni.example", apiKey: API_KEY, timeoutMs: 1_000, fetch };
    const reply = await createOmniClient(options).placeCall(request);
    assert.equal(reply.kind, kind, JSON.stringify(reply));
  });
}

Deno.test("omni client: an operator reads the last cause, in few words", async () => {
  const cause = new Error(`${CONNECT} ${"x".repeat(10_000)}`);
  for (const thrown of [cause, new TypeError("fetch failed", { cause })]) {
    const fetch = () => Promise.reject(thrown);
    const options = { baseUrl: "https://omni.example", apiKey: API_KEY, timeoutMs: 1_000, fetch };
    const reply = await createOmniClient(options).placeCall(request);
    assert.ok(reply.kind === "not_sent", JSON.stringify(reply));
    assert.match(reply.error, /Connection refused/);
    assert.ok(!reply.error.includes("omni.example"));
    assert.ok(reply.error.length < 350);
  }
});

import assert from "node:assert/strict";
import { omniFault } from "../../../../supabase/local/simulated_omni/faults/omni_fault.ts";
import { startSimulatedOmni } from "../../../../supabase/local/simulated_omni/start_simulated_omni.ts";
import { postDispatch } from "../post_dispatch.ts";
import { rawExchange } from "../raw_exchange.ts";

/** Lets the client see that its idle connections were closed, so that it does not try one. */
function noticed(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}

Deno.test("a provider that refuses connections gets no request, and comes back on its port", async () => {
  await using omni = await startSimulatedOmni();
  // Leaves a connection that is kept alive, which must not be a way in.
  await postDispatch(omni, "+14155550123");
  await omni.refuseConnections();
  await noticed();
  await assert.rejects(
    postDispatch(omni),
    (error: Error) => /refused/.test(`${error} ${error.cause}`),
  );
  assert.equal(omni.requests.count, 1);
  await omni.acceptConnections();
  assert.equal((await postDispatch(omni)).json?.success, true);
  assert.equal(omni.ledger.count, 2);
});

Deno.test("an exchange under way is ended properly while connections are refused", async () => {
  await using omni = await startSimulatedOmni({ latencyMs: 150 });
  const sent = postDispatch(omni);
  while (omni.ledger.count === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await omni.refuseConnections();
  const reply = await sent;
  assert.equal(reply.json?.success, true);
  assert.equal(reply.headers.get("connection"), "close");
});

Deno.test("refusing and accepting may be repeated and said twice", async () => {
  await using omni = await startSimulatedOmni();
  for (let times = 0; times < 20; times++) {
    await Promise.all([omni.refuseConnections(), omni.refuseConnections()]);
    await Promise.all([omni.acceptConnections(), omni.acceptConnections()]);
    // By a connection of its own: a busy client may try one of which it has not seen that it is closed.
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: omni.port });
    await connection.write(new TextEncoder().encode("GET /nothing HTTP/1.1\r\nhost: omni\r\n\r\n"));
    const answer = new Uint8Array(12);
    await connection.read(answer);
    assert.equal(new TextDecoder().decode(answer), "HTTP/1.1 404");
  }
});

Deno.test("a connection closed before reading is an error to the client and rings nobody", async () => {
  await using omni = await startSimulatedOmni();
  await postDispatch(omni, "+14155550123");
  omni.closeNextConnections(2);
  await noticed();
  await assert.rejects(postDispatch(omni), TypeError);
  await assert.rejects(postDispatch(omni), TypeError);
  assert.equal(omni.requests.count, 1);
  assert.equal((await postDispatch(omni)).status, 200);
  assert.deepEqual(omni.ledger.numbersRungTwice(), []);
});

Deno.test("a client that leaves in the middle of its request rings nobody", async () => {
  await using omni = await startSimulatedOmni();
  {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: omni.port });
    const part = "POST /api/v1/calls/dispatch HTTP/1.1\r\nContent-Length: 500\r\n\r\n{";
    await connection.write(new TextEncoder().encode(part));
  }
  assert.equal((await postDispatch(omni)).status, 200);
  assert.equal(omni.requests.count, 1);
});

Deno.test("what is no HTTP ends its own connection only", async () => {
  await using omni = await startSimulatedOmni();
  const tooLong = "POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n";
  assert.equal(await rawExchange(omni.port, tooLong), "");
  assert.match(
    await rawExchange(omni.port, "\r\n\r\n", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n"),
    /404/,
  );
  assert.equal((await postDispatch(omni)).status, 200);
});

Deno.test("a hanging exchange is left when its client leaves", async () => {
  await using omni = await startSimulatedOmni();
  omni.faults.always(omniFault.hang());
  const signal = AbortSignal.timeout(50);
  await Promise.all(Array.from({ length: 20 }, () => {
    return assert.rejects(postDispatch(omni, undefined, { signal }));
  }));
  assert.equal(omni.ledger.count, 0);
  omni.faults.clear();
  assert.equal((await postDispatch(omni)).status, 200);
});

// Newer releases of Deno look for leaks only when they are told to.
const strict = { sanitizeOps: true, sanitizeResources: true };
Deno.test("starting on a port in use fails and leaves nothing open", strict, async () => {
  await using omni = await startSimulatedOmni();
  const ledgerFile = await Deno.makeTempFile();
  await assert.rejects(
    startSimulatedOmni({ port: omni.port, ledgerFile }),
    Deno.errors.AddrInUse,
  );
  await Deno.remove(ledgerFile);
  assert.equal((await postDispatch(omni)).status, 200);
});

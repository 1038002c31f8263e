import assert from "node:assert/strict";
import {
  createOmniClient,
  type LogPageRequest,
  type LogReply,
} from "../../../supabase/functions/call-dispatch/omni_client.ts";
import { omniFault } from "../../../supabase/local/simulated_omni/faults/omni_fault.ts";
import { startSimulatedOmni } from "../../../supabase/local/simulated_omni/start_simulated_omni.ts";

const API_KEY = "omni-key-that-nobody-may-see";
const MEGABYTE = 1_000_000;

function readLogAt(
  baseUrl: string,
  { timeoutMs = 3_000, ...page }: Partial<LogPageRequest> & { timeoutMs?: number } = {},
): Promise<LogReply> {
  return createOmniClient({ baseUrl, apiKey: API_KEY, timeoutMs })
    .readCallLog({ number: 1, agentId: 4711, ...page });
}

/** A server that answers every request with this. */
function serve(answer: (request: Request) => Response | Promise<Response>) {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer);
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function assertFailed(reply: LogReply, reason: RegExp): void {
  assert.ok(reply.kind === "failed", JSON.stringify(reply).slice(0, 200));
  assert.match(reply.error, /^Cannot read Omni's call log: /);
  assert.match(reply.error, reason);
  assert.ok(!reply.error.includes(API_KEY));
}

Deno.test("omni client: a page of the log is asked for by number, with the key and the agent", async () => {
  let asked: unknown;
  await using server = serve((request) => {
    asked = [request.method, request.url, request.headers.get("authorization")];
    return Response.json({ call_log_data: [{ id: 5 }, { id: null }], total_records: 120 });
  });
  const reply = await readLogAt(server.url, { number: 3 });
  assert.ok(reply.kind === "page");
  assert.deepEqual([reply.received, reply.total], [2, 120]);
  assert.deepEqual(reply.rows.map(({ callId }) => callId), ["5"]);
  const path = "/api/v1/calls/logs?pageno=3&pagesize=50&agentid=4711";
  assert.deepEqual(asked, ["GET", server.url + path, `Bearer ${API_KEY}`]);
});

Deno.test("omni client: the log shows a call once it is over, with its request's id", async () => {
  await using omni = await startSimulatedOmni({ apiKey: API_KEY, callDurationMs: 0 });
  const client = createOmniClient({ baseUrl: omni.url, apiKey: API_KEY, timeoutMs: 3_000 });
  const placed = await client.placeCall({
    agent_id: omni.agentId,
    from_number_id: omni.fromNumberId,
    to_number: "+919812345678",
    call_context: {},
    metadata: { attempt_id: "a" },
  });
  assert.ok(placed.kind === "reply");
  const { requestId } = JSON.parse(placed.text);
  for (const deadline = Date.now() + 5_000;;) {
    const reply = await client.readCallLog({ number: 1, agentId: omni.agentId });
    assert.ok(reply.kind === "page" && Date.now() < deadline, JSON.stringify(reply));
    const [row] = reply.rows;
    if (row === undefined) continue;
    assert.equal(row.requestId, String(requestId));
    assert.equal(row.direction, "outbound");
    assert.ok(Math.abs((row.wallClockMs ?? 0) - Date.now()) < 60_000, "the log is in UTC");
    break;
  }
});

for (const status of [302, 401, 403, 404, 429, 500]) {
  Deno.test(`omni client: a log that is answered with HTTP ${status} is not read`, async () => {
    const headers = { location: "/elsewhere" };
    await using server = serve(() => new Response(API_KEY, { status, headers }));
    assertFailed(await readLogAt(server.url), new RegExp(`HTTP ${status}`));
  });
}

for (const body of ["", "<html>", "{}", '{"success":false,"error":"no"}', "[]"]) {
  Deno.test(`omni client: ${body || "nothing"} for a page of the log is not understood`, async () => {
    await using server = serve(() => new Response(body));
    assertFailed(await readLogAt(server.url), /not understood/);
  });
}

function logOf(bytes: number): string {
  const row = JSON.stringify({ id: 5, full_conversation: "x".repeat(bytes - 100) });
  return `{"call_log_data":[${row}],"total_records":1}`;
}

Deno.test("omni client: a page of almost 8 MB is read", async () => {
  await using server = serve(() => new Response(logOf(8 * MEGABYTE)));
  assert.equal((await readLogAt(server.url)).kind, "page");
});

Deno.test("omni client: a page over 8 MB is not, announced or endless", async () => {
  await using announced = serve(() => new Response(logOf(8 * MEGABYTE + 1_000)));
  assertFailed(await readLogAt(announced.url), /longer than 8000000 bytes/);
  const blanks = new Uint8Array(100_000).fill(32);
  await using endless = serve(() =>
    new Response(new ReadableStream({ pull: (controller) => controller.enqueue(blanks) }))
  );
  assertFailed(await readLogAt(endless.url), /longer than 8000000 bytes/);
});

Deno.test("omni client: a page that does not come in time is given up", async () => {
  await using omni = await startSimulatedOmni({ apiKey: API_KEY });
  omni.readFaults.next(omniFault.hang({ placed: false }));
  assertFailed(await readLogAt(omni.url, { timeoutMs: 200 }), /did not reply within 200 ms/);
});

Deno.test("omni client: a page is given up when there is no time left for it", async () => {
  await using server = serve(() => new Response(new ReadableStream()));
  const startedAt = performance.now();
  assertFailed(await readLogAt(server.url, { signal: AbortSignal.timeout(100) }), /no time left/);
  assertFailed(await readLogAt(server.url, { signal: AbortSignal.abort() }), /no time left/);
  assert.ok(performance.now() - startedAt < 2_000);
});

Deno.test("omni client: a log that cannot be reached, or breaks off, is not read, and nothing is thrown", async () => {
  await using omni = await startSimulatedOmni();
  omni.closeNextConnections(5);
  assertFailed(await readLogAt(omni.url), /connection to Omni broke/);
  assertFailed(await readLogAt("http://no-such-host.invalid"), /Cannot reach Omni/);
  const fetch = () => Promise.reject(new TypeError(`failed with ${API_KEY}`));
  const client = createOmniClient({ baseUrl: "http://x", apiKey: API_KEY, timeoutMs: 100, fetch });
  assertFailed(await client.readCallLog({ number: 1, agentId: 1 }), /failed with \*\*\*/);
});

import assert from "node:assert/strict";
import type { CallRequest } from "../../../supabase/functions/call-dispatch/call_request.ts";
import type { OmniReply } from "../../../supabase/functions/call-dispatch/call_outcome.ts";
import { createOmniClient } from "../../../supabase/functions/call-dispatch/omni_client.ts";
import { omniFault } from "../../../supabase/local/simulated_omni/faults/omni_fault.ts";
import type { SimulatedOmni } from "../../../supabase/local/simulated_omni/simulated_omni.ts";
import { startSimulatedOmni } from "../../../supabase/local/simulated_omni/start_simulated_omni.ts";
import { startRawServer } from "./raw_server.ts";

const NUMBER = "+919812345678";
const OTHER_NUMBER = "+14155552671";
const API_KEY = "omni-key-that-nobody-may-see";

function callTo(omni: SimulatedOmni, toNumber: string, timeoutMs = 5_000): Promise<OmniReply> {
  const { url: baseUrl, apiKey } = omni;
  return createOmniClient({ baseUrl, apiKey, timeoutMs }).placeCall(requestTo(omni, toNumber));
}

function requestTo(ids: { agentId: number; fromNumberId: number }, toNumber: string): CallRequest {
  return {
    agent_id: ids.agentId,
    from_number_id: ids.fromNumberId,
    to_number: toNumber,
    call_context: { name: "Asha 😀", lead_id: "l", follow_up_id: "f", message: "" },
    metadata: { attempt_id: "a" },
  };
}

function callAt(baseUrl: string, timeoutMs = 2_000): Promise<OmniReply> {
  return createOmniClient({ baseUrl, apiKey: API_KEY, timeoutMs })
    .placeCall(requestTo({ agentId: 1, fromNumberId: 2 }, NUMBER));
}

Deno.test("omni client: the request arrives as it was made, with the key, and the reply comes back", async () => {
  await using omni = await startSimulatedOmni({ apiKey: API_KEY });
  const reply = await callTo(omni, NUMBER);
  assert.ok(reply.kind === "reply");
  assert.equal(reply.httpStatus, 200);
  const [ring] = omni.ledger.rings();
  assert.equal(JSON.parse(reply.text).requestId, ring?.requestId);
  assert.deepEqual(ring?.body, requestTo(omni, NUMBER));
});

Deno.test("omni client: the request says what it is and how long, for servers that read no chunks", async () => {
  let head = "";
  using server = startRawServer((_request, text) => {
    head = text.split("\r\n\r\n")[0] ?? "";
    return "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  });
  await callAt(server.url);
  assert.match(head, /^POST \/api\/v1\/calls\/dispatch HTTP\/1.1\r\n/);
  assert.match(head, new RegExp(`^authorization: Bearer ${API_KEY}\r?$`, "mi"));
  assert.match(head, /^content-type: application\/json\r?$/mi);
  assert.match(head, /^content-length: \d+\r?$/mi);
});

Deno.test("omni client: a refusal comes back with its status and body, HTML too", async () => {
  await using omni = await startSimulatedOmni();
  omni.faults.next(omniFault.status(401), omniFault.status(502, { html: true }));
  const refusal = await callTo(omni, NUMBER);
  assert.ok(refusal.kind === "reply" && refusal.httpStatus === 401);
  assert.equal(JSON.parse(refusal.text).error, "unauthorized");
  const page = await callTo(omni, NUMBER);
  assert.ok(page.kind === "reply" && page.httpStatus === 502);
  assert.match(page.text, /^<!DOCTYPE html>/);
});

Deno.test("omni client: an empty body is an empty text", async () => {
  await using omni = await startSimulatedOmni();
  omni.faults.next(omniFault.emptyBody());
  assert.deepEqual(await callTo(omni, NUMBER), { kind: "reply", httpStatus: 200, text: "" });
});

Deno.test("omni client: text in many bytes is read across the chunks it came in", async () => {
  const body = JSON.stringify({ error: "Grüße 😀 ".repeat(2_000) });
  const length = new TextEncoder().encode(body).length;
  using server = startRawServer(() =>
    `HTTP/1.1 400 Bad Request\r\nContent-Length: ${length}\r\n\r\n${body}`
  );
  const reply = await callAt(server.url);
  assert.ok(reply.kind === "reply" && reply.text === body);
});

for (const name of ["hang", "stalledBody"] as const) {
  Deno.test(`omni client: ${name}: after the timeout it is not known what became of it`, async () => {
    await using omni = await startSimulatedOmni();
    omni.faults.next(name === "hang" ? omniFault.hang({ placed: true }) : omniFault.stalledBody());
    const startedAt = performance.now();
    const reply = await callTo(omni, NUMBER, 200);
    assert.deepEqual(reply, { kind: "no_reply", error: "Omni did not reply within 200 ms" });
    assert.ok(performance.now() - startedAt < 1_500);
  });
}

Deno.test("omni client: a slow reply within the timeout is a reply", async () => {
  await using omni = await startSimulatedOmni();
  omni.faults.next(omniFault.slow(300));
  assert.equal((await callTo(omni, NUMBER)).kind, "reply");
});

Deno.test("omni client: a body of many megabytes is cut, quickly", async () => {
  await using omni = await startSimulatedOmni();
  omni.faults.next(omniFault.enormousBody(20));
  const reply = await callTo(omni, NUMBER);
  assert.ok(reply.kind === "reply");
  assert.equal(reply.text.length, 64_000);
});

Deno.test("omni client: a body without an end is cut and does not wait for the timeout", async () => {
  const head = "HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\nConnection: keep-alive\r\n\r\n";
  using server = startRawServer(() => head + "x".repeat(100_000));
  const reply = await callAt(server.url, 5_000);
  assert.ok(reply.kind === "reply" && reply.text.length === 64_000);
});

Deno.test("omni client: a body that is longer than it says, because it comes in chunks, is cut", async () => {
  const head = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n";
  using server = startRawServer(() => `${head}186a0\r\n${"x".repeat(100_000)}\r\n0\r\n\r\n`);
  const reply = await callAt(server.url, 5_000);
  assert.ok(reply.kind === "reply" && reply.text.length === 64_000);
});

Deno.test("omni client: a redirect is not followed", async () => {
  using elsewhere = startRawServer(() => "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  for (const status of [301, 302, 307, 308]) {
    using server = startRawServer(() =>
      `HTTP/1.1 ${status} Moved\r\nLocation: ${elsewhere.url}/x\r\nContent-Length: 0\r\n\r\n`
    );
    assert.deepEqual(await callAt(server.url), { kind: "reply", httpStatus: status, text: "" });
  }
  assert.equal(elsewhere.received, 0);
});

const broken: [string, Parameters<SimulatedOmni["faults"]["next"]>[0]][] = [
  ["is read and dropped", omniFault.drop({ placed: true })],
  ["is answered with half a body", omniFault.truncatedBody()],
];
for (const [name, fault] of broken) {
  for (const connection of ["a new", "a reused"]) {
    Deno.test(`omni client: a request that ${name} on ${connection} connection rings once and is unknown`, async () => {
      await using omni = await startSimulatedOmni();
      if (connection === "a reused") await callTo(omni, OTHER_NUMBER);
      omni.faults.next(fault);
      const reply = await callTo(omni, NUMBER);
      assert.equal(omni.ledger.ringsTo(NUMBER).length, 1);
      assert.equal(reply.kind, "no_reply", JSON.stringify(reply));
    });
  }
}

Deno.test("omni client: a kept connection that was closed meanwhile is never taken for not sent", async () => {
  const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: keep-alive\r\n\r\n{}";
  for (const laterMs of [0, 1, 20, 300]) {
    using server = startRawServer((request) => request === 1 ? ok.replace("keep-alive", "") : ok);
    assert.equal((await callAt(server.url)).kind, "reply");
    await new Promise((resolve) => setTimeout(resolve, laterMs));
    assert.notEqual((await callAt(server.url)).kind, "not_sent");
    assert.ok(server.received <= 2, "a request was repeated");
  }
});

Deno.test("omni client: many calls at once each get their own reply", async () => {
  await using omni = await startSimulatedOmni({ latencyMs: [0, 30] });
  const { url: baseUrl, apiKey } = omni;
  const client = createOmniClient({ baseUrl, apiKey, timeoutMs: 5_000 });
  const numbers = Array.from({ length: 50 }, (_, at) => `+9198123456${10 + at}`);
  const replies = await Promise.all(
    numbers.map((number) => client.placeCall(requestTo(omni, number))),
  );
  replies.forEach((reply, at) => {
    assert.ok(reply.kind === "reply");
    const [ring] = omni.ledger.ringsTo(numbers[at] ?? "");
    assert.equal(JSON.parse(reply.text).requestId, ring?.requestId);
  });
  assert.equal(omni.ledger.count, 50);
});

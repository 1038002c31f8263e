import assert from "node:assert/strict";
import {
  BadRequest,
  parseDispatchRequest,
} from "../../../supabase/functions/call-dispatch/dispatch_request.ts";

const RUN_ID = "0b0f7a52-53c1-4c5f-9a0e-6f4f2f0d7c11";

interface Asked {
  readonly query?: string;
  readonly body?: BodyInit;
  readonly prefer?: string;
}

function parse({ query = "", body, prefer }: Asked) {
  const headers = prefer === undefined ? undefined : { prefer };
  const method = body === undefined ? "GET" : "POST";
  return parseDispatchRequest(
    new Request(`https://p.example/functions/v1/call-dispatch${query}`, { method, headers, body }),
  );
}

Deno.test("dispatch request: nothing said is a manual run that is waited for", async () => {
  const plain = {
    dryRun: false,
    at: undefined,
    respondAsync: false,
    runId: undefined,
    source: "manual",
  };
  assert.deepEqual(await parse({}), plain);
  assert.deepEqual(await parse({ body: "" }), plain);
  assert.deepEqual(await parse({ body: " \n" }), plain);
  assert.deepEqual(await parse({ body: "{}" }), plain);
});

Deno.test("dispatch request: the run's id and source come from the body", async () => {
  const sources = ["pg_cron", "manual", "new_lead", "call_ended", "continuation"];
  for (const source of sources) {
    const parsed = await parse({ body: JSON.stringify({ run_id: RUN_ID, source }) });
    assert.equal(parsed.runId, RUN_ID);
    assert.equal(parsed.source, source);
  }
});

Deno.test("dispatch request: respond-async is found among other preferences", async () => {
  const asked = ["respond-async", "Respond-Async", "wait=10, respond-async", "respond-async; x=1"];
  for (const prefer of asked) assert.equal((await parse({ prefer })).respondAsync, true, prefer);
  const others = ["", "return=minimal", "respond-asynchronously", "not respond-async"];
  for (const prefer of others) assert.equal((await parse({ prefer })).respondAsync, false, prefer);
});

Deno.test("dispatch request: a dry run is asked for by 1 or true", async () => {
  for (const value of ["1", "true"]) {
    assert.equal((await parse({ query: `?dry_run=${value}` })).dryRun, true);
  }
  for (const value of ["0", "false"]) {
    assert.equal((await parse({ query: `?dry_run=${value}` })).dryRun, false);
  }
});

Deno.test("dispatch request: a dry run that is asked for and denied at once is not understood", async () => {
  await assert.rejects(parse({ query: "?dry_run=0&dry_run=1" }), BadRequest);
});

Deno.test("dispatch request: a dry run may be asked about another moment", async () => {
  const at = async (text: string) => (await parse({ query: `?dry_run=1&at=${text}` })).at?.toJSON();
  assert.equal(await at("2026-12-01T09:00%2B05:30"), "2026-12-01T03:30:00.000Z");
  // As somebody writes it who does not know what a plus means there.
  assert.equal(await at("2026-12-01T09:00+05:30"), "2026-12-01T03:30:00.000Z");
  assert.equal(await at("2026-12-01T09:00:30-05:00"), "2026-12-01T14:00:30.000Z");
  assert.equal(await at("2026-12-01T09:00Z"), "2026-12-01T09:00:00.000Z");
  assert.equal((await parse({ query: "?dry_run=1" })).at, undefined);
});

const badQueries: [string, RegExp][] = [
  ["?dryrun=1", /"dryrun"/],
  ["?dry-run=1", /"dry-run"/],
  ["?DRY_RUN=1", /"DRY_RUN"/],
  ["?dry_run", /dry_run ""/],
  ["?dry_run=yes", /dry_run "yes"/],
  ["?dry_run=TRUE", /dry_run "TRUE"/],
  ["?dry_run=1%20", /dry_run "1 "/],
  ["?dry_run=1&limit=5", /"limit"/],
  ["?=1", /""/],
  ["?at=2026-12-01T09:00Z", /at is for a dry run: add dry_run=1/],
  ["?dry_run=0&at=2026-12-01T09:00Z", /at is for a dry run/],
  ["?dry_run=1&at=2026-12-01T09:00", /at "2026-12-01T09:00": give a time with its offset/],
  ["?dry_run=1&at=2026-12-01", /at "2026-12-01"/],
  ["?dry_run=1&at=2026-02-30T09:00Z", /at "2026-02-30T09:00Z"/],
  ["?dry_run=1&at=9999-12-31T23:00-12:00", /at "9999/],
  ["?dry_run=1&at=0000-01-01T00:00Z", /at "0000/],
  ["?dry_run=1&at=tomorrow", /at "tomorrow"/],
  ["?dry_run=1&at=", /at ""/],
  ["?dry_run=1&at=2026-12-01T09:00Z&at=2027-12-01T09:00Z", /at is given twice/],
];
for (const [query, named] of badQueries) {
  Deno.test(`dispatch request: ${query} is refused by name, for it must not ring people`, async () => {
    await assert.rejects(
      parse({ query }),
      (error: Error) => error instanceof BadRequest && named.test(error.message),
    );
  });
}

const badBodies: [string, BodyInit, RegExp][] = [
  ["no JSON", "source=manual", /not JSON/],
  ["half of a JSON", '{"source":"manual"', /not JSON/],
  ["bytes that are no text", new Uint8Array([0xff, 0xfe, 0x00]), /not JSON/],
  ["null", "null", /body: /],
  ["an array", "[]", /body: /],
  ["a string", '"manual"', /body: /],
  ["a number", "5", /body: /],
  ["an unknown source", '{"source":"me"}', /source: /],
  ["a source of another case", '{"source":"Manual"}', /source: /],
  ["a run id that is none", '{"run_id":"5"}', /run_id: /],
  ["a run id that is a number", '{"run_id":5}', /run_id: /],
  ["a run id that is null", '{"run_id":null}', /run_id: /],
  ["an unknown key", '{"dry_run":true}', /"dry_run"/],
  ["two faults at once", '{"run_id":5,"source":"me"}', /run_id: .*source: /],
  ["a body that is too long", `{"source":"manual"${" ".repeat(10_000)}}`, /longer than 10000/],
];
for (const [name, body, named] of badBodies) {
  Deno.test(`dispatch request: ${name} is refused, and the part is named`, async () => {
    await assert.rejects(
      parse({ body }),
      (error: Error) => error instanceof BadRequest && named.test(error.message),
    );
  });
}

Deno.test("dispatch request: an endless body is not read to its end", async () => {
  let chunks = 0;
  const endless = new ReadableStream({
    pull(controller) {
      chunks += 1;
      controller.enqueue(new Uint8Array(1_000).fill(32));
    },
  });
  await assert.rejects(parse({ body: endless }), BadRequest);
  assert.ok(chunks < 20, `${chunks} chunks were read`);
});

Deno.test("dispatch request: a text is put together across the chunks it came in", async () => {
  const inBytes = (text: string) =>
    ReadableStream.from([...new TextEncoder().encode(text)].map((byte) => Uint8Array.of(byte)));
  const parsed = await parse({ body: inBytes(`{"run_id":"${RUN_ID}","source":"new_lead"}`) });
  assert.deepEqual([parsed.runId, parsed.source], [RUN_ID, "new_lead"]);
  await assert.rejects(parse({ body: inBytes('{"größe😀":1}') }), /"größe😀"/);
});

import assert from "node:assert/strict";
import { startNetWorker } from "../../../supabase/local/clock/start_net_worker.ts";
import { freePort } from "../../../supabase/local/postgres/free_port.ts";
import type { TestDatabase } from "../../support/clone_database.ts";
import { eventually } from "../../support/eventually.ts";
import { freshEmptyDatabase } from "../../support/fresh_empty_database.ts";

interface Seen {
  path: string;
  headers: Headers;
  body: string;
}

// Answers at once, except under /slow, where it takes 300 ms, and /never, where it takes for ever.
// /moved sends on to /there, and /empty has nothing to say.
function startListener() {
  const seen: Seen[] = [];
  const stopped = Promise.withResolvers<Response>();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname, search } = new URL(request.url);
      seen.push({ path: pathname + search, headers: request.headers, body: await request.text() });
      if (pathname === "/never") return await stopped.promise;
      if (pathname === "/moved") return Response.redirect(new URL("/there", request.url), 302);
      if (pathname === "/empty") return new Response(null, { status: 200 });
      if (pathname === "/slow") await new Promise((resolve) => setTimeout(resolve, 300));
      return Response.json({ heard: true }, { status: 202 });
    },
  );
  return {
    seen,
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: async () => {
      stopped.resolve(new Response());
      await server.shutdown();
    },
  };
}

async function responseTo(database: TestDatabase, id: string) {
  return await eventually(`a response to request ${id}`, async () => {
    const [row] = await database.sql`select * from net._http_response where id = ${id}`;
    return row;
  });
}

Deno.test("net worker sends what was committed, and nothing that was rolled back", async () => {
  await using database = await freshEmptyDatabase();
  await using listener = startListener();
  const worker = await startNetWorker(database);
  const { sql } = database;
  await sql.begin(async (tx) => {
    await tx`select net.http_post(${listener.url + "/rolled-back"})`;
    throw new Error("undo");
  }).catch(() => {});
  const [posted] = await sql`
    select net.http_post(${listener.url + "/hook"}, '{"a": 1}', '{"q": "ü b"}',
      '{"x-cron-secret": "s", "x-null": null}', 5000) as id`;
  const response = await responseTo(database, posted?.id);
  assert.equal(response.status_code, 202);
  assert.equal(response.content, '{"heard":true}');
  assert.equal(response.timed_out, false);
  assert.equal(response.error_msg, null);
  assert.deepEqual(listener.seen.map(({ path }) => path), ["/hook?q=%C3%BC%20b"]);
  const [request] = listener.seen;
  assert.equal(request?.body, '{"a": 1}');
  assert.equal(request?.headers.get("x-cron-secret"), "s");
  assert.equal(request?.headers.get("content-type"), "application/json");
  assert.equal(request?.headers.has("x-null"), false);
  await worker.stop();
});

Deno.test("net worker keeps to the timeout of each request", async () => {
  await using database = await freshEmptyDatabase();
  await using listener = startListener();
  const worker = await startNetWorker(database);
  const [row] = await database.sql`
    select net.http_post(${listener.url + "/never"}, timeout_milliseconds => 100) as id`;
  const response = await responseTo(database, row?.id);
  assert.equal(response.timed_out, true);
  assert.equal(response.status_code, null);
  assert.equal(response.content, null);
  assert.equal(response.content_type, null);
  assert.match(
    response.error_msg,
    /^Timeout of 100 ms reached\. Total time: \d+\.\d{6} ms \(DNS time: .* ms, TCP\/SSL handshake time: .* ms, HTTP Request\/Response time: .* ms\)$/,
  );
  await worker.stop();
});

Deno.test("net worker does not read the queue while a request of the batch is under way", async () => {
  await using database = await freshEmptyDatabase();
  await using listener = startListener();
  const worker = await startNetWorker(database);
  await database.sql`select net.http_get(${listener.url + "/slow"})`;
  await eventually("the slow request arrives", () => listener.seen[0]);
  const begun = performance.now();
  await database.sql`select net.http_get(${listener.url + "/next"})`;
  await eventually("the next request arrives", () => listener.seen[1]);
  assert.ok(performance.now() - begun > 150, "the next request came while the slow one was open");
  await worker.stop();
});

Deno.test("net worker never repeats a request that it was stopped in", async () => {
  await using database = await freshEmptyDatabase();
  await using listener = startListener();
  const first = await startNetWorker(database);
  await database.sql`select net.http_get(${listener.url + "/never"})`;
  await eventually("the request arrives", () => listener.seen[0]);
  await first.stop();
  const second = await startNetWorker(database);
  const [row] = await database.sql`select net.http_get(${listener.url + "/after"}) as id`;
  await responseTo(database, row?.id);
  assert.deepEqual(listener.seen.map(({ path }) => path), ["/never", "/after"]);
  await second.stop();
});

Deno.test("net worker finds what was queued before it started", async () => {
  await using database = await freshEmptyDatabase();
  await using listener = startListener();
  await database.sql`select net.http_get(${listener.url + "/early"})`;
  const worker = await startNetWorker(database);
  await eventually("the request arrives", () => listener.seen[0]);
  await worker.stop();
});

Deno.test("net worker writes no response before the slowest of the batch is over", async () => {
  await using database = await freshEmptyDatabase();
  await using listener = startListener();
  const { sql } = database;
  await sql`select net.http_get(${listener.url + "/slow"}), net.http_get(${
    listener.url + "/fast"
  })`;
  const worker = await startNetWorker(database);
  await eventually("both arrive", () => listener.seen.length === 2 || undefined);
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal((await sql`select from net._http_response`).length, 0, "the fast one is answered");
  const rows = await eventually("both responses", async () => {
    const found = await sql`select id, created, clock_timestamp() as now from net._http_response`;
    return found.length > 0 ? found : undefined;
  });
  assert.equal(rows.length, 2);
  assert.deepEqual(rows[0]?.created, rows[1]?.created);
  assert.ok(rows[0]!.now - rows[0]!.created > 250, "created is the time at which the batch began");
  await worker.stop();
});

Deno.test("net worker takes 200 requests at a time", async () => {
  await using database = await freshEmptyDatabase();
  await using listener = startListener();
  const { sql } = database;
  await sql`select net.http_get(${listener.url + "/slow"})`;
  await sql`select net.http_get(${listener.url} || '/slow?' || n) from generate_series(2, 201) as n`;
  const worker = await startNetWorker(database);
  await eventually("the first batch arrives", () => listener.seen.length === 200 || undefined);
  assert.equal((await sql`select from net.http_request_queue`).length, 1);
  await eventually("the last one arrives", () => listener.seen.length === 201 || undefined);
  assert.equal(listener.seen.at(-1)?.path, "/slow?201");
  assert.equal((await sql`select from net._http_response`).length, 200);
  await worker.stop();
});

Deno.test("net worker follows a redirect, and the headers go with it", async () => {
  await using database = await freshEmptyDatabase();
  await using listener = startListener();
  const worker = await startNetWorker(database);
  const [row] = await database.sql`
    select net.http_post(${listener.url + "/moved"}, headers => '{"x-cron-secret": "s"}') as id`;
  const response = await responseTo(database, row?.id);
  assert.equal(response.status_code, 202);
  assert.deepEqual(listener.seen.map(({ path }) => path), ["/moved", "/there"]);
  assert.equal(listener.seen[1]?.headers.get("x-cron-secret"), "s");
  await worker.stop();
});

Deno.test("net worker stores an empty answer as none", async () => {
  await using database = await freshEmptyDatabase();
  await using listener = startListener();
  const worker = await startNetWorker(database);
  const [row] = await database.sql`select net.http_get(${listener.url + "/empty"}) as id`;
  const response = await responseTo(database, row?.id);
  assert.deepEqual([response.status_code, response.content], [200, null]);
  await worker.stop();
});

/** A port at which connections are taken and dropped. */
function startDropper() {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  (async () => {
    for await (const connection of listener) connection.close();
  })();
  return { port: listener.addr.port, [Symbol.dispose]: () => listener.close() };
}

Deno.test("net worker notes what failed in curl's words, without the address", async () => {
  await using database = await freshEmptyDatabase();
  using dropper = startDropper();
  const worker = await startNetWorker(database);
  const cases: [url: string, says: string][] = [
    [`http://127.0.0.1:${freePort()}/tls-closed`, "Couldn't connect to server"],
    ["http://nowhere.invalid/secret", "Couldn't resolve host name"],
    [
      `http://127.0.0.1:${dropper.port}/secret`,
      "Server returned nothing (no headers, no data)",
    ],
    ["gopher://127.0.0.1/secret", "Unsupported protocol"],
  ];
  for (const [url, says] of cases) {
    const [row] = await database.sql`select net.http_get(${url}) as id`;
    const { status_code, timed_out, error_msg } = await responseTo(database, row?.id);
    assert.deepEqual([status_code, timed_out, error_msg], [null, false, says]);
  }
  await worker.stop();
});

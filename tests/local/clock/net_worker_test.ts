import assert from "node:assert/strict";
import { startNetWorker } from "../../../supabase/local/clock/start_net_worker.ts";
import type { TestDatabase } from "../../support/clone_database.ts";
import { eventually } from "../../support/eventually.ts";
import { freshEmptyDatabase } from "../../support/fresh_empty_database.ts";

interface Seen {
  path: string;
  headers: Headers;
  body: string;
}

// Answers at once, except under /slow, where it takes 300 ms, and /never, where it takes for ever.
function startListener() {
  const seen: Seen[] = [];
  const stopped = Promise.withResolvers<Response>();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname, search } = new URL(request.url);
      seen.push({ path: pathname + search, headers: request.headers, body: await request.text() });
      if (pathname === "/never") return await stopped.promise;
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
  assert.match(response.error_msg, /Timeout of 100 ms/);
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

Deno.test("net worker notes a refused connection as an error", async () => {
  await using database = await freshEmptyDatabase();
  const worker = await startNetWorker(database);
  const [row] = await database.sql`select net.http_get('http://127.0.0.1:1/') as id`;
  const response = await responseTo(database, row?.id);
  assert.equal(response.timed_out, false);
  assert.ok(response.error_msg.length > 0);
  await worker.stop();
});

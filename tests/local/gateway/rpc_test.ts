import assert from "node:assert/strict";
import type { TestDatabase } from "../../support/clone_database.ts";
import { callRpc } from "../../support/call_rpc.ts";
import { freshEmptyDatabase } from "../../support/fresh_empty_database.ts";
import { startTestGateway } from "../../support/start_test_gateway.ts";

// Every function here is granted to both roles that a key can stand for.
async function define(database: TestDatabase, ...functions: string[]): Promise<void> {
  await database.sql.unsafe(functions.join(";\n"));
}

Deno.test("gateway runs the call as service_role in one transaction of its own", async () => {
  await using database = await freshEmptyDatabase();
  await define(
    database,
    `create function whoami() returns json language sql as $$ select json_build_object(
      'role', current_user, 'claims', current_setting('request.jwt.claims')::json,
      'timeout', current_setting('statement_timeout'), 'isolation', current_setting('transaction_isolation')) $$`,
  );
  await using gateway = startTestGateway(database);
  const { status, json } = await callRpc(gateway, "whoami");
  assert.equal(status, 200);
  assert.deepEqual(json, {
    role: "service_role",
    claims: { role: "service_role" },
    timeout: "8s",
    isolation: "read committed",
  });
  const anon = await callRpc(gateway, "whoami", {}, { apikey: gateway.publishableKey });
  assert.equal((anon.json as { role: string }).role, "anon");
});

Deno.test("gateway lets Postgres convert every argument and fills in defaults", async () => {
  await using database = await freshEmptyDatabase();
  await define(
    database,
    `create function echo(a uuid, b interval, c timestamptz, d jsonb, e int[], f bigint, g text, h text default 'dflt')
      returns json language sql as $$ select json_build_array(a, b, c, d, e, f, g, h) $$`,
  );
  await using gateway = startTestGateway(database);
  const id = "7b0e9f9e-7c5b-4d2c-8c53-0e3d6a4f1f11";
  const { status, json } = await callRpc(gateway, "echo", {
    a: id,
    b: "90 minutes",
    c: "2026-11-22T10:00:00Z",
    d: { deep: [1, "it's"] },
    e: [1, 2, 3],
    f: 7,
    g: null,
  });
  assert.equal(status, 200);
  assert.deepEqual(json, [
    id,
    "01:30:00",
    "2026-11-22T10:00:00+00:00",
    { deep: [1, "it's"] },
    [1, 2, 3],
    7,
    null,
    "dflt",
  ]);
});

Deno.test("gateway passes every digit of a bigint on, both ways", async () => {
  await using database = await freshEmptyDatabase();
  await define(
    database,
    `create function same(n bigint) returns bigint language sql as $$ select n $$`,
  );
  await using gateway = startTestGateway(database);
  const { text } = await callRpc(gateway, "same", '{"n": 9007199254740993}');
  assert.equal(text, "9007199254740993");
});

Deno.test("gateway takes no text for SQL", async () => {
  await using database = await freshEmptyDatabase();
  await define(
    database,
    `create function same(t text) returns text language sql as $$ select t $$`,
  );
  await using gateway = startTestGateway(database);
  for (const t of ["'; drop function same; --", "\\'", "$$ $1 \u2028 😀", "\\"]) {
    assert.equal((await callRpc(gateway, "same", { t })).json, t);
  }
});

Deno.test("gateway shapes the result after what the function returns", async () => {
  await using database = await freshEmptyDatabase();
  await define(
    database,
    `create table things (id int, name text); grant all on things to service_role`,
    `create function nothing() returns void language sql as $$ insert into things values (1, 'made') $$`,
    `create function one() returns things language sql as $$ select 1, 'x' $$`,
    `create function listing() returns setof things language sql as $$ values (1, 'x'), (2, 'y') $$`,
    `create function no_rows() returns setof things language sql as $$ select 1, 'x' where false $$`,
    `create function numbers() returns setof int language sql as $$ values (1), (2) $$`,
    `create function one_column() returns table (n int) language sql as $$ values (1) $$`,
    `create function nil() returns text language sql as $$ select null::text $$`,
  );
  await using gateway = startTestGateway(database);
  const nothing = await callRpc(gateway, "nothing");
  assert.deepEqual([nothing.status, nothing.text], [204, ""]);
  assert.equal((await database.sql`select from things`).length, 1);
  assert.deepEqual((await callRpc(gateway, "one")).json, { id: 1, name: "x" });
  assert.deepEqual((await callRpc(gateway, "listing")).json, [
    { id: 1, name: "x" },
    { id: 2, name: "y" },
  ]);
  assert.deepEqual((await callRpc(gateway, "no_rows")).json, []);
  assert.deepEqual((await callRpc(gateway, "numbers")).json, [1, 2]);
  assert.deepEqual((await callRpc(gateway, "one_column")).json, [{ n: 1 }]);
  assert.equal((await callRpc(gateway, "nil")).json, null);
});

Deno.test("gateway cuts a result at 1000 rows without a word", async () => {
  await using database = await freshEmptyDatabase();
  await define(
    database,
    `create function many(n int) returns setof int language sql as $$ select generate_series(1, n) $$`,
  );
  await using gateway = startTestGateway(database);
  const { status, json } = await callRpc(gateway, "many", { n: 1500 });
  assert.equal(status, 200);
  assert.equal((json as number[]).length, 1000);
});

Deno.test("gateway answers a single object on request, and only for exactly one row", async () => {
  await using database = await freshEmptyDatabase();
  await define(
    database,
    `create function many(n int) returns table (i int) language sql as $$ select generate_series(1, n) $$`,
  );
  await using gateway = startTestGateway(database);
  const headers = { apikey: gateway.secretKey, accept: "application/vnd.pgrst.object+json" };
  assert.deepEqual((await callRpc(gateway, "many", { n: 1 }, headers)).json, { i: 1 });
  const two = await callRpc(gateway, "many", { n: 2 }, headers);
  assert.equal(two.status, 406);
  assert.equal((two.json as { code: string }).code, "PGRST116");
});

Deno.test("gateway sees a function that is created or changed while it runs", async () => {
  await using database = await freshEmptyDatabase();
  await using gateway = startTestGateway(database);
  assert.equal((await callRpc(gateway, "late", { a: 1 })).status, 404);
  await define(database, `create function late(a int) returns int language sql as $$ select a $$`);
  assert.equal((await callRpc(gateway, "late", { a: 1 })).json, 1);
});

Deno.test("gateway knows a new signature at once, also where it has just said that there is none", async () => {
  await using database = await freshEmptyDatabase();
  const { sql } = database;
  await sql.unsafe(`create function grown(a int) returns int language sql as 'select a'`);
  await using gateway = startTestGateway(database);
  assert.equal((await callRpc(gateway, "grown", { a: 1, b: 2 })).status, 404);
  await sql.unsafe(`drop function grown(int);
    create function grown(a int, b int) returns int language sql as 'select a + b'`);
  assert.equal((await callRpc(gateway, "grown", { a: 1, b: 2 })).json, 3);
});

import assert from "node:assert/strict";
import { callRpc } from "../../support/call_rpc.ts";
import { eventually } from "../../support/eventually.ts";
import { freshEmptyDatabase } from "../../support/fresh_empty_database.ts";
import { startTestGateway } from "../../support/start_test_gateway.ts";

const RAISE = `create function fail(state text) returns int language plpgsql as $$
  begin
    raise exception 'told' using errcode = state, detail = 'more', hint = 'do';
  end $$`;

const STATUSES: Record<string, number> = {
  P0001: 400,
  "22023": 400,
  "42501": 403,
  "23505": 409,
  "23503": 409,
  "42883": 404,
  "57014": 500,
  "08006": 503,
  "53300": 503,
  XX000: 500,
  PT418: 418,
};

Deno.test("gateway answers PostgREST's status for each class of error", async () => {
  await using database = await freshEmptyDatabase();
  await database.sql.unsafe(RAISE);
  await using gateway = startTestGateway(database);
  for (const [state, status] of Object.entries(STATUSES)) {
    const reply = await callRpc(gateway, "fail", { state });
    assert.equal(reply.status, status, state);
    assert.deepEqual(reply.json, { code: state, message: "told", details: "more", hint: "do" });
  }
});

Deno.test("gateway asks anon to authenticate where others are forbidden", async () => {
  await using database = await freshEmptyDatabase();
  await database.sql.unsafe(
    `create function secret() returns int language sql as 'select 1';
     revoke execute on function secret() from public; grant execute on function secret() to service_role`,
  );
  await using gateway = startTestGateway(database);
  assert.equal((await callRpc(gateway, "secret")).status, 200);
  const anon = await callRpc(gateway, "secret", {}, { apikey: gateway.publishableKey });
  assert.equal(anon.status, 401);
  assert.equal((anon.json as { code: string }).code, "42501");
});

Deno.test("gateway refuses a request without a key of this project", async () => {
  await using database = await freshEmptyDatabase();
  await database.sql.unsafe(`create function f() returns int language sql as 'select 1'`);
  await using gateway = startTestGateway(database);
  const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
  assert.equal((await callRpc(gateway, "f", {}, {})).status, 401);
  assert.equal((await callRpc(gateway, "f", {}, { apikey: "sb_secret_wrong" })).status, 401);
  assert.equal((await callRpc(gateway, "f", {}, bearer("sb_secret_wrong"))).status, 401);
  assert.equal((await callRpc(gateway, "f", {}, bearer(gateway.secretKey))).status, 200);
});

Deno.test("gateway names the function and the arguments that it did not find", async () => {
  await using database = await freshEmptyDatabase();
  await database.sql.unsafe(
    `create function f(a int, b int default 1) returns int language sql as 'select 1'`,
  );
  await using gateway = startTestGateway(database);
  const wrong: Record<string, unknown>[] = [{}, { b: 1 }, { a: 1, c: 1 }];
  for (const args of wrong) {
    const { status, json } = await callRpc(gateway, "f", args);
    assert.equal(status, 404);
    const { code, hint } = json as { code: string; hint: string };
    assert.equal(code, "PGRST202");
    assert.match(hint, /public\.f\(a, b\)/);
  }
  assert.equal((await callRpc(gateway, "f", { a: 1 })).status, 200);
  assert.equal((await callRpc(gateway, "nowhere")).status, 404);
});

Deno.test("gateway refuses a body that is not a JSON object", async () => {
  await using database = await freshEmptyDatabase();
  await using gateway = startTestGateway(database);
  for (const body of ["{", "[1]", "1"]) {
    const { status, json } = await callRpc(gateway, "f", body);
    assert.equal(status, 400);
    assert.equal((json as { code: string }).code, "PGRST102");
  }
});

Deno.test("gateway rolls a failed call back and leaves its connection usable", async () => {
  await using database = await freshEmptyDatabase();
  await database.sql.unsafe(
    `create table t (i int); grant all on t to service_role;
     create function half() returns int language plpgsql as
       $$ begin insert into t values (1); raise exception 'no'; end $$;
     create function count_t() returns bigint language sql as 'select count(*) from t'`,
  );
  await using gateway = startTestGateway(database);
  for (let call = 0; call < 15; call++) {
    assert.equal((await callRpc(gateway, "half")).status, 400);
  }
  assert.equal((await callRpc(gateway, "count_t")).json, 0);
});

Deno.test("gateway ends a statement that takes longer than the timeout", async () => {
  await using database = await freshEmptyDatabase();
  await database.sql.unsafe(
    `create function slow() returns void language sql as 'select pg_sleep(30)'`,
  );
  await using gateway = startTestGateway(database);
  const begun = performance.now();
  const { status, json } = await callRpc(gateway, "slow");
  assert.equal(status, 500);
  assert.equal((json as { code: string }).code, "57014");
  assert.ok(performance.now() - begun < 12_000);
});

Deno.test("gateway answers 503 while its connections are cut, and recovers", async () => {
  await using database = await freshEmptyDatabase();
  await database.sql.unsafe(
    `create function slow() returns void language sql as 'select pg_sleep(30)';
     create function f() returns int language sql as 'select 1'`,
  );
  await using gateway = startTestGateway(database);
  const slow = callRpc(gateway, "slow");
  await eventually("the call runs", async () => {
    const cut = await database.sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and usename = 'authenticator' and query like '%slow%'
        and wait_event = 'PgSleep'`;
    return cut.length > 0 ? true : undefined;
  });
  assert.equal((await slow).status, 503);
  assert.equal((await callRpc(gateway, "f")).json, 1);
});

Deno.test("gateway answers 503 while there is no database", async () => {
  await using database = await freshEmptyDatabase();
  const nowhere = { ...database, authenticatorUrl: "postgres://authenticator@127.0.0.1:1/x" };
  await using gateway = startTestGateway(nowhere);
  const { status, json } = await callRpc(gateway, "f");
  assert.equal(status, 503);
  assert.equal((json as { code: string }).code, "PGRST001");
});

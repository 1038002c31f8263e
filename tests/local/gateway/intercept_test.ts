import assert from "node:assert/strict";
import { callRpc } from "../../support/call_rpc.ts";
import { freshEmptyDatabase } from "../../support/fresh_empty_database.ts";
import { startTestGateway } from "../../support/start_test_gateway.ts";

Deno.test("intercept answers before the call, or after it was committed", async () => {
  await using database = await freshEmptyDatabase();
  await database.sql.unsafe(
    `create table t (i int); grant all on t to service_role;
     create function add(i int) returns void language sql as 'insert into t values (i)'`,
  );
  await using gateway = startTestGateway(database);
  const rows = async () => (await database.sql`select from t`).length;
  for (const [moment, written] of [["before", 0], ["after", 1]] as const) {
    gateway.intercept = (call) => {
      assert.deepEqual([call.functionName, call.role, call.body], [
        "add",
        "service_role",
        '{"i":1}',
      ]);
      return call.moment === moment ? new Response("lost", { status: 502 }) : undefined;
    };
    const response = await fetch(`${gateway.url}/rest/v1/rpc/add`, {
      method: "POST",
      headers: { apikey: gateway.secretKey },
      body: '{"i":1}',
    });
    assert.deepEqual([response.status, await response.text()], [502, "lost"]);
    assert.equal(await rows(), written);
  }
  gateway.intercept = undefined;
  assert.equal((await callRpc(gateway, "add", { i: 2 })).status, 204);
  assert.equal(await rows(), 2);
});

import assert from "node:assert/strict";
import { freshDatabase } from "../../support/fresh_database.ts";
import { startTestGateway } from "../../support/start_test_gateway.ts";

Deno.test("gateway: a request that hangs does not keep it from ending", async () => {
  await using database = await freshDatabase();
  const gateway = startTestGateway(database, { intercept: () => new Promise(() => {}) });
  const hanging = fetch(`${gateway.url}/rest/v1/rpc/dispatch_backlog`, {
    method: "POST",
    headers: { apikey: gateway.secretKey },
    body: "{}",
  }).then((response) => response.status, () => "broken off");
  await new Promise((resolve) => setTimeout(resolve, 100));
  await gateway.stop();
  assert.equal(await hanging, "broken off");
});

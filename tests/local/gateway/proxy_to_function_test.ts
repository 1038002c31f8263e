import assert from "node:assert/strict";
import { freshEmptyDatabase } from "../../support/fresh_empty_database.ts";
import { startTestFunction } from "../../support/start_test_function.ts";
import { startTestGateway } from "../../support/start_test_gateway.ts";
import { FUNCTIONS_DIRECTORY } from "../fixtures/functions_directory.ts";

Deno.test("gateway passes requests on to the function under the platform's path", async () => {
  await using database = await freshEmptyDatabase();
  await using echo = await startTestFunction({
    name: "echo",
    functionsDirectory: FUNCTIONS_DIRECTORY,
  });
  await using gateway = startTestGateway(database, {
    functionUrl: (name) => name === "echo" ? echo.url : undefined,
  });
  const response = await fetch(`${gateway.url}/functions/v1/echo/sub?dry_run=1`, {
    method: "PUT",
    headers: { "x-cron-secret": "s" },
    body: "content",
  });
  const { path, method, body, secret } = await response.json();
  assert.deepEqual([path, method, body, secret], ["/echo/sub?dry_run=1", "PUT", "content", "s"]);

  const unknown = await fetch(`${gateway.url}/functions/v1/nobody`);
  assert.equal(unknown.status, 404);
  await unknown.body?.cancel();

  await echo.kill();
  const dead = await fetch(`${gateway.url}/functions/v1/echo`);
  assert.equal(dead.status, 502);
  await dead.body?.cancel();
});

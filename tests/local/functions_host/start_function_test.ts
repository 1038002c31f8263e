import assert from "node:assert/strict";
import { eventually } from "../../support/eventually.ts";
import { startTestFunction } from "../../support/start_test_function.ts";
import { FUNCTIONS_DIRECTORY } from "../fixtures/functions_directory.ts";

const ECHO = { name: "echo", functionsDirectory: FUNCTIONS_DIRECTORY };

// Nobody may hold on to a reply's body when the test ends.
async function statusOf(url: string): Promise<number> {
  const response = await fetch(url);
  await response.body?.cancel();
  return response.status;
}

Deno.test("function host serves the function with its own variables and no others", async () => {
  Deno.env.set("FOREIGN", "ours");
  try {
    await using echo = await startTestFunction({ ...ECHO, env: { GIVEN: "yes" } });
    const reply = await (await fetch(`${echo.url}/echo`)).json();
    assert.equal(reply.given, "yes");
    assert.equal(reply.foreign, null);
  } finally {
    Deno.env.delete("FOREIGN");
  }
});

Deno.test("function host tells of the end and lets waitUntil finish", async () => {
  const echo = await startTestFunction(ECHO);
  assert.equal(await statusOf(`${echo.url}/later`), 202);
  assert.deepEqual(echo.logs, []);
  await echo.stop();
  assert.deepEqual(echo.logs, ["told of the end", "done later"]);
});

Deno.test("function host survives a waitUntil promise that fails", async () => {
  await using echo = await startTestFunction(ECHO);
  await statusOf(`${echo.url}/fail-later`);
  await eventually(
    "the failure is logged",
    () => echo.logs.some((line) => line.includes("went wrong later")) ? true : undefined,
  );
  assert.equal(await statusOf(echo.url), 200);
});

Deno.test("function host killed gets no word in, and comes back by restart", async () => {
  await using echo = await startTestFunction(ECHO);
  const before = echo.pid;
  await statusOf(`${echo.url}/later`);
  await echo.kill();
  assert.deepEqual(echo.logs, []);
  await assert.rejects(fetch(echo.url));
  await echo.restart({ GIVEN: "second" });
  assert.notEqual(echo.pid, before);
  assert.equal((await (await fetch(echo.url)).json()).given, "second");
});

Deno.test("function host reports what a function says that cannot start", async () => {
  await assert.rejects(
    startTestFunction({ ...ECHO, name: "broken" }),
    /Function "broken" did not start: it ended with code 1[^]*cannot even start/,
  );
});

Deno.test({
  name: "function host measures the processor time of the function alone",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using echo = await startTestFunction(ECHO);
    const before = await echo.cpuMilliseconds();
    await statusOf(`${echo.url}/burn`);
    const spent = await echo.cpuMilliseconds() - before;
    assert.ok(spent >= 50 && spent < 2_000, `${spent} ms`);
  },
});

import assert from "node:assert/strict";
import { startSimulatedOmni } from "../../../supabase/local/simulated_omni/start_simulated_omni.ts";

const unknownPaths = ["/", "/api/v1/calls/dispatch/", "/api/v2/calls/dispatch", "/calls/dispatch"];
for (const path of unknownPaths) {
  Deno.test(`the unknown path ${path} is 404 in JSON`, async () => {
    await using omni = await startSimulatedOmni();
    const response = await fetch(omni.url + path, { method: "POST", body: "{}" });
    assert.equal(response.status, 404);
    assert.equal((await response.json()).error, "not_found");
  });
}

const wrongVerbs = [
  ["GET", "/api/v1/calls/dispatch", "POST"],
  ["POST", "/api/v1/account/balance", "GET"],
  ["DELETE", "/api/v1/calls/logs", "GET"],
  ["PUT", "/api/v1/calls/logs/7", "GET"],
] as const;
for (const [method, path, allowed] of wrongVerbs) {
  Deno.test(`${method} ${path} is 405 and names ${allowed}`, async () => {
    await using omni = await startSimulatedOmni();
    const response = await fetch(omni.url + path, { method });
    assert.equal(response.status, 405);
    assert.equal(response.headers.get("allow"), allowed);
    assert.equal((await response.json()).error, "method_not_allowed");
  });
}

Deno.test("unknown paths and wrong verbs are HTML pages when asked for", async () => {
  await using omni = await startSimulatedOmni({ errorPages: "html" });
  for (const path of ["/nowhere", "/api/v1/calls/dispatch"]) {
    const response = await fetch(omni.url + path);
    assert.match(response.headers.get("content-type") ?? "", /^text\/html/);
    assert.match(await response.text(), /<html>.*40[45]/s);
  }
});

Deno.test("a query does not hide the path", async () => {
  await using omni = await startSimulatedOmni();
  const response = await fetch(`${omni.url}/api/v1/calls/dispatch?x=/y?z`, { method: "POST" });
  assert.equal(response.status, 401);
  await response.body?.cancel();
  assert.equal(omni.requests.list()[0]?.query, "x=/y?z");
});

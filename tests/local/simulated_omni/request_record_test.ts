import assert from "node:assert/strict";
import { startSimulatedOmni } from "../../../supabase/local/simulated_omni/start_simulated_omni.ts";
import { postDispatch } from "./post_dispatch.ts";

Deno.test("the record holds each request as it came, refused ones too", async () => {
  await using omni = await startSimulatedOmni();
  await postDispatch(omni, undefined, { apiKey: "wrong", rawBody: "{ ü" });
  const [request] = omni.requests.list();
  assert.equal(request?.method, "POST");
  assert.equal(request?.path, "/api/v1/calls/dispatch");
  assert.equal(request?.headers.get("authorization"), "Bearer wrong");
  assert.equal(request?.body, "{ ü");
});

Deno.test("the record counts all requests and keeps the latest", async () => {
  await using omni = await startSimulatedOmni({ requestsKept: 2 });
  for (let sent = 0; sent < 6; sent++) await postDispatch(omni, `+9198000000${10 + sent}`);
  assert.equal(omni.requests.count, 6);
  const kept = omni.requests.list().map((request) => JSON.parse(request.body).to_number);
  assert.deepEqual(kept, ["+919800000014", "+919800000015"]);
});

import assert from "node:assert/strict";
import { startSimulatedOmni } from "../../../../supabase/local/simulated_omni/start_simulated_omni.ts";
import { getFrom } from "../get_from.ts";

Deno.test("the agent tells its longest call and, by default, no webhook", async () => {
  await using omni = await startSimulatedOmni({ longestCallSeconds: 900 });
  const { status, json } = await getFrom(omni, `/agents/${omni.agentId}`);
  assert.equal(status, 200);
  assert.deepEqual(
    [json.id, json.max_call_duration_in_sec, json.post_call_config_ids],
    [omni.agentId, 900, []],
  );
});

Deno.test("the agent's webhook is told with the ends of a call that it fires for", async () => {
  await using omni = await startSimulatedOmni({ agentWebhook: { url: "https://hook.test/" } });
  const { json } = await getFrom(omni, `/agents/${omni.agentId}`);
  const [config] = json.post_call_config_ids as Record<string, unknown>[];
  assert.equal(config?.webhook_url, "https://hook.test/");
  assert.deepEqual(config?.trigger_call_statuses, ["completed", "voicemail_detected"]);
});

Deno.test("an agent of others is not found, and the key is needed", async () => {
  await using omni = await startSimulatedOmni();
  assert.equal((await getFrom(omni, `/agents/${omni.agentId + 1}`)).status, 404);
  assert.equal((await getFrom(omni, `/agents/${omni.agentId}`, "wrong")).status, 401);
});

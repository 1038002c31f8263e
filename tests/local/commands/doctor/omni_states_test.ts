// What can be wrong at Omni, each brought about at the simulated one.
import assert from "node:assert/strict";
import type { Check } from "../../../../supabase/local/commands/doctor/check.ts";
import { omniAgentCheck } from "../../../../supabase/local/commands/doctor/checks/omni_agent_check.ts";
import { omniNumberCheck } from "../../../../supabase/local/commands/doctor/checks/omni_number_check.ts";
import { settingsCheck } from "../../../../supabase/local/commands/doctor/checks/settings_check.ts";
import { webhookCheck } from "../../../../supabase/local/commands/doctor/checks/webhook_check.ts";
import { openOmni } from "../../../../supabase/local/commands/doctor/omni/open_omni.ts";
import type { Patient } from "../../../../supabase/local/commands/doctor/patient.ts";
import type { Ending } from "../../../../supabase/local/simulated_omni/http/ending.ts";
import { htmlReply } from "../../../../supabase/local/simulated_omni/http/html_reply.ts";
import { omniFault } from "../../../../supabase/local/simulated_omni/faults/omni_fault.ts";
import type { SimulatedOmni } from "../../../../supabase/local/simulated_omni/simulated_omni.ts";
import { startSimulatedOmni } from "../../../../supabase/local/simulated_omni/start_simulated_omni.ts";
import { freshDatabase } from "../../../support/fresh_database.ts";
import { verdictsOf } from "./wrong_state.ts";

const SECRET = "s".repeat(32);
const OTHER_SECRET = "t".repeat(32);
const OURS = "https://abcd.supabase.co/functions/v1/call-ended?secret=hidden-word";

function patientOf(omni: SimulatedOmni, changed: Record<string, string> = {}): Partial<Patient> {
  const variables = {
    OMNI_BASE_URL: omni.url,
    OMNI_API_KEY: omni.apiKey,
    OMNI_AGENT_ID: String(omni.agentId),
    OMNI_FROM_NUMBER_ID: String(omni.fromNumberId),
    ...changed,
  };
  const opened = openOmni(variables);
  assert.ok("account" in opened);
  return { variables, omni: opened.account };
}

async function told(check: Check, patient: Partial<Patient>): Promise<string> {
  const line = (await verdictsOf(check, patient)).join("\n");
  assert.doesNotMatch(line, /simulated-omni-key|hidden-word/);
  return line;
}

Deno.test("doctor: key, agent and number at Omni, and what is wrong with them", async () => {
  await using omni = await startSimulatedOmni({ otherNumbers: 150 });
  const agent = (changed = {}) => told(omniAgentCheck, patientOf(omni, changed));
  const number = (changed = {}) => told(omniNumberCheck, patientOf(omni, changed));
  assert.equal(await agent(), "ok: The key works, and the agent 4711 is there");
  // It stands on the second page.
  assert.equal(await number(), "ok: The number with the id 42 is there");

  assert.match(await agent({ OMNI_API_KEY: "wrong" }), /^fault: Omni refuses the key \(HTTP 401\)/);
  assert.match(
    await number({ OMNI_API_KEY: "wrong" }),
    /^not_checked: could not be told: Omni refuses/,
  );
  assert.match(await agent({ OMNI_AGENT_ID: "5" }), /^fault: Omni has no agent 5 in this account/);
  assert.match(
    await number({ OMNI_FROM_NUMBER_ID: "5" }),
    /^fault: Omni has no number with the id 5/,
  );
  assert.match(
    await agent({ OMNI_BASE_URL: "http://127.0.0.1:1" }),
    /^not_checked: could not be told: Omni cannot be reached/,
  );
  assert.equal(omni.ledger.count, 0);
  assert.deepEqual(new Set(omni.requests.list().map(({ method }) => method)), new Set(["GET"]));
});

Deno.test("doctor: what the account may not see could not be told, and is no fault", async () => {
  await using omni = await startSimulatedOmni();
  const page: Ending = { kind: "reply", reply: htmlReply(200, "Welcome") };
  for (
    const [fault, says] of [
      [omniFault.status(403), /^not_checked: could not be told: Omni answered with HTTP 403$/],
      [omniFault.status(500), /^not_checked: could not be told: Omni answered with HTTP 500$/],
      [{ name: "page", placed: false, ending: () => page }, /^not_checked: .* is not understood$/],
    ] as const
  ) {
    omni.readFaults.always(fault);
    for (const check of [omniAgentCheck, omniNumberCheck]) {
      assert.match(await told(check, patientOf(omni)), says);
    }
  }
});

Deno.test("doctor: who reports the end of calls, and what is left out", async () => {
  await using omni = await startSimulatedOmni();
  const webhook = (changed = {}) => told(webhookCheck, patientOf(omni, changed));
  const agentSecret = { CALL_ENDED_AGENT_SECRET: OTHER_SECRET };

  assert.match(
    await webhook(),
    /^warning: Nobody reports the end of calls: CALL_ENDED_SECRET is not set/,
  );
  assert.match(await webhook({ CALL_ENDED_SECRET: SECRET }), /^ok: Each call is asked to report/);
  assert.match(
    await webhook({ CALL_ENDED_SECRET: SECRET, CALL_ENDED_URL: "off" }),
    /^warning: Nobody reports the end of calls: CALL_ENDED_URL is off/,
  );
  omni.change({ agentWebhook: { url: "https://crm.test/hook" } });
  assert.match(await webhook(agentSecret), /^warning: Nobody reports/);

  omni.change({ agentWebhook: { url: OURS } });
  assert.match(
    await webhook(),
    /^fault: The agent's webhook leads to call-ended, which refuses it/,
  );
  assert.match(
    await webhook(agentSecret),
    /^warning: The agent's webhook does not fire for no_answer, busy, failed, cancelled: list them/,
  );
  // Where each call has its own, the agent's does not matter.
  assert.match(await webhook({ ...agentSecret, CALL_ENDED_SECRET: SECRET }), /^ok/);
  omni.change({
    agentWebhook: {
      url: OURS,
      triggerCallStatuses: [
        "completed",
        "voicemail_detected",
        "failed",
        "no_answer",
        "busy",
        "cancelled",
      ],
    },
  });
  assert.match(
    await webhook(agentSecret),
    /^ok: The agent's webhook fires for all six ends of a call/,
  );
  omni.readFaults.always(omniFault.status(403));
  assert.match(
    await webhook(agentSecret),
    /^not_checked: could not be told: list all of completed/,
  );
});

Deno.test("doctor: an agent that may talk for longer than a call counts as live", async () => {
  await using omni = await startSimulatedOmni({ longestCallSeconds: 3_600 });
  await using database = await freshDatabase();
  const settings = () => told(settingsCheck, { ...patientOf(omni), database: database.sql });
  await database.sql`update public.dispatch_settings set expire_after = '30 days' where id`;
  assert.match(await settings(), /^ok/);
  omni.change({ longestCallSeconds: 5_400 });
  assert.match(
    await settings(),
    /^fault: The agent may talk for 5400 s, and longest_call is 3600 s: a number may be called again/,
  );
  await database.sql`update public.dispatch_settings set longest_call = '2 hours' where id`;
  assert.match(await settings(), /^ok/);
});

// A reply that is there, and takes long to be stored: until then no other run may take its attempt for dead.
import assert from "node:assert/strict";
import { dispatch } from "../support/project.ts";
import { startEmbeddedProject } from "../support/start_embedded_project.ts";
import { attemptsByStatus } from "./attempts_by_status.ts";
import { holdAt } from "./hold_at.ts";
import { insertLeads } from "./insert_leads.ts";
import { assertInvariants } from "./invariants.ts";
import { letTimePass } from "./let_time_pass.ts";

const LEADS = 3;
const OMNI_TIMEOUT_MS = "1000";
// Longer than a request may take, and shorter than results are tried to be stored, which is a minute.
const WHILE_IT_IS_STORED = "1 minute";

Deno.test("slow recording: another run leaves an attempt alone whose reply is still being stored", async () => {
  await using project = await startEmbeddedProject({ OMNI_TIMEOUT_MS });
  const { sql, omni, gateway } = project;
  await insertLeads(sql, LEADS);
  const held = holdAt(gateway, { functionName: "record_dispatch_results", moment: "before" });
  const run = dispatch(project);
  const call = await held;
  const sending = await attemptsByStatus(sql, "sending");
  assert.notDeepEqual(sending, []);
  await letTimePass(sql, WHILE_IT_IS_STORED);

  const other = await dispatch(project);
  const unknown = await attemptsByStatus(sql, "unknown");
  call.letGo();
  const summary = await run;
  assert.deepEqual([other.ok, other.rescued], [true, 0], JSON.stringify(other));
  assert.deepEqual(unknown, []);
  assert.deepEqual([summary.ok, summary.accepted], [true, LEADS], JSON.stringify(summary));
  assert.equal(omni.ledger.count, LEADS);
  await assertInvariants(sql, omni.ledger.rings());
  assert.deepEqual(await attemptsByStatus(sql, "sending"), []);
});

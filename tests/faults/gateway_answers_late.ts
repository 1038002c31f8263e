// An answer that takes longer than anybody waits, and work that is done when nobody waits any more.
import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { dispatch } from "../support/project.ts";
import { startEmbeddedProject } from "../support/start_embedded_project.ts";
import type { FaultCase } from "./all_at_once.ts";
import { holdAt, type Moment } from "./hold_at.ts";
import { insertLeads } from "./insert_leads.ts";
import { assertInvariants } from "./invariants.ts";
import { letTimePass } from "./let_time_pass.ts";

const LEADS = 4;

const moments: Moment[] = [
  { functionName: "claim_due_follow_ups", moment: "before" },
  { functionName: "open_call_attempts", moment: "before" },
  { functionName: "open_call_attempts", moment: "after" },
  { functionName: "record_dispatch_results", moment: "before" },
];

/** A call that is held for longer than anybody waits. */
export const answeringLate: FaultCase[] = moments.map((moment) => ({
  name: `${moment.functionName}, held ${moment.moment} it is done, is harmless when it comes late`,
  run: () => assertLateAnswerIsHarmless(moment),
}));

async function assertLateAnswerIsHarmless(moment: Moment): Promise<void> {
  await using project = await startEmbeddedProject();
  const { sql, omni, gateway } = project;
  const numbers = await insertLeads(sql, LEADS);
  const held = holdAt(gateway, moment);
  const reply = dispatch(project);
  const call = await held;
  const summary = await reply;
  // It is asked for again, and what is opened must be sent and recorded in this run.
  assert.deepEqual([summary.ok, summary.accepted], [true, LEADS], JSON.stringify(summary));

  // Only now is it done what the run gave up waiting for.
  let isDone = false;
  gateway.intercept = ({ functionName, moment: now }) => {
    isDone ||= functionName === moment.functionName && now === "after";
    return undefined;
  };
  call.letGo();
  if (moment.moment === "before") {
    await eventually("the late call is done", () => isDone || undefined);
  }
  await assertInvariants(sql, omni.ledger.rings());
  await letTimePass(sql);
  assert.equal((await dispatch(project)).ok, true);
  assert.equal((await dispatch(project)).claimed, 0);
  assert.deepEqual(omni.ledger.rings().map((ring) => ring.toNumber).sort(), numbers.toSorted());
  await assertInvariants(sql, omni.ledger.rings());
}

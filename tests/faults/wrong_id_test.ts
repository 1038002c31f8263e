// An id in the function's environment that the account does not have: Omni refuses every call in the
// same words as it would refuse a bad row.
import assert from "node:assert/strict";
import type { OmniSettings } from "../../supabase/local/simulated_omni/omni_settings.ts";
import { dispatch } from "../support/project.ts";
import { startEmbeddedProject } from "../support/start_embedded_project.ts";
import { allAtOnce } from "./all_at_once.ts";
import { functionEnvironment } from "./function_environment.ts";
import { insertLeads } from "./insert_leads.ts";
import { assertInvariants } from "./invariants.ts";
import { letTimePass } from "./let_time_pass.ts";

const LEADS = 500;
const RUNS = 4;

interface WrongId {
  variable: "OMNI_AGENT_ID" | "OMNI_FROM_NUMBER_ID";
  /** What the operator is told. */
  why: RegExp;
  unknownIdReply: OmniSettings["unknownIdReply"];
}

const cases: WrongId[] = [
  { variable: "OMNI_AGENT_ID", why: /Agent not found/, unknownIdReply: "http_400" },
  { variable: "OMNI_AGENT_ID", why: /Agent not found/, unknownIdReply: "success_false" },
  { variable: "OMNI_FROM_NUMBER_ID", why: /From number not found/, unknownIdReply: "http_400" },
];

Deno.test("wrong id: none of 500 leads is failed, and all are called once it is right", async (test) => {
  await allAtOnce(
    test,
    cases.map((each) => ({
      name: `${each.variable}, refused as ${each.unknownIdReply}`,
      run: () => assertNoLeadIsBurned(each),
    })),
  );
});

async function assertNoLeadIsBurned({ variable, why, unknownIdReply }: WrongId): Promise<void> {
  await using project = await startEmbeddedProject({ [variable]: "999999" });
  const { sql, omni } = project;
  omni.change({ unknownIdReply });
  const numbers = await insertLeads(sql, LEADS);
  for (let run = 0; run < RUNS; run += 1) {
    const summary = await dispatch(project);
    assert.deepEqual([summary.ok, summary.stop_reason, summary.failed], [false, "halted", 0]);
    assert.match(summary.error ?? "", why);
  }
  assert.equal(omni.ledger.count, 0);
  const blamed = await sql`
    select from public.follow_ups
    where status <> 'pending' or attempts <> 0 or lease_token is not null`;
  assert.equal(blamed.length, 0, "all are due, with all their attempts");
  await assertInvariants(sql, omni.ledger.rings());

  const id = variable === "OMNI_AGENT_ID" ? omni.agentId : omni.fromNumberId;
  await project.function.restart(functionEnvironment(project, { [variable]: String(id) }));
  await letTimePass(sql);
  const summary = await dispatch(project);
  assert.deepEqual([summary.ok, summary.accepted], [true, LEADS], JSON.stringify(summary));
  assert.deepEqual(omni.ledger.rings().map((ring) => ring.toNumber).sort(), numbers.toSorted());
  await assertInvariants(sql, omni.ledger.rings());
}

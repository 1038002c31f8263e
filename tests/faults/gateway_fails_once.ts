// A single answer of the gateway is lost, before or after the work was committed. The run asks again,
// and nothing that was done the first time may be done twice.
import assert from "node:assert/strict";
import { omniFault } from "../../supabase/local/simulated_omni/faults/omni_fault.ts";
import { dispatch } from "../support/project.ts";
import { type EmbeddedProject, startEmbeddedProject } from "../support/start_embedded_project.ts";
import type { FaultCase } from "./all_at_once.ts";
import { breakGateway, type GatewayFault, serverError } from "./gateway_fault.ts";
import type { Moment } from "./hold_at.ts";
import { insertLeads } from "./insert_leads.ts";
import { assertInvariants } from "./invariants.ts";
import { letTimePass } from "./let_time_pass.ts";
import { startFailingLine } from "./start_failing_line.ts";
import { STORE_FUNCTIONS } from "./store_functions.ts";

// So few at once that a run which is stopped has claims to give back.
const FEW_AT_ONCE = { DISPATCH_CONCURRENCY: "2" };

const answers: [string, Moment["moment"], () => Response][] = [
  ["500", "before", () => serverError(500)],
  ["503", "after", () => serverError(503)],
  ["an HTML page with 502", "after", () => new Response("<html>", { status: 502 })],
];

/** An answer that is lost once, to each function; and a connection that breaks before it. */
export const failingOnce: FaultCase[] = [
  ...STORE_FUNCTIONS.map((functionName) => ({
    name: `one lost answer to ${functionName} is asked for again, and all are rung once`,
    run: () => assertLostAnswersAreSurvived(functionName),
  })),
  {
    name: "a connection that breaks after a function is done is survived, whichever it is",
    run: () => assertCutsAreSurvived(STORE_FUNCTIONS.filter((name) => !isGivingBack(name))),
  },
  {
    name: "a connection that breaks after claims were given back is survived",
    run: () => assertCutsAreSurvived(["release_follow_ups"]),
  },
];

async function assertLostAnswersAreSurvived(functionName: string): Promise<void> {
  await using project = await startEmbeddedProject(environmentFor(functionName));
  for (const [what, moment, answer] of answers) {
    await assertSurvived(project, { functionName, moment, answer, times: 1 }, what);
  }
}

async function assertCutsAreSurvived(functionNames: readonly string[]): Promise<void> {
  using line = startFailingLine();
  const url = `http://127.0.0.1:${line.port}`;
  const env = { ...environmentFor(functionNames[0] ?? ""), SUPABASE_URL: url };
  await using project = await startEmbeddedProject(env);
  line.leadTo(project.gateway.port);
  for (const functionName of functionNames) {
    const answer = () => line.fail("dropping");
    const fault = { functionName, moment: "after", answer, times: 1 } as const;
    await assertSurvived(project, fault, functionName);
  }
}

function isGivingBack(functionName: string): boolean {
  return functionName === "release_follow_ups";
}

function environmentFor(functionName: string): Record<string, string> {
  return isGivingBack(functionName) ? FEW_AT_ONCE : {};
}

/** Does a run that meets the fault once: it ends well, and every lead is rung exactly once. */
async function assertSurvived(
  project: EmbeddedProject,
  fault: GatewayFault,
  what: string,
): Promise<void> {
  const { sql, omni } = project;
  const givesBack = isGivingBack(fault.functionName);
  const numbers = await insertLeads(sql, 5);
  await sql`insert into public.leads (phone) values ('rubbish')`;
  if (givesBack) omni.faults.always(omniFault.busy());
  const met = breakGateway(project.gateway, fault);
  const summary = await dispatch(project);
  met.heal();
  omni.faults.clear();
  assert.equal(met.count, 1, `${what}: the fault was met`);
  assert.equal(summary.ok, true, `${what}: ${JSON.stringify(summary)}`);
  assert.equal(summary.stop_reason, givesBack ? "no_capacity" : "drained", what);
  await assertInvariants(sql, omni.ledger.rings());
  if (givesBack) {
    const leased = await sql`select from public.follow_ups where lease_token is not null`;
    // A connection that is cut may take the answer to a claim with it, which waits for its lease.
    const isCut = fault.moment === "after" && what === fault.functionName;
    assert.ok(isCut || leased.length === 0, "given back all the same");
  }

  // A claim whose answer was lost waits for its lease, and for nothing else.
  await letTimePass(sql);
  assert.equal((await dispatch(project)).ok, true, what);
  for (const number of numbers) assert.equal(omni.ledger.ringsTo(number).length, 1, what);
  await assertInvariants(sql, omni.ledger.rings());
  const unsettled = await sql`
    select from public.follow_ups where status not in ('completed', 'failed')`;
  assert.equal(unsettled.length, 0, what);
}

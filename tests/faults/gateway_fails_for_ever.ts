// One function of the database cannot be asked at all, for longer than any run goes on asking. The run
// must say so and leave everything in such a state that, with the gateway well again, nothing is lost
// and nobody is rung twice.
import assert from "node:assert/strict";
import { omniFault } from "../../supabase/local/simulated_omni/faults/omni_fault.ts";
import { eventually } from "../support/eventually.ts";
import { askForRun, dispatch } from "../support/project.ts";
import { type EmbeddedProject, startEmbeddedProject } from "../support/start_embedded_project.ts";
import type { FaultCase } from "./all_at_once.ts";
import { attemptsByStatus } from "./attempts_by_status.ts";
import { breakGateway, serverError } from "./gateway_fault.ts";
import type { Moment } from "./hold_at.ts";
import { insertLeads } from "./insert_leads.ts";
import { assertInvariants } from "./invariants.ts";
import { letTimePass } from "./let_time_pass.ts";
import { STORE_FUNCTIONS } from "./store_functions.ts";

const LEADS = 6;

// Until the calls are recorded nobody is rung whom the tables do not know; what comes after the calls
// does not keep them from being made, and neither does tidying up, nor a row that cannot be failed: those
// that were claimed beside it are opened as soon as anything else in the run is done.
const KEEPS_FROM_CALLING = new Set<string>([
  "begin_dispatch_run",
  "claim_due_follow_ups",
  "open_call_attempts",
]);

// What is known of Omni's account stops no call: the run's line in the log says what failed.
const DOES_WITHOUT = new Set<string>(["account_readings_due"]);

/** A function that fails for ever, each of them, before and after it has done its work. */
export const failingForEver: FaultCase[] = [
  ...STORE_FUNCTIONS
    .filter((functionName) => functionName !== "record_dispatch_results")
    .flatMap((functionName): Moment[] => [
      { functionName, moment: "before" },
      { functionName, moment: "after" },
    ])
    .map((moment) => ({
      name: `${moment.functionName} fails for ever, ${moment.moment} it is done: nothing is lost`,
      run: () => assertNothingIsLost(moment),
    })),
  {
    name: "results that cannot be stored leave their calls unknown, and nobody is dialled again",
    run: assertUnstoredAreUnknown,
  },
];

async function assertNothingIsLost({ functionName, moment }: Moment): Promise<void> {
  const givesBack = functionName === "release_follow_ups";
  await using project = await startEmbeddedProject(givesBack ? { DISPATCH_CONCURRENCY: "2" } : {});
  const { sql, omni, gateway } = project;
  const numbers = await insertLeads(sql, LEADS);
  await sql`insert into public.leads (phone) values ('rubbish')`;
  if (givesBack) omni.faults.always(omniFault.busy());
  const broken = breakGateway(gateway, { functionName, moment, answer: () => serverError(503) });
  const response = await askForRun(project);
  const reply = await response.json();
  const failure = new RegExp(`${functionName} failed \\(HTTP 503`);
  if (DOES_WITHOUT.has(functionName)) {
    assert.equal(reply.ok, true, JSON.stringify(reply));
    assert.match(project.function.logs.join("\n"), failure);
  } else {
    assert.deepEqual([response.status, reply.ok], [503, false], JSON.stringify(reply));
    assert.match(reply.error, failure);
    assert.ok(broken.count > 1, "it was asked again");
  }
  if (KEEPS_FROM_CALLING.has(functionName)) assert.equal(omni.ledger.count, 0);
  await assertInvariants(sql, omni.ledger.rings());
  assert.deepEqual(await attemptsByStatus(sql, "sending"), [], "what was not sent is put back");

  broken.heal();
  omni.faults.clear();
  await assertAllAreRung(project, numbers);
}

async function assertAllAreRung(project: EmbeddedProject, numbers: string[]): Promise<void> {
  const { sql, omni } = project;
  await letTimePass(sql);
  const summary = await dispatch(project);
  assert.equal(summary.ok, true, JSON.stringify(summary));
  assert.deepEqual(omni.ledger.rings().map((ring) => ring.toNumber).sort(), numbers.toSorted());
  await assertInvariants(sql, omni.ledger.rings());
  const [row] = await sql`
    select count(*) filter (where status = 'completed')::int as completed,
      count(*) filter (where status = 'failed')::int as failed
    from public.follow_ups`;
  assert.deepEqual({ ...row }, { completed: LEADS, failed: 1 });
}

// Here a run goes on asking for a minute; the platform may end the process before.
async function assertUnstoredAreUnknown(): Promise<void> {
  await using project = await startEmbeddedProject();
  const { sql, omni, gateway } = project;
  const numbers = await insertLeads(sql, LEADS);
  const broken = breakGateway(gateway, {
    functionName: "record_dispatch_results",
    moment: "before",
    answer: () => serverError(500),
  });
  const reply = askForRun(project).catch(() => null);
  await eventually("it asks again", () => broken.count >= 3 || undefined);
  await project.function.kill();
  await reply;
  assert.equal(omni.ledger.count, LEADS);
  broken.heal();
  await project.function.restart();
  await letTimePass(sql);
  assert.equal((await dispatch(project)).claimed, 0);
  assert.deepEqual(await attemptsByStatus(sql, "unknown"), numbers.toSorted());
  assert.equal(omni.ledger.count, LEADS);
  await assertInvariants(sql, omni.ledger.rings());
}

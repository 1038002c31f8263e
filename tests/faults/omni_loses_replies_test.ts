// A provider that places calls and then loses the reply: each of these calls may have been placed, so
// none is ever dialled again, and each of the others is told apart from them.
import assert from "node:assert/strict";
import type { Fault } from "../../supabase/local/simulated_omni/faults/fault.ts";
import { omniFault } from "../../supabase/local/simulated_omni/faults/omni_fault.ts";
import { seededRandom } from "../../supabase/local/simulated_omni/seeded_random.ts";
import type { RunSummary } from "../../supabase/functions/call-dispatch/run_dispatch.ts";
import { dispatch } from "../support/project.ts";
import { type EmbeddedProject, startEmbeddedProject } from "../support/start_embedded_project.ts";
import { attemptsByStatus } from "./attempts_by_status.ts";
import { insertLeads } from "./insert_leads.ts";
import { assertInvariants } from "./invariants.ts";
import { letTimePass } from "./let_time_pass.ts";

const LEADS = 60;
// Short, and yet longer than a busy machine holds up a healthy reply.
const TIMEOUT_MS = "500";
const MOST_RUNS = 60;

/** How a reply is lost, and on which share of the calls. */
const LOSSES: [share: number, fault: Fault][] = [
  [0.3, omniFault.drop({ placed: true })],
  [0.04, omniFault.drop()],
  [0.04, omniFault.hang({ placed: true })],
  [0.03, omniFault.hang()],
  [0.03, omniFault.placedLate([550, 700])],
  [0.03, omniFault.stalledBody()],
  [0.03, omniFault.truncatedBody()],
  [0.04, omniFault.rubbish({ placed: true })],
  [0.03, omniFault.rubbish()],
  [0.03, omniFault.status(500, { placed: true })],
  [0.03, omniFault.status(503, { html: true })],
  [0.03, omniFault.requestIdAs("missing")],
];

for (const seed of [1, 2]) {
  Deno.test(`omni: two thirds of the replies are lost (seed ${seed}): unknown are exactly these, and nobody is rung twice`, async () => {
    await using project = await startEmbeddedProject({ OMNI_TIMEOUT_MS: TIMEOUT_MS });
    const { sql, omni } = project;
    const numbers = await insertLeads(sql, LEADS);
    const lost = loseReplies(project, numbers, seed);
    const runs = await dispatchUntilDrained(project);
    assert.ok(runs.length > 1, "too many in a row halt a run, and the next one goes on");
    assert.ok(runs.every((run) => run.stop_reason === "drained" || run.stop_reason === "halted"));

    assert.deepEqual(await attemptsByStatus(sql, "unknown"), lost);
    const well = numbers.filter((number) => !lost.includes(number)).sort();
    assert.deepEqual(await attemptsByStatus(sql, "accepted"), well);
    assert.deepEqual(omni.ledger.numbersRungTwice(), []);
    assert.equal(askedFor(project), LEADS, "each was asked for once");
    await assertInvariants(sql, omni.ledger.rings());

    omni.faults.clear();
    await letTimePass(sql);
    assert.equal((await dispatch(project)).claimed, 0);
    assert.equal(askedFor(project), LEADS);
  });
}

Deno.test("omni: a connection that closes before it is read from leaves the call unknown", async () => {
  await using project = await startEmbeddedProject();
  const { sql, omni } = project;
  await askNothingOfTheAccount(project);
  await insertLeads(sql, 5);
  omni.closeNextConnections(2);
  const runs = await dispatchUntilDrained(project);
  assert.equal(runs.reduce((sum, run) => sum + run.unknown, 0), 2);
  assert.equal(omni.ledger.count, 3);
  await assertInvariants(sql, omni.ledger.rings());
});

/** How many calls Omni was asked for; it is also asked of the account and for its call log. */
function askedFor({ omni }: EmbeddedProject): number {
  return omni.requests.list().filter(({ method }) => method === "POST").length;
}

/** No connection is used for anything but a call. */
async function askNothingOfTheAccount({ sql }: EmbeddedProject): Promise<void> {
  await sql`update public.provider_account set refused_at = now() where id`;
}

/** Draws which number loses its reply, and how; returns those that do, sorted. */
function loseReplies({ omni }: EmbeddedProject, numbers: string[], seed: number): string[] {
  const random = seededRandom(seed);
  return numbers.filter((number) => {
    const fault = drawFault(random());
    if (fault !== undefined) omni.faults.forNumber(number, fault);
    return fault !== undefined;
  }).sort();
}

function drawFault(point: number): Fault | undefined {
  let sum = 0;
  return LOSSES.find(([share]) => point < (sum += share))?.[1];
}

async function dispatchUntilDrained(project: EmbeddedProject): Promise<RunSummary[]> {
  const runs: RunSummary[] = [];
  while (runs.at(-1)?.stop_reason !== "drained") {
    assert.ok(runs.length < MOST_RUNS, JSON.stringify(runs.at(-1)));
    runs.push(await dispatch(project));
    await assertInvariants(project.sql, project.omni.ledger.rings());
  }
  return runs;
}

// A gateway that has done the work and answers 200 and nonsense.
import assert from "node:assert/strict";
import { askForRun, dispatch } from "../support/project.ts";
import { startEmbeddedProject } from "../support/start_embedded_project.ts";
import type { FaultCase } from "./all_at_once.ts";
import { attemptsByStatus } from "./attempts_by_status.ts";
import { breakGateway } from "./gateway_fault.ts";
import { insertLeads } from "./insert_leads.ts";
import { assertInvariants } from "./invariants.ts";
import { letTimePass } from "./let_time_pass.ts";
import { STORE_FUNCTIONS } from "./store_functions.ts";

const LEADS = 4;
const RECORDING = "record_dispatch_results";

type Nonsense = [what: string, body: string];

const nonsense: Nonsense[] = [
  ["JSON cut in the middle", '[{"id":'],
  ["HTML", "<html><body>Welcome to the hotel's network</body></html>"],
  ["JSON of another kind", '{"message":"hello"}'],
  ["no body", ""],
];

/** Nonsense in place of the answer to each function. */
export const answeringNonsense: FaultCase[] = STORE_FUNCTIONS
  .filter((functionName) => !["release_follow_ups", RECORDING].includes(functionName))
  .map((functionName) => ({
    name: `nonsense in place of the answer to ${functionName} loses nobody`,
    run: () => assertNobodyIsLost(functionName, nonsense),
  }));

/** Results are tried to be stored for minutes: each kind has a project of its own. */
export const recordingNonsense: FaultCase[] = nonsense.map((kind) => ({
  name: `nonsense in place of the answer to ${RECORDING} loses nobody: ${kind[0]}`,
  run: () => assertNobodyIsLost(RECORDING, [kind]),
}));

async function assertNobodyIsLost(functionName: string, kinds: Nonsense[]): Promise<void> {
  await using project = await startEmbeddedProject();
  const { sql, omni, gateway } = project;
  for (const [what, body] of kinds) {
    const numbers = await insertLeads(sql, LEADS);
    await sql`insert into public.leads (phone) values ('rubbish')`;
    const answer = () => new Response(body, { headers: { "content-type": "application/json" } });
    const broken = breakGateway(gateway, { functionName, moment: "after", answer });
    const response = await askForRun(project);
    const reply = await response.json();
    broken.heal();
    assert.ok(broken.count > 0, `${what}: the fault was met`);
    if (!reply.ok) assert.equal(response.status, 503, `${what}: ${JSON.stringify(reply)}`);
    await assertInvariants(sql, omni.ledger.rings());

    await letTimePass(sql);
    assert.equal((await dispatch(project)).ok, true, what);
    const unknown = await attemptsByStatus(sql, "unknown");
    assert.deepEqual(unknown, [], `${what}: all that was done is known`);
    for (const number of numbers) assert.equal(omni.ledger.ringsTo(number).length, 1, what);
    await assertInvariants(sql, omni.ledger.rings());
  }
}

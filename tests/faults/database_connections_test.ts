// The database is there, but its connections are not: cut one after the other, or none left.
import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { eventually } from "../support/eventually.ts";
import { askForRun, dispatch } from "../support/project.ts";
import { type EmbeddedProject, startEmbeddedProject } from "../support/start_embedded_project.ts";
import { allAtOnce } from "./all_at_once.ts";
import { cutConnections } from "./cut_connections.ts";
import { holdAt } from "./hold_at.ts";
import { insertLeads } from "./insert_leads.ts";
import { assertInvariants } from "./invariants.ts";
import { letTimePass } from "./let_time_pass.ts";
import { refuseConnections } from "./refuse_connections.ts";

const LEADS = 60;
const LONGEST_LATENCY_MS = 30;

Deno.test("connections: whatever becomes of them, each lead is rung once", async (test) => {
  await allAtOnce(test, [
    { name: "cut again and again in the middle of a run", run: assertCutsAreSurvived },
    {
      name: "none is left at the start: nobody is called",
      run: assertNobodyIsCalledWithoutConnection,
    },
    ...["claim_due_follow_ups", "open_call_attempts", "record_dispatch_results"].map((name) => ({
      name: `none is left at ${name}, and then some are`,
      run: () => assertRunWaitsForConnection(name),
    })),
  ]);
});

async function assertCutsAreSurvived(): Promise<void> {
  await using project = await startEmbeddedProject({ DISPATCH_CONCURRENCY: "3" });
  const { sql, omni, database } = project;
  const numbers = await insertLeads(sql, LEADS);
  omni.change({ latencyMs: [5, LONGEST_LATENCY_MS] });
  let isOver = false;
  const reply = dispatch(project).finally(() => isOver = true);
  const untilNextRing = async () => {
    const { count } = omni.ledger;
    await eventually("somebody is rung", () => isOver || omni.ledger.count > count || undefined);
    await setTimeout(LONGEST_LATENCY_MS * Math.random());
  };
  await untilNextRing();
  const cuts = await cutConnections(database, { pause: untilNextRing, isOver: () => isOver });
  const summary = await reply;
  assert.ok(cuts >= 5, `only ${cuts} connections were cut`);
  assert.equal(summary.ok, true, JSON.stringify(summary));
  await assertInvariants(sql, omni.ledger.rings());
  await assertAllAreRung(project, numbers);
}

async function assertNobodyIsCalledWithoutConnection(): Promise<void> {
  await using project = await startEmbeddedProject();
  const { sql, omni, database } = project;
  const numbers = await insertLeads(sql, 5);
  const allowAgain = await refuseConnections(database);
  const response = await askForRun(project);
  assert.equal(response.status, 503);
  assert.match((await response.json()).error, /53300/);
  assert.equal(omni.ledger.count, 0);
  await allowAgain();
  await assertAllAreRung(project, numbers);
}

async function assertRunWaitsForConnection(functionName: string): Promise<void> {
  await using project = await startEmbeddedProject();
  const { sql, omni, database, gateway } = project;
  const numbers = await insertLeads(sql, 5);
  const held = holdAt(gateway, { functionName, moment: "before" });
  const reply = dispatch(project);
  const call = await held;
  const allowAgain = await refuseConnections(database);
  const asked = countCalls(project, functionName);
  call.letGo();
  await eventually("it asks again", () => asked.count >= 2 || undefined);
  await allowAgain();
  const summary = await reply;
  assert.equal(summary.ok, true, JSON.stringify(summary));
  await assertInvariants(sql, omni.ledger.rings());
  await assertAllAreRung(project, numbers);
}

function countCalls({ gateway }: EmbeddedProject, name: string): { count: number } {
  const asked = { count: 0 };
  gateway.intercept = ({ functionName, moment }) => {
    if (functionName === name && moment === "before") asked.count += 1;
    return undefined;
  };
  return asked;
}

async function assertAllAreRung(project: EmbeddedProject, numbers: string[]): Promise<void> {
  const { sql, omni } = project;
  await letTimePass(sql);
  const summary = await dispatch(project);
  assert.equal(summary.ok, true, JSON.stringify(summary));
  assert.deepEqual(omni.ledger.rings().map((ring) => ring.toNumber).sort(), numbers.toSorted());
  await assertInvariants(sql, omni.ledger.rings());
}

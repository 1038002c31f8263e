// The whole database goes away in the middle of a run, as in a crash or a failover of the platform.
import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { askForRun, dispatch } from "../support/project.ts";
import { attemptsByStatus } from "./attempts_by_status.ts";
import { holdAt, type Moment } from "./hold_at.ts";
import { insertLeads } from "./insert_leads.ts";
import { assertInvariants } from "./invariants.ts";
import { letTimePass } from "./let_time_pass.ts";
import {
  type ProjectOnOwnCluster,
  startProjectOnOwnCluster,
} from "./start_project_on_own_cluster.ts";

const LEADS = 12;

const moments: Moment[] = [
  { functionName: "seed_follow_ups", moment: "after" },
  { functionName: "claim_due_follow_ups", moment: "after" },
  { functionName: "open_call_attempts", moment: "before" },
  { functionName: "open_call_attempts", moment: "after" },
  { functionName: "record_dispatch_results", moment: "before" },
  { functionName: "record_dispatch_results", moment: "after" },
  { functionName: "finish_dispatch_run", moment: "before" },
];

Deno.test("postgres: whenever it goes away, nobody is rung twice and nobody is lost", async (test) => {
  await using project = await startProjectOnOwnCluster({ DISPATCH_CONCURRENCY: "3" });
  for (const moment of moments) {
    await test.step(
      `killed ${moment.moment} ${moment.functionName} and back at once: the run goes on, each is rung once`,
      () => assertRunOutlivesCrash(project, moment),
    );
  }
  await test.step(
    "shut down and started again while calls are under way: the run goes on, each is rung once",
    () => assertRunOutlivesRestart(project),
  );
  await test.step(
    "away: 503, nobody is called; back: all are",
    () => assertNobodyIsCalledWithoutDatabase(project),
  );
  await test.step(
    "away for good while calls are under way: these are unknown, the others are called later",
    () => assertLostCallsAreUnknown(project),
  );
});

async function assertRunOutlivesCrash(project: ProjectOnOwnCluster, moment: Moment) {
  const { postgres, gateway } = project;
  const numbers = await insertLeads(project.sql, LEADS);
  const held = holdAt(gateway, moment);
  const reply = dispatch(project);
  const call = await held;
  await postgres.kill();
  call.letGo();
  await postgres.restart();
  const summary = await reply;
  assert.equal(summary.ok, true, JSON.stringify(summary));
  await assertAllAreRung(project, numbers);
}

async function assertRunOutlivesRestart(project: ProjectOnOwnCluster) {
  const { omni, postgres } = project;
  const numbers = await insertLeads(project.sql, LEADS);
  const before = omni.ledger.count;
  omni.change({ latencyMs: 50 });
  const reply = dispatch(project);
  await eventually("calls are under way", () => omni.ledger.count > before + 3 || undefined);
  await postgres.restart();
  const summary = await reply;
  omni.change({ latencyMs: 0 });
  assert.equal(summary.ok, true, JSON.stringify(summary));
  await assertAllAreRung(project, numbers);
}

async function assertNobodyIsCalledWithoutDatabase(project: ProjectOnOwnCluster) {
  const { omni, postgres } = project;
  const numbers = await insertLeads(project.sql, LEADS);
  const before = omni.ledger.count;
  await postgres.kill();
  const response = await askForRun(project);
  assert.equal(response.status, 503);
  assert.equal((await response.json()).ok, false);
  assert.equal(omni.ledger.count, before);
  await postgres.restart();
  await assertAllAreRung(project, numbers);
}

async function assertLostCallsAreUnknown(project: ProjectOnOwnCluster) {
  const { sql, omni, postgres } = project;
  const numbers = await insertLeads(sql, LEADS);
  const before = omni.ledger.count;
  omni.change({ latencyMs: 60_000 });
  const reply = askForRun(project).catch(() => null);
  await eventually("calls are under way", () => omni.ledger.count === before + 3 || undefined);
  await postgres.kill();
  await project.function.kill();
  await reply;
  omni.change({ latencyMs: 0 });
  await postgres.restart();
  await project.function.restart();
  const lost = omni.ledger.rings().slice(before).map((ring) => ring.toNumber).sort();
  await letTimePass(sql);
  assert.equal((await dispatch(project)).accepted, LEADS - lost.length);
  assert.deepEqual(await attemptsByStatus(sql, "unknown"), lost);
  await assertAllAreRung(project, numbers);
}

async function assertAllAreRung(project: ProjectOnOwnCluster, numbers: string[]) {
  const { sql, omni } = project;
  await letTimePass(sql);
  const summary = await dispatch(project);
  assert.equal(summary.ok, true, JSON.stringify(summary));
  for (const number of numbers) assert.equal(omni.ledger.ringsTo(number).length, 1, number);
  await assertInvariants(sql, omni.ledger.rings());
}

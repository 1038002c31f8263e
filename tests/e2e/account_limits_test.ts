// What the whole account may do, seen by the provider: its ledger shows what was begun, and what was
// turned away.
import assert from "node:assert/strict";
import { omniFault } from "../../supabase/local/simulated_omni/faults/omni_fault.ts";
import { eventually } from "../support/eventually.ts";
import { freshNumber, insertLead } from "../support/insert_lead.ts";
import { dispatch } from "../support/project.ts";
import { startEmbeddedProject } from "../support/start_embedded_project.ts";

const LONG_CALLS = { callDurationMs: 600_000, timeFactor: 1 };
const SHORT_CALLS = { callDurationMs: 60_000, timeFactor: 10_000, logDelayMs: 0 };

async function insertLeads(sql: Parameters<typeof insertLead>[0], count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) await insertLead(sql);
}

Deno.test("account: Omni's free lines are used up and no more, those for inbound calls left free", async () => {
  await using project = await startEmbeddedProject();
  const { sql, omni } = project;
  omni.change({ ...LONG_CALLS, lines: 8, linesUsedByOthers: 2 });
  await sql`update public.dispatch_settings set lines_left_free = 1 where id`;
  await insertLeads(sql, 12);
  const summary = await dispatch(project);
  assert.deepEqual([summary.accepted, summary.postponed, summary.stop_reason], [
    5,
    0,
    "no_capacity",
  ]);
  const [account] = await sql`select * from public.provider_account`;
  assert.deepEqual([account!.lines_available, account!.currency], [6, "USD"]);
  const [row] = await sql`
    select count(*)::int as n from public.follow_ups where status = 'pending' and attempts = 0`;
  assert.equal(row!.n, 7);
});

Deno.test("account: a key that may not see the lines calls all the same", async () => {
  await using project = await startEmbeddedProject();
  const { sql, omni } = project;
  omni.change({ hasBillingAccess: false });
  await sql`update public.dispatch_settings set lines_left_free = 1 where id`;
  await insertLeads(sql, 3);
  const summary = await dispatch(project);
  assert.deepEqual([summary.ok, summary.accepted], [true, 3]);
  const [account] = await sql`select refused_at, refusal from public.provider_account`;
  assert.match(account!.refusal, /403/);
});

Deno.test("account: the day's most calls are made and no more, by runs one after the other", async () => {
  await using project = await startEmbeddedProject();
  const { sql, omni } = project;
  await sql`update public.dispatch_settings set max_calls_per_day = 5 where id`;
  await insertLeads(sql, 8);
  const first = await dispatch(project);
  assert.deepEqual([first.ok, first.accepted, first.stop_reason], [true, 5, "limited"]);
  assert.deepEqual([first.remaining, first.next_run_id], [3, null]);
  assert.equal((await dispatch(project)).claimed, 0);
  assert.equal(omni.ledger.count, 5);
});

Deno.test("account: a run begins its most calls, and the next goes on", async () => {
  await using project = await startEmbeddedProject();
  const { sql, omni } = project;
  await sql`update public.dispatch_settings set max_calls_per_run = 4 where id`;
  await insertLeads(sql, 10);
  const runs = [await dispatch(project), await dispatch(project), await dispatch(project)];
  assert.deepEqual(runs.map((run) => run.accepted), [4, 4, 2]);
  assert.deepEqual(runs.map((run) => run.stop_reason), ["limited", "limited", "drained"]);
  assert.equal(new Set(omni.ledger.rings().map((ring) => ring.toNumber)).size, 10);
});

Deno.test("account: money that calls are seen to cost less than expected buys further calls", async () => {
  await using project = await startEmbeddedProject({}, { callEnded: true });
  const { sql, omni } = project;
  // A minute costs 0.06 there.
  omni.change({ ...SHORT_CALLS, outcomes: { completed: 1 } });
  await sql`update public.dispatch_settings
    set max_spend_per_day = 1, expected_call_cost = 0.5 where id`;
  await insertLeads(sql, 12);
  assert.deepEqual((await dispatch(project)).accepted, 2);
  await eventually("both ends are known", async () => {
    const [row] = await sql`
      select count(*)::int as n from public.call_attempts where status = 'ended'`;
    return row!.n === 2 || undefined;
  });
  assert.equal((await dispatch(project)).accepted, 0, "costs are read every five minutes");
  await sql`update public.provider_account set costs_read_at = now() - interval '6 minutes' where id`;
  // Omni is asked for what was over two minutes ago.
  await sql`update public.call_attempts set ended_at = now() - interval '2 minutes' where true`;
  assert.equal((await dispatch(project)).accepted, 1, "1 - 2 * 0.06 leaves one of 0.5");
  const costs = await sql`select call_cost from public.call_attempts where call_cost is not null`;
  assert.deepEqual(costs.map((row) => Number(row.call_cost)), [0.06, 0.06]);
});

Deno.test("account: one reply that the plan has expired stops the run; each later one tries a single call", async () => {
  await using project = await startEmbeddedProject({ DISPATCH_CONCURRENCY: "1" });
  const { sql, omni } = project;
  const phone = freshNumber();
  await insertLead(sql, { phone });
  await insertLeads(sql, 4);
  omni.faults.always(omniFault.planExpired());
  const first = await dispatch(project);
  assert.deepEqual([first.ok, first.postponed, first.stop_reason], [false, 1, "halted"]);
  assert.equal((await dispatch(project)).postponed, 1);
  omni.faults.clear();
  assert.equal((await dispatch(project)).accepted, 5);
  assert.equal(omni.ledger.ringsTo(phone).length, 1);
});

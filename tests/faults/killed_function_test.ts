// SIGKILL of the function's process at each point of a run. What the process has sent and what it
// could still tell differ from point to point; the promise is the same at all of them.
import assert from "node:assert/strict";
import { omniFault } from "../../supabase/local/simulated_omni/faults/omni_fault.ts";
import { eventually } from "../support/eventually.ts";
import { askForRun, dispatch } from "../support/project.ts";
import { type EmbeddedProject, startEmbeddedProject } from "../support/start_embedded_project.ts";
import { allAtOnce } from "./all_at_once.ts";
import { attemptsByStatus } from "./attempts_by_status.ts";
import { holdAt, type Moment } from "./hold_at.ts";
import { insertLeads } from "./insert_leads.ts";
import { assertInvariants } from "./invariants.ts";
import { killAt } from "./kill_at.ts";
import { letTimePass } from "./let_time_pass.ts";

const LEADS = 6;
// All leads are opened together, a fifth of what may be sent at once: what is held and killed is then
// all that there is.
const ONE_FLOCK = { DISPATCH_CONCURRENCY: String(5 * LEADS) };

/** How far the calls were when the process died. */
interface Expected {
  /** Phones that had rung. */
  rung: number;
  /** Attempts whose outcome died with the process; null = as many as were not stored yet. */
  ambiguous: number | null;
}

const NOTHING_SENT: Expected = { rung: 0, ambiguous: 0 };
const ALL_STORED: Expected = { rung: LEADS, ambiguous: 0 };

const moments: [string, Moment["moment"], Expected][] = [
  ["begin_dispatch_run", "before", NOTHING_SENT],
  ["begin_dispatch_run", "after", NOTHING_SENT],
  ["rescue_stale_attempts", "after", NOTHING_SENT],
  ["seed_follow_ups", "before", NOTHING_SENT],
  ["seed_follow_ups", "after", NOTHING_SENT],
  ["claim_due_follow_ups", "before", NOTHING_SENT],
  ["claim_due_follow_ups", "after", NOTHING_SENT],
  ["fail_follow_ups", "before", NOTHING_SENT],
  ["fail_follow_ups", "after", NOTHING_SENT],
  ["open_call_attempts", "before", NOTHING_SENT],
  // Committed and not sent: nobody can know, so they are held like those that were.
  ["open_call_attempts", "after", { rung: 0, ambiguous: LEADS }],
  ["record_dispatch_results", "before", { rung: LEADS, ambiguous: LEADS }],
  ["record_dispatch_results", "after", { rung: LEADS, ambiguous: null }],
  ["claim_stop_reason", "before", ALL_STORED],
  ["finish_dispatch_run", "before", ALL_STORED],
  ["finish_dispatch_run", "after", ALL_STORED],
];

Deno.test("killed: whenever it is, nobody is rung twice and nobody is lost", async (test) => {
  await allAtOnce(test, [
    ...moments.map(([functionName, moment, expected]) => ({
      name: `${moment} ${functionName}: ${describe(expected)}`,
      run: () => assertKilledAt({ functionName, moment }, expected),
    })),
    {
      name: "while Omni is still thinking: all have rung, are unknown and are not dialled again",
      run: assertKilledWhileCalling,
    },
    {
      name: "while it gives claims back: nothing is unknown, all are called later",
      run: assertKilledWhileGivingBack,
    },
    {
      name: "before its opening reaches the database: the opening that comes late opens nothing",
      run: assertLateOpeningOpensNothing,
    },
    {
      name: "between opening and sending: what is settled as not placed is called once",
      run: assertSettledIsCalled,
    },
  ], { atMost: 4 });
});

async function assertKilledAt(at: Moment, expected: Expected): Promise<void> {
  await using project = await startEmbeddedProject(ONE_FLOCK);
  const { sql, omni } = project;
  const numbers = await insertLeads(sql, LEADS);
  await sql`insert into public.leads (phone) values ('rubbish')`;
  const call = await killAt(project, at);
  assert.ok(call, "the moment came");
  call.letGo(Response.json({}, { status: 503 }));
  assert.equal(omni.ledger.count, expected.rung);
  const ambiguous = await attemptsByStatus(sql, "sending");
  assert.equal(ambiguous.length, expected.ambiguous ?? ambiguous.length);
  await assertInvariants(sql, omni.ledger.rings());
  await assertRecovery(project, { numbers, ambiguous });
}

function describe({ rung, ambiguous }: Expected): string {
  return `${rung} rung, ${
    ambiguous ?? "those not stored"
  } unknown, the rest called by the next run`;
}

async function assertKilledWhileCalling(): Promise<void> {
  await using project = await startEmbeddedProject(ONE_FLOCK);
  const { sql, omni } = project;
  const numbers = await insertLeads(sql, LEADS);
  omni.change({ latencyMs: 60_000 });
  const reply = askForRun(project).catch(() => null);
  await eventually("all have rung", () => omni.ledger.count === LEADS || undefined);
  await project.function.kill();
  await reply;
  omni.change({ latencyMs: 0 });
  const ambiguous = await attemptsByStatus(sql, "sending");
  assert.deepEqual(ambiguous, numbers.toSorted());
  await assertRecovery(project, { numbers, ambiguous });
}

async function assertKilledWhileGivingBack(): Promise<void> {
  await using project = await startEmbeddedProject({ DISPATCH_CONCURRENCY: "2" });
  const { sql, omni, gateway } = project;
  const numbers = await insertLeads(sql, LEADS);
  omni.faults.always(omniFault.busy());
  const held = holdAt(gateway, { functionName: "release_follow_ups", moment: "before" });
  const reply = askForRun(project).catch(() => null);
  const call = await held;
  await eventually(
    "what was refused is stored",
    async () => (await attemptsByStatus(sql, "postponed")).length === 2 || undefined,
  );
  await project.function.kill();
  call.letGo(Response.json({}, { status: 503 }));
  await reply;
  omni.faults.clear();
  await assertInvariants(sql, omni.ledger.rings());
  await assertRecovery(project, { numbers, ambiguous: [] });
}

async function assertLateOpeningOpensNothing(): Promise<void> {
  await using project = await startEmbeddedProject(ONE_FLOCK);
  const { sql, omni, gateway } = project;
  const numbers = await insertLeads(sql, LEADS);
  const call = await killAt(project, { functionName: "open_call_attempts", moment: "before" });
  assert.ok(call);
  await assertRecovery(project, { numbers, ambiguous: [] });
  const late = holdAt(gateway, { functionName: "open_call_attempts", moment: "after" });
  call.letGo();
  (await late).letGo();
  assert.deepEqual(await attemptsByStatus(sql, "sending"), []);
  await assertInvariants(sql, omni.ledger.rings());
}

async function assertSettledIsCalled(): Promise<void> {
  await using project = await startEmbeddedProject(ONE_FLOCK);
  const { sql, omni } = project;
  const [number = ""] = await insertLeads(sql, 1);
  const call = await killAt(project, { functionName: "open_call_attempts", moment: "after" });
  assert.ok(call);
  call.letGo();
  await assertRecovery(project, { numbers: [number], ambiguous: [number] });
  await sql`select public.resolve_call_attempt(id, 'not_placed') from public.call_attempts`;
  await dispatch(project);
  await dispatch(project);
  assert.equal(omni.ledger.ringsTo(number).length, 1);
  await assertInvariants(sql, omni.ledger.rings());
}

/** The next run recovers everything but what nobody can know, and that is never dialled again. */
async function assertRecovery(
  project: EmbeddedProject,
  { numbers, ambiguous }: { numbers: string[]; ambiguous: string[] },
): Promise<void> {
  const { sql, omni } = project;
  await project.function.restart();
  await letTimePass(sql);
  const summary = await dispatch(project);
  assert.equal(summary.ok, true, JSON.stringify(summary));
  assert.equal(summary.stop_reason, "drained");
  const rungBefore = omni.ledger.rings().map((ring) => ring.toNumber);
  assert.deepEqual(await attemptsByStatus(sql, "unknown"), ambiguous);
  for (const number of numbers.filter((number) => !ambiguous.includes(number))) {
    assert.equal(rungBefore.filter((rung) => rung === number).length, 1, number);
  }
  await assertInvariants(sql, omni.ledger.rings());
  assert.deepEqual([...await sql`select from public.dispatch_runs where finished_at is null`], []);

  await letTimePass(sql);
  assert.equal((await dispatch(project)).claimed, 0);
  assert.equal(omni.ledger.count, rungBefore.length);
}

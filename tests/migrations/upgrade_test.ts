// The database is moved on by the real CLI while runs of the code of before are at each step of their
// work, an app writes its leads, and another transaction of the app just stays open.
import assert from "node:assert/strict";
import { DISPATCH_CONTRACT } from "../../supabase/functions/call-dispatch/dispatch_contract.ts";
import { pushMigrations } from "../../supabase/local/push_migrations.ts";
import { omniFault } from "../../supabase/local/simulated_omni/faults/omni_fault.ts";
import { type HeldCall, holdAt, type Moment } from "../faults/hold_at.ts";
import { insertLeads } from "../faults/insert_leads.ts";
import { assertInvariants } from "../faults/invariants.ts";
import { letTimePass } from "../faults/let_time_pass.ts";
import { eventually } from "../support/eventually.ts";
import { freshNumber } from "../support/insert_lead.ts";
import { askForRun, dispatch } from "../support/project.ts";
import { type EmbeddedProject, startEmbeddedProject } from "../support/start_embedded_project.ts";
import { hasPreviousRelease, previousRelease } from "./previous_release.ts";

const FUNCTION_IS_OLDER = /The function call-dispatch is older than the database .* deploy call-/;
const DATABASE_IS_OLDER = /^The database is older than the function .* "supabase db push"$/;

/** Where the runs stand while the database moves; the last one has called everybody else. */
const MOMENTS: Moment[] = [
  { functionName: "claim_due_follow_ups", moment: "before" },
  { functionName: "claim_due_follow_ups", moment: "after" },
  { functionName: "open_call_attempts", moment: "after" },
  { functionName: "record_dispatch_results", moment: "before" },
  { functionName: "finish_dispatch_run", moment: "before" },
];

Deno.test("upgrade: migrating while runs are under way loses and doubles nothing", {
  ignore: !hasPreviousRelease,
}, async () => {
  await using previous = await previousRelease();
  await using project = await startEmbeddedProject({ DISPATCH_CONCURRENCY: "2" }, previous);
  const { sql, omni } = project;
  const numbers = await insertLeads(sql, 30);
  const held = await startRunsHeldAt(project, MOMENTS);
  // Its request is under way all the time: Omni has it and does not answer.
  omni.faults.next(omniFault.slow(12_000));
  numbers.push(...await insertLeads(sql, 1));
  const rungBefore = omni.ledger.count;
  const inFlight = askForRun(project);
  await eventually("a request is under way", () => omni.ledger.count > rungBefore || undefined);

  const app = writeLeads(project);
  await migrateBesideAnOpenTransaction(project);
  numbers.push(...await app.stop());

  for (const run of held) run.call.letGo();
  for (const run of [...held.map(({ reply }) => reply), inFlight]) await assertEnded(await run);
  await assertInvariants(sql, omni.ledger.rings());
  await assertRefusesToBegin(project, FUNCTION_IS_OLDER);

  await previous.deploy();
  await project.function.restart();
  await letTimePass(sql);
  assert.equal((await dispatch(project)).ok, true);
  await assertInvariants(sql, omni.ledger.rings());
  const rung = omni.ledger.rings().map((ring) => ring.toNumber).sort();
  assert.deepEqual(rung, numbers.toSorted(), "each number once");
  const left = await sql`select from public.follow_ups where status <> 'completed'`;
  assert.equal(left.length, 0);
});

Deno.test(
  "upgrade: each side works with its like, and a newer function says that the database is behind",
  { ignore: !hasPreviousRelease },
  async () => {
    await using previous = await previousRelease();
    await using project = await startEmbeddedProject({}, previous);
    const { sql, omni } = project;
    await insertLeads(sql, 1);
    await assertCallsOne(project, "old and old");

    await previous.deploy();
    await project.function.restart();
    await insertLeads(sql, 1);
    await assertRefusesToBegin(project, DATABASE_IS_OLDER);
    const preview = await askForRun(project, {}, "?dry_run=1");
    assert.equal(preview.status, 503);
    assert.match((await preview.json()).error, DATABASE_IS_OLDER);
    await assertTickSays(project, DATABASE_IS_OLDER);
    assert.equal(omni.ledger.count, 1);

    await pushMigrations({ databaseUrl: project.database.url });
    const next = await askForRun(project, {}, "?dry_run=1");
    assert.equal((await next.json()).contract, DISPATCH_CONTRACT);
    await assertCallsOne(project, "new and new");
    assert.equal(omni.ledger.count, 2);
  },
);

Deno.test("upgrade: a tick that an older function refuses stands among the runs at the next one", {
  ignore: !hasPreviousRelease,
}, async () => {
  await using previous = await previousRelease();
  await using project = await startEmbeddedProject({}, previous);
  const { sql, omni } = project;
  await pushMigrations({ databaseUrl: project.database.url });
  await insertLeads(sql, 1);
  await sql`select public.invoke_call_dispatch()`;
  await eventually("the function has answered", async () => {
    return (await sql`select from net._http_response where status_code = 503`).length || undefined;
  });
  await sql`update public.dispatch_runs set started_at = started_at - interval '1 minute'`;
  await sql`select public.close_lost_runs()`;
  const [status] = await sql`select last_run_error, warnings from public.call_status`;
  assert.match(status!.last_run_error, FUNCTION_IS_OLDER);
  assert.ok(status!.warnings.some((line: string) => FUNCTION_IS_OLDER.test(line)));
  assert.equal(omni.ledger.count, 0);
  assert.equal((await sql`select from public.dispatch_runs`).length, 1, "it is not tried again");
});

async function assertCallsOne(project: EmbeddedProject, who: string): Promise<void> {
  const summary = await dispatch(project);
  assert.equal(summary.accepted, 1, `${who}: ${JSON.stringify(summary)}`);
}

async function startRunsHeldAt(project: EmbeddedProject, moments: Moment[]) {
  const held: { call: HeldCall; reply: Promise<Response> }[] = [];
  for (const moment of moments) {
    const call = holdAt(project.gateway, moment);
    const reply = askForRun(project);
    held.push({ call: await call, reply });
  }
  return held;
}

// On a busy machine the push takes longer than a run waits for an answer: it says so, and no more is lost.
async function assertEnded(reply: Response): Promise<void> {
  const text = await reply.text();
  if (reply.status !== 200) assert.match(text, /TimeoutError/);
}

/** An app that brings a lead, and changes another, every 20 ms; `stop` tells the numbers. */
function writeLeads({ sql }: EmbeddedProject) {
  const numbers: string[] = [];
  let stopped = false;
  const work = (async () => {
    while (!stopped) {
      const number = freshNumber();
      await sql`insert into public.leads (phone) values (${number})`;
      numbers.push(number);
      await sql`update public.leads set source = 'app' where phone = ${numbers[0]!}`;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  return {
    async stop() {
      stopped = true;
      await work;
      assert.ok(numbers.length > 5, "the app went on");
      return numbers;
    },
  };
}

// Whoever locks leads or follow_ups for a change of the table would wait for this transaction, and
// everybody else of the app would wait behind.
async function migrateBesideAnOpenTransaction({ sql, database }: EmbeddedProject): Promise<void> {
  const before = await applied(database.sql);
  await sql.begin(async (transaction) => {
    await transaction`update public.leads set source = 'open' where phone in (
      select phone from public.leads order by phone limit 1)`;
    await transaction`select from public.follow_ups limit 1`;
    await pushMigrations({
      databaseUrl: database.url,
      env: { PGOPTIONS: "-c lock_timeout=20s" },
    });
  });
  assert.ok(await applied(database.sql) > before, "there was something to push");
}

async function applied(sql: EmbeddedProject["sql"]): Promise<number> {
  return (await sql`select from supabase_migrations.schema_migrations`).length;
}

async function assertRefusesToBegin(project: EmbeddedProject, message: RegExp): Promise<void> {
  const { sql, omni } = project;
  // Not how they ended: on a busy machine one may still be on its way to its end.
  const rows = () => sql`select id, claimed, accepted from public.dispatch_runs order by id`;
  const [before, rings] = [await rows(), omni.ledger.count];
  const reply = await askForRun(project);
  const { ok, error } = await reply.json();
  assert.deepEqual([reply.status, ok], [503, false]);
  assert.match(error, message);
  assert.deepEqual(await rows(), before);
  assert.equal(omni.ledger.count, rings);
}

async function assertTickSays({ sql }: EmbeddedProject, message: RegExp): Promise<void> {
  const [run] = await sql`select public.invoke_call_dispatch() as id`;
  const closed = await eventually("the run is closed", async () => {
    const [row] = await sql`
      select stop_reason, error, begun_at from public.dispatch_runs
      where id = ${run!.id} and finished_at is not null`;
    return row;
  });
  assert.deepEqual([closed.stop_reason, closed.begun_at], ["error", null]);
  assert.match(closed.error, message);
  const [status] = await sql`select last_run_error from public.call_status`;
  assert.match(status!.last_run_error, message);
}

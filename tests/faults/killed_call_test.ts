// The process dies after Omni has been asked and before its reply is stored: whether the person was
// called is known to Omni alone. What it tells, by webhook or by its log, settles the call; what it
// does not tell stays held. The phone never rings again by itself.
import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { dispatch } from "../support/project.ts";
import { type EmbeddedProject, startEmbeddedProject } from "../support/start_embedded_project.ts";
import { askForRun } from "../support/project.ts";
import { allAtOnce } from "./all_at_once.ts";
import { holdAt } from "./hold_at.ts";
import { insertLeads } from "./insert_leads.ts";
import { letTimePass } from "./let_time_pass.ts";

// A call of 10 ms. The log's clock is read to the quarter of an hour, so time passes in whole hours.
const SHORT_CALLS = { callDurationMs: 10_000, timeFactor: 1_000, outcomes: { completed: 1 } };
const HOURS = "3 hours";

Deno.test("killed call: it rings once, and ends as Omni tells, or is held", async (test) => {
  await allAtOnce(test, [
    { name: "the webhook tells: completed", run: assertToldByWebhook },
    { name: "the webhook tells before anything is stored", run: assertToldBeforeTheReply },
    { name: "the log tells: completed", run: assertFoundInTheLog },
    { name: "nobody tells: held", run: assertHeld },
    {
      name: "the log proves that it was never placed: a person decides",
      run: () => assertNotPlaced({ redial: false }),
    },
    {
      name: "the log proves that it was never placed: dialled again, where that is wished",
      run: () => assertNotPlaced({ redial: true }),
    },
  ], { atMost: 3 });
});

async function assertToldByWebhook(): Promise<void> {
  await using project = await startEmbeddedProject({}, { callEnded: true });
  const { sql, omni } = project;
  // Long enough a call that the process is dead when it ends.
  omni.change({ ...SHORT_CALLS, callDurationMs: 1_000_000 });
  const [number = ""] = await insertLeads(sql, 1);
  await killAfterThePost(project);
  omni.lines.endAll();
  await omni.webhooks.settled();
  await assertEnds(project, number, { attempt: "ended", followUp: "completed" });
}

async function assertToldBeforeTheReply(): Promise<void> {
  await using project = await startEmbeddedProject({}, { callEnded: true });
  const { sql, omni } = project;
  omni.change(SHORT_CALLS);
  const [number = ""] = await insertLeads(sql, 1);
  await killAfterThePost(project, () => omni.webhooks.deliveries().length > 0);
  await assertEnds(project, number, { attempt: "ended", followUp: "completed" });
}

async function assertFoundInTheLog(): Promise<void> {
  await using project = await startEmbeddedProject();
  const { sql, omni } = project;
  omni.change(SHORT_CALLS);
  await callOneThatIsKnown(project);
  const [number = ""] = await insertLeads(sql, 1);
  await killAfterThePost(project, () => omni.lines.inUse === 0);
  // Between two known calls the log's clock is certain, also in a night in which clocks may be changed.
  await callOneThatIsKnown(project);
  await assertEnds(project, number, { attempt: "ended", followUp: "completed" });
}

async function assertHeld(): Promise<void> {
  await using project = await startEmbeddedProject();
  const { sql, omni } = project;
  omni.change({ ...SHORT_CALLS, logRowsOf: () => 0 });
  const [number = ""] = await insertLeads(sql, 1);
  await killAfterThePost(project, () => omni.lines.inUse === 0);
  await assertEnds(project, number, { attempt: "unknown", followUp: "pending" });
  const [waiting] = await sql`select what_is_known, lookup_note from public.unsettled_calls`;
  assert.match(waiting!.what_is_known, /ended before the reply was stored/);
  assert.ok(waiting!.lookup_note);
}

async function assertNotPlaced({ redial }: { redial: boolean }): Promise<void> {
  await using project = await startEmbeddedProject();
  const { sql, omni } = project;
  omni.change(SHORT_CALLS);
  await sql`update public.dispatch_settings set redial_not_placed = ${redial}`;
  await callOneThatIsKnown(project);
  const rings = omni.ledger.count;
  const [number = ""] = await insertLeads(sql, 1);
  const held = holdAt(project.gateway, { functionName: "open_call_attempts", moment: "after" });
  const reply = askForRun(project).catch(() => null);
  const call = await held;
  await project.function.kill();
  call.letGo(Response.json({}, { status: 503 }));
  await reply;
  await project.function.restart();
  assert.equal(omni.ledger.count, rings);
  await letTimePass(sql, HOURS);
  await dispatch(project);
  assert.equal(omni.ledger.ringsTo(number).length, 0, "the log is not known to be complete");
  // A later call in the log proves that it was written when ours would have been over.
  await callOneThatIsKnown(project);
  await letAllBeLookedUp(project);
  await dispatch(project);
  const [attempt] = await sql`select status from public.call_attempts where to_number = ${number}
    order by opened_at limit 1`;
  assert.equal(attempt!.status, "abandoned");
  await dispatch(project);
  assert.equal(omni.ledger.ringsTo(number).length, redial ? 1 : 0);
  if (redial) return;
  const [followUp] = await sql`select status, reason from public.follow_ups
    where id = (select follow_up_id from public.call_attempts where to_number = ${number})`;
  assert.equal(followUp!.status, "failed");
  assert.match(followUp!.reason, /retry_follow_up/);
}

/** A call that all is known of, for the log's clock to be read by. */
async function callOneThatIsKnown({ sql, omni, ...project }: EmbeddedProject): Promise<void> {
  const [number = ""] = await insertLeads(sql, 1);
  await dispatch({ sql, omni, ...project });
  await eventually(
    "the known call is over",
    () => omni.ledger.ringsTo(number).length === 1 && omni.lines.inUse === 0 || undefined,
  );
}

/** Kills the process while its result is on the way to the database. */
async function killAfterThePost(
  project: EmbeddedProject,
  until: () => boolean = () => true,
): Promise<void> {
  const held = holdAt(project.gateway, {
    functionName: "record_dispatch_results",
    moment: "before",
  });
  const reply = askForRun(project).catch(() => null);
  const call = await held;
  await project.function.kill();
  call.letGo(Response.json({}, { status: 503 }));
  await reply;
  await eventually("it is time", () => until() || undefined);
  await project.function.restart();
}

async function letAllBeLookedUp({ sql }: EmbeddedProject): Promise<void> {
  await sql`update public.call_attempts set looked_up_at = null`;
}

async function assertEnds(
  project: EmbeddedProject,
  number: string,
  expected: { attempt: string; followUp: string },
): Promise<void> {
  const { sql, omni } = project;
  const rings = omni.ledger.count;
  for (let run = 0; run < 3; run += 1) {
    await letTimePass(sql, HOURS);
    await letAllBeLookedUp(project);
    const summary = await dispatch(project);
    assert.equal(summary.ok, true, JSON.stringify(summary));
  }
  const [row] = await sql`
    select attempt.status as attempt, follow_up.status as "followUp"
    from public.call_attempts as attempt
    join public.follow_ups as follow_up on follow_up.id = attempt.follow_up_id
    where attempt.to_number = ${number}`;
  assert.deepEqual({ ...row }, expected);
  assert.equal(omni.ledger.count, rings);
  assert.deepEqual(omni.ledger.numbersRungTwice(), []);
}

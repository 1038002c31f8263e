// From the lead's insert to what came of its call, with nothing but the database in between: the run
// is started by the insert, and the call's end is reported by the provider.
import assert from "node:assert/strict";
import { startClock } from "../../supabase/local/clock/start_clock.ts";
import { eventually } from "../support/eventually.ts";
import { freshNumber, insertLead } from "../support/insert_lead.ts";
import { dispatch } from "../support/project.ts";
import { startEmbeddedProject } from "../support/start_embedded_project.ts";

// Calls last 10 ms.
const SHORT_CALLS = { callDurationMs: 10_000, timeFactor: 1_000 };

Deno.test("whole life: a lead that is inserted is rung, and the end of its call is known", async () => {
  await using project = await startEmbeddedProject({}, { callEnded: true });
  const { sql, omni } = project;
  omni.change({
    ...SHORT_CALLS,
    outcomes: { completed: 1 },
    talk: () => ({ summary: "Wants a visit" }),
  });
  await sql`update public.dispatch_settings set start_at_once = true`;
  const lead = await insertLead(sql, { raw_payload: { crm: 7 } });
  const row = await eventually("the end is known", async () => {
    const [row] = await sql`
      select stage, call_date, raw_payload from public.leads
      where id = ${lead} and call_date is not null`;
    return row;
  });
  assert.equal(omni.ledger.count, 1);
  assert.equal(row.stage, "contacted");
  assert.equal(row.raw_payload.crm, 7);
  assert.equal(row.raw_payload.dispatch.status, "accepted");
  assert.equal(row.raw_payload.call.outcome, "completed");
  assert.equal(row.raw_payload.call.summary, "Wants a visit");
  const [attempt] = await sql`select * from public.call_attempts`;
  assert.deepEqual(
    [attempt!.status, attempt!.outcome, attempt!.reported_by, attempt!.duration_seconds],
    ["ended", "completed", "webhook", 10],
  );
  assert.deepEqual([...await sql`select from public.follow_ups where status = 'pending'`], []);
});

Deno.test("whole life: who did not answer is tried again later, and only then", async () => {
  await using project = await startEmbeddedProject({}, { callEnded: true });
  const { sql, omni } = project;
  omni.change({ ...SHORT_CALLS, outcomes: { no_answer: 1 } });
  const phone = freshNumber();
  await insertLead(sql, { phone });
  await dispatch(project);
  const recall = await eventually("a recall is planned", async () => {
    const [row] = await sql`select * from public.follow_ups where source = 'recall'`;
    return row;
  });
  assert.equal(recall.status, "pending");
  assert.ok(recall.due_at.getTime() > Date.now() + 3 * 3_600_000, "after the delay of the rule");
  await dispatch(project);
  assert.equal(omni.ledger.ringsTo(phone).length, 1, "not before it is due");
  await sql`update public.follow_ups set due_at = now() where id = ${recall.id}`;
  await dispatch(project);
  assert.equal(omni.ledger.ringsTo(phone).length, 2);
});

Deno.test("whole life: who asks to be called tomorrow at ten has a follow-up tomorrow at ten", async () => {
  await using project = await startEmbeddedProject({}, { callEnded: true });
  const { sql, omni } = project;
  omni.change({
    ...SHORT_CALLS,
    outcomes: { completed: 1 },
    talk: () => ({ extractedVariables: { callback_time: "call me tomorrow at ten" } }),
  });
  const lead = await insertLead(sql);
  await sql`update public.leads set time_zone = 'Asia/Kolkata' where id = ${lead}`;
  await dispatch(project);
  const callback = await eventually("the callback is planned", async () => {
    const [row] = await sql`
      select due_at at time zone 'Asia/Kolkata' as local, is_callback,
        (now() at time zone 'Asia/Kolkata')::date + time '10:00' + interval '1 day' as wanted
      from public.follow_ups where status = 'pending'`;
    return row;
  });
  assert.equal(callback.is_callback, true);
  assert.equal(callback.local.getTime(), callback.wanted.getTime());
});

Deno.test("whole life: each call that ends lets the next one begin, with one line and no schedule", async () => {
  await using project = await startEmbeddedProject({}, { callEnded: true });
  const { sql, omni } = project;
  omni.change({ ...SHORT_CALLS, outcomes: { completed: 1 } });
  for (let lead = 0; lead < 8; lead += 1) await insertLead(sql);
  await sql`update public.dispatch_settings set start_at_once = true, max_concurrent_calls = 1`;
  await dispatch(project);
  await eventually("all have been rung", () => omni.ledger.count === 8 || undefined);
  assert.equal(omni.lines.peak, 1);
  assert.deepEqual(omni.ledger.numbersRungTwice(), []);
});

Deno.test("whole life: when the report never comes, the end is found in Omni's call log", async () => {
  await using project = await startEmbeddedProject({}, { callEnded: true });
  const { sql, omni } = project;
  omni.change({ ...SHORT_CALLS, outcomes: { no_answer: 1 }, webhooks: { copies: 0 } });
  await insertLead(sql);
  await dispatch(project);
  await eventually("the call is over", () => omni.lines.inUse === 0 || undefined);
  await sql`update public.dispatch_settings set settle_after = '0'`;
  await dispatch(project);
  const [attempt] = await sql`select status, outcome, reported_by from public.call_attempts`;
  assert.deepEqual({ ...attempt }, {
    status: "ended",
    outcome: "no_answer",
    reported_by: "call_log",
  });
  assert.equal(omni.ledger.count, 1);
  const [recall] = await sql`select from public.follow_ups where source = 'recall'`;
  assert.ok(recall);
});

Deno.test("whole life: with a tick every second and reports late and twice, nobody is rung twice", async () => {
  await using project = await startEmbeddedProject({}, { callEnded: true });
  const { sql, omni, database } = project;
  omni.change({
    ...SHORT_CALLS,
    webhooks: (call) => ({
      copies: 2,
      delayMs: [0, 200_000],
      wrapped: call.callId % 4 === 0,
      spelling: "title",
      absentAs: "null",
    }),
  });
  const clock = await startClock({
    adminUrl: database.adminUrl,
    every: { "call-dispatch": 1_000 },
  });
  try {
    await sql`update public.dispatch_settings set start_at_once = true, max_concurrent_calls = 3`;
    for (let lead = 0; lead < 12; lead += 1) await insertLead(sql);
    await eventually("every end is known", async () => {
      const [told] = await sql`select count(*)::int as ended from public.call_attempts
        where status = 'ended' and outcome is not null`;
      return told!.ended === 12 || undefined;
    });
  } finally {
    await clock.stop();
  }
  await omni.webhooks.settled();
  assert.equal(omni.ledger.count, 12);
  assert.deepEqual(omni.ledger.numbersRungTwice(), []);
  const failed = omni.webhooks.deliveries().filter(({ httpStatus }) => httpStatus !== 200);
  assert.deepEqual(failed, []);
});

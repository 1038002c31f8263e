import assert from "node:assert/strict";
import { EndWatch } from "../../../../supabase/local/commands/start/end_watch.ts";
import { insertCall, recordEvent } from "../../../support/call_event.ts";
import { freshDatabase } from "../../../support/fresh_database.ts";

Deno.test("EndWatch: tells each call whose end is reported once, with the next try", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const lead = { customer_name: "Ada", time_zone: "Asia/Kolkata" };
  const [before, unanswered, completed] = [
    await insertCall(sql),
    await insertCall(sql, { lead }),
    await insertCall(sql, { lead }),
  ];
  await recordEvent(sql, { attempt_id: before.attempt_id }, new Date(Date.now() - 1_000));
  const watch = await EndWatch.fromNow(sql);
  assert.equal((await watch.look()).length, 0);

  // Ended by the clock alone: nobody has reported it.
  await insertCall(sql, { status: "ended", ended_at: new Date(Date.now() + 10) });
  await recordEvent(sql, { attempt_id: unanswered.attempt_id });
  const [told, ...others] = await watch.look();
  assert.deepEqual(others, []);
  const [recall] = await sql<{ due_at: Date; local: string }[]>`
    select due_at, to_char(due_at at time zone 'Asia/Kolkata', 'Dy FMDD Mon HH24:MI') as local
    from public.follow_ups where recall_of = ${unanswered.attempt_id}`;
  assert.deepEqual(
    [told?.attempt_id, told?.name, told?.to_number, told?.outcome, told?.is_terminal],
    [unanswered.attempt_id, "Ada", unanswered.to_number, "no_answer", false],
  );
  assert.deepEqual(
    [told?.recall_at, told?.recall_local, told?.zone],
    [recall?.due_at, recall?.local, "Asia/Kolkata"],
  );

  await recordEvent(sql, { attempt_id: unanswered.attempt_id, duration_seconds: 3 });
  await recordEvent(sql, {
    attempt_id: completed.attempt_id,
    outcome: "completed",
    duration_seconds: 80,
  });
  const [second, ...more] = await watch.look();
  assert.deepEqual(more, []);
  assert.deepEqual(
    [second?.attempt_id, second?.outcome, second?.duration_seconds, second?.recall_at],
    [completed.attempt_id, "completed", 80, null],
  );
  assert.equal((await watch.look()).length, 0);
});

Deno.test("EndWatch: a wish to be called again is told once it has been read", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql);
  const watch = await EndWatch.fromNow(sql);
  await recordEvent(sql, {
    attempt_id: call.attempt_id,
    outcome: "completed",
    extracted_variables: { callback_time: "in a while" },
  });
  assert.equal((await watch.look()).length, 0);
  const wanted = new Date(Date.now() + 7_200_000);
  await sql`
    select public.plan_callback(${call.attempt_id}, 'in a while', moment => ${wanted})`;
  const [told] = await watch.look();
  assert.deepEqual(
    [told?.callback_text, told?.callback_status, told?.recall_at],
    ["in a while", "planned", wanted],
  );
});

Deno.test("EndWatch: a wish that nobody reads does not keep the end from being told", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const watch = await EndWatch.fromNow(sql);
  const call = await insertCall(sql);
  await recordEvent(sql, {
    attempt_id: call.attempt_id,
    outcome: "completed",
    extracted_variables: { callback_time: "in a while" },
  });
  await sql`update public.call_attempts set ended_at = now() - interval '6 seconds'`;
  Object.assign(watch, { began: new Date(Date.now() - 60_000) });
  const [told] = await watch.look();
  assert.deepEqual([told?.attempt_id, told?.callback_status], [call.attempt_id, "to_read"]);
});

Deno.test("EndWatch: counts the calls of its time that are not over", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await insertCall(sql, { opened_at: new Date(Date.now() - 60_000) });
  const watch = await EndWatch.fromNow(sql);
  assert.equal(await watch.countGoingOn(), 0);
  const opened_at = new Date(Date.now() + 10);
  const [over] = [await insertCall(sql, { opened_at }), await insertCall(sql, { opened_at })];
  assert.equal(await watch.countGoingOn(), 2);
  await recordEvent(sql, { attempt_id: over.attempt_id });
  assert.equal(await watch.countGoingOn(), 1);
});

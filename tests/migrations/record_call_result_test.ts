import assert from "node:assert/strict";
import type { Sql } from "../../supabase/local/postgres/connect.ts";
import { attempt, insertCall, recordEvent } from "../support/call_event.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { insertLead } from "../support/insert_lead.ts";
import { claim, followUp, open, record } from "../support/sql_contract.ts";

/** The stored events, oldest first. */
async function events(sql: Sql) {
  return await sql<{ status: string; reason: string | null; settled_attempt_id: string | null }[]>`
    select status, reason, settled_attempt_id from public.call_events order by received_at, id`;
}

/** All rows of all tables that a report may touch, for before and after. */
async function allRows(sql: Sql): Promise<string> {
  const [row] = await sql<{ rows: string }[]>`
    select jsonb_build_array(
      (select jsonb_agg(to_jsonb(r) order by r.id) from public.leads r),
      (select jsonb_agg(to_jsonb(r) order by r.id) from public.follow_ups r),
      (select jsonb_agg(to_jsonb(r) order by r.id) from public.call_attempts r),
      (select jsonb_agg(to_jsonb(r) order by r.id) from public.call_events r),
      (select jsonb_agg(to_jsonb(r) order by r.id) from public.dispatch_requests r)
    )::text as rows`;
  return row!.rows;
}

async function lead(sql: Sql, id: string) {
  const [row] = await sql`select stage, call_date, raw_payload from public.leads where id = ${id}`;
  return row!;
}

async function rescue(sql: Sql, asOf = new Date()): Promise<void> {
  await sql`select public.rescue_stale_attempts(as_of => ${asOf})`;
}

const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000);

Deno.test("result: named by the attempt's id, it ends the attempt and tells all of it", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const opened_at = ago(10);
  const call = await insertCall(sql, { status: "unknown", error: "No reply", opened_at });
  const bystander = await insertCall(sql);
  const before = await attempt(sql, bystander.attempt_id);
  const ended = ago(1);
  const answer = await recordEvent(sql, {
    attempt_id: call.attempt_id,
    request_id: "77",
    call_id: "900",
    outcome: "completed",
    duration_seconds: 42,
    recording_url: "https://recordings.test/1",
    summary: "Wants to visit",
  }, ended);
  assert.deepEqual(answer, {
    verdict: "settled",
    attempt_id: call.attempt_id,
    callback_to_read: false,
  });
  const row = await attempt(sql, call.attempt_id);
  assert.deepEqual(
    [row.status, row.outcome, row.request_id, row.call_id, row.duration_seconds, row.recording_url],
    ["ended", "completed", "77", "900", 42, "https://recordings.test/1"],
  );
  assert.deepEqual([row.summary, row.reported_by, row.error], ["Wants to visit", "webhook", null]);
  assert.deepEqual(row.ended_at, ended);
  const { status, completed_at, reason } = await followUp(sql, call.follow_up_id);
  assert.deepEqual([status, completed_at, reason], ["completed", opened_at, null]);
  const { stage, call_date, raw_payload } = await lead(sql, call.lead_id);
  assert.deepEqual([stage, call_date], ["contacted", opened_at]);
  assert.deepEqual(
    { ...raw_payload.call, called_at: new Date(raw_payload.call.called_at) },
    {
      outcome: "completed",
      call_id: "900",
      request_id: "77",
      attempt_id: call.attempt_id,
      follow_up_id: call.follow_up_id,
      called_at: opened_at,
      ended_at: raw_payload.call.ended_at,
      duration_seconds: 42,
      recording_url: "https://recordings.test/1",
      summary: "Wants to visit",
      callback: null,
    },
  );
  assert.deepEqual(await attempt(sql, bystander.attempt_id), before);
});

Deno.test("result: named by the request's id alone, it ends the attempt of that request", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql);
  const bystander = await insertCall(sql);
  const answer = await recordEvent(sql, { request_id: call.request_id, outcome: "busy" });
  assert.deepEqual([answer.verdict, answer.attempt_id], ["settled", call.attempt_id]);
  assert.equal((await attempt(sql, call.attempt_id)).outcome, "busy");
  assert.equal((await attempt(sql, bystander.attempt_id)).status, "accepted");
});

Deno.test("result: an attempt's id that is not ours does not keep the request's from being found", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql);
  const answer = await recordEvent(sql, {
    attempt_id: crypto.randomUUID(),
    request_id: call.request_id,
  });
  assert.deepEqual([answer.verdict, answer.attempt_id], ["settled", call.attempt_id]);
});

Deno.test("result: the number, or the call's id, never finds an attempt", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql, { call_id: "900" });
  const before = await attempt(sql, call.attempt_id);
  const answer = await recordEvent(sql, {
    to_number: call.to_number,
    call_id: "900",
    outcome: "completed",
  });
  assert.deepEqual(answer, { verdict: "parked", attempt_id: null, callback_to_read: false });
  assert.deepEqual([...await events(sql)], [{
    status: "parked",
    reason: "It names neither an attempt nor a request",
    settled_attempt_id: null,
  }]);
  assert.deepEqual(await attempt(sql, call.attempt_id), before);
});

const contradictions: Record<
  string,
  { reason: string; told: (sql: Sql) => Promise<Parameters<typeof recordEvent>[1]> }
> = {
  "names the request of another attempt": {
    reason: "Its request is also that of another attempt",
    told: async (sql) => ({
      attempt_id: (await insertCall(sql, { status: "unknown" })).attempt_id,
      request_id: (await insertCall(sql)).request_id,
    }),
  },
  "names a request that two attempts have": {
    reason: "Its request is also that of another attempt",
    told: async (sql) => {
      await insertCall(sql, { request_id: "77" });
      return { request_id: (await insertCall(sql, { request_id: "77" })).request_id };
    },
  },
  "names a call that counts for another attempt": {
    reason: "Its call is already that of another attempt",
    told: async (sql) => {
      const other = await insertCall(sql);
      await recordEvent(sql, { attempt_id: other.attempt_id, call_id: "900" });
      return { attempt_id: (await insertCall(sql)).attempt_id, call_id: "900", outcome: "busy" };
    },
  },
  "names an attempt that is not known": {
    reason: "No attempt of ours is known under these ids",
    told: async (sql) => {
      await insertCall(sql);
      return { attempt_id: crypto.randomUUID() };
    },
  },
};

for (const [name, { reason, told }] of Object.entries(contradictions)) {
  Deno.test(`result: one that ${name} is parked, says why, and moves nothing`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const event = await told(sql);
    const state = async () =>
      JSON.stringify([
        await sql`select * from public.call_attempts order by id`,
        await sql`select * from public.follow_ups order by id`,
        await sql`select * from public.leads order by id`,
      ]);
    const before = await state();
    const answer = await recordEvent(sql, event);
    assert.deepEqual([answer.verdict, answer.attempt_id], ["parked", null]);
    const [parked] = await sql`select reason from public.parked_call_events`;
    assert.equal(parked!.reason, reason);
    assert.equal(await state(), before);
  });
}

for (const direction of ["inbound", "other"]) {
  Deno.test(`result: one of direction ${direction} is noted, and has no effect`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const call = await insertCall(sql);
    const before = await attempt(sql, call.attempt_id);
    const answer = await recordEvent(sql, {
      direction,
      attempt_id: call.attempt_id,
      request_id: call.request_id,
      outcome: "completed",
    });
    assert.deepEqual(answer, { verdict: "noted", attempt_id: null, callback_to_read: false });
    assert.equal((await events(sql))[0]!.reason, "It is no outbound call");
    await rescue(sql);
    assert.equal((await events(sql))[0]!.status, "noted");
    assert.deepEqual(await attempt(sql, call.attempt_id), before);
  });
}

Deno.test("result: a report that states no direction is taken for outbound", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql);
  const answer = await recordEvent(sql, { direction: null, attempt_id: call.attempt_id });
  assert.equal(answer.verdict, "settled");
});

Deno.test("result: the same report again gets the same answer and changes nothing", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_settings set start_at_once = true`;
  const call = await insertCall(sql);
  const told = {
    attempt_id: call.attempt_id,
    call_id: "900",
    outcome: "completed",
    extracted_variables: { callback: "tomorrow" },
  };
  const answer = await recordEvent(sql, told, ago(5));
  assert.deepEqual(answer, {
    verdict: "settled",
    attempt_id: call.attempt_id,
    callback_to_read: true,
  });
  const before = await allRows(sql);
  assert.deepEqual(await recordEvent(sql, told, ago(4)), answer);
  assert.equal(await allRows(sql), before);
});

Deno.test("result: of two calls the better one counts, with all that is told of it", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const { attempt_id } = await insertCall(sql);
  const better = { attempt_id, call_id: "902", outcome: "completed", duration_seconds: 30 };
  await recordEvent(sql, {
    attempt_id,
    call_id: "900",
    outcome: "failed",
    summary: "Nobody",
    recording_url: "https://recordings.test/900",
  });
  await recordEvent(sql, better);
  await recordEvent(sql, { ...better, source: "call_log", summary: "Spoke" });
  await recordEvent(sql, { attempt_id, call_id: "904", outcome: "busy", summary: "Engaged" });
  const row = await attempt(sql, attempt_id);
  assert.deepEqual(
    [row.outcome, row.call_id, row.duration_seconds, row.summary, row.recording_url],
    ["completed", "902", 30, "Spoke", null],
  );
  assert.equal(row.reported_by, "webhook");
});

Deno.test("result: each outcome is better than the next, and any is better than none", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const { attempt_id } = await insertCall(sql);
  const order = ["completed", "voicemail_detected", "no_answer", "busy", "failed", "cancelled"];
  const reached: (string | null)[] = [];
  for (const outcome of [null, ...[...order].reverse()]) {
    await recordEvent(sql, { attempt_id, call_id: `call ${outcome}`, outcome });
    reached.push((await attempt(sql, attempt_id)).outcome);
  }
  assert.deepEqual(reached, [null, ...[...order].reverse()]);
  await recordEvent(sql, { attempt_id, call_id: "one more", outcome: "cancelled" });
  assert.equal((await attempt(sql, attempt_id)).outcome, "completed");
});

Deno.test("result: without an outcome the call is over, and is looked up again", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql, { opened_at: ago(30) });
  await recordEvent(sql, {
    attempt_id: call.attempt_id,
    outcome: null,
    reported_status: "gone fishing",
  });
  const row = await attempt(sql, call.attempt_id);
  assert.deepEqual([row.status, row.outcome, row.reported_by], ["ended", null, "webhook"]);
  const to_settle = await sql`select attempt_id from public.attempts_to_settle()`;
  assert.deepEqual(to_settle.map((one) => one.attempt_id), [call.attempt_id]);
  assert.equal((await sql`select from public.follow_ups where recall_of is not null`).length, 0);
});

Deno.test("result: twenty different reports of an attempt are kept, and no more", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const { attempt_id } = await insertCall(sql);
  const other = await insertCall(sql);
  const told = (n: number) => ({ attempt_id, call_id: `call ${n}`, summary: `Report ${n}` });
  for (let n = 1; n <= 20; n += 1) {
    assert.equal((await recordEvent(sql, told(n))).verdict, "settled");
  }
  const before = await allRows(sql);
  const answer = await recordEvent(sql, { ...told(21), outcome: "completed" });
  assert.deepEqual(answer, { verdict: "ignored", attempt_id, callback_to_read: false });
  assert.equal((await recordEvent(sql, told(7))).verdict, "settled", "this one is known");
  assert.equal(await allRows(sql), before);
  const { verdict } = await recordEvent(sql, { attempt_id: other.attempt_id });
  assert.equal(verdict, "settled", "another attempt has reports of its own");
});

for (const [kind, held] of [["contradict it", "parked"], ["are inbound", "noted"]]) {
  Deno.test(`result: whoever may report one attempt cannot fill the table with reports that ${kind}`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const { attempt_id } = await insertCall(sql);
    const { request_id } = await insertCall(sql);
    const told = held === "parked" ? { request_id } : { direction: "inbound" };
    for (let n = 1; n <= 25; n += 1) {
      await recordEvent(sql, { attempt_id, call_id: String(n), ...told });
    }
    const kept = await events(sql);
    assert.ok(kept.every(({ status }) => status === held));
    assert.equal(kept.length, 20);
    assert.equal((await attempt(sql, attempt_id)).status, "accepted");
  });
}

for (const status of ["sending", "accepted", "unknown"]) {
  Deno.test(`result: it frees the number of an attempt that is ${status}`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const call = await insertCall(sql, { status });
    const second = await insertFollowUp(sql, { lead: { phone: call.to_number } });
    assert.deepEqual(await open(sql, await claim(sql)), []);
    await sql`update public.follow_ups set due_at = now() where id = ${second}`;
    await recordEvent(sql, { attempt_id: call.attempt_id, outcome: "completed" });
    const opened = await open(sql, await claim(sql));
    assert.deepEqual(opened.map((one) => one.follow_up_id), [second]);
    assert.equal((await attempt(sql, call.attempt_id)).status, "ended");
  });
}

for (
  const [status, follow_up_status] of [
    ["refused", "failed"],
    ["not_sent", "pending"],
    ["postponed", "pending"],
    ["abandoned", "failed"],
    ["abandoned", "pending"],
  ] as const
) {
  Deno.test(`result: it proves the call of an attempt that was ${status}, its follow-up ${follow_up_status}`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const opened_at = ago(90);
    const lead_id = await insertLead(sql);
    const follow_up_id = await insertFollowUp(sql, {
      lead_id,
      status: follow_up_status,
      attempts: 1,
    });
    const other = await insertFollowUp(sql, { status: "failed" });
    const call = await insertCall(sql, { lead_id, follow_up_id, status, error: "x", opened_at });
    const { verdict } = await recordEvent(sql, {
      attempt_id: call.attempt_id,
      outcome: "completed",
    });
    assert.equal(verdict, "settled");
    const row = await attempt(sql, call.attempt_id);
    assert.deepEqual([row.status, row.outcome, row.error], ["ended", "completed", null]);
    const { status: after, completed_at, reason } = await followUp(sql, follow_up_id);
    assert.deepEqual([after, completed_at, reason], ["completed", opened_at, null]);
    assert.equal((await lead(sql, lead_id)).stage, "contacted");
    assert.deepEqual(await claim(sql), []);
    assert.equal((await followUp(sql, other)).status, "failed");
  });
}

Deno.test("result: a follow-up that Omni refused is completed when a report proves its call", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const id = await insertFollowUp(sql);
  const opened = await open(sql, await claim(sql));
  await record(sql, opened, { status: "refused", error: "Invalid number", http_status: 400 });
  assert.equal((await followUp(sql, id)).status, "failed");
  await recordEvent(sql, { attempt_id: opened[0]!.attempt_id, outcome: "completed" });
  const { status, reason } = await followUp(sql, id);
  assert.deepEqual([status, reason], ["completed", null]);
  assert.equal((await attempt(sql, opened[0]!.attempt_id)).http_status, 400);
});

Deno.test("result: a follow-up that is claimed again meanwhile is completed, its claim gone", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const id = await insertFollowUp(sql);
  const first = await open(sql, await claim(sql));
  await record(sql, first, { status: "postponed", error: "All lines are busy" });
  const again = await claim(sql);
  assert.equal(again.length, 1);
  await recordEvent(sql, { attempt_id: first[0]!.attempt_id, outcome: "completed" });
  assert.deepEqual(await open(sql, again), []);
  const { status, lease_token, leased_until } = await followUp(sql, id);
  assert.deepEqual([status, lease_token, leased_until], ["completed", null, null]);
});

for (const status of ["cancelled", "skipped"]) {
  Deno.test(`result: a follow-up that somebody has ${status} stays so`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const lead_id = await insertLead(sql);
    const follow_up_id = await insertFollowUp(sql, { lead_id, status });
    const before = await followUp(sql, follow_up_id);
    const call = await insertCall(sql, { lead_id, follow_up_id });
    await recordEvent(sql, { attempt_id: call.attempt_id, outcome: "completed" });
    assert.equal((await attempt(sql, call.attempt_id)).status, "ended");
    assert.deepEqual(await followUp(sql, follow_up_id), before);
  });
}

Deno.test("result: what else is kept in the payload stays, in the objects of ours too", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql, {
    status: "unknown",
    lead: {
      raw_payload: {
        crm: { id: 7 },
        call: { note: "by hand", outcome: "old" },
        dispatch: { tag: "mine", status: "old" },
      },
    },
  });
  await recordEvent(sql, { attempt_id: call.attempt_id, request_id: "77", outcome: "completed" });
  const { raw_payload } = await lead(sql, call.lead_id);
  assert.deepEqual(Object.keys(raw_payload).sort(), ["call", "crm", "dispatch"]);
  assert.deepEqual(raw_payload.crm, { id: 7 });
  assert.deepEqual([raw_payload.call.note, raw_payload.call.outcome], ["by hand", "completed"]);
  assert.deepEqual(
    [raw_payload.dispatch.tag, raw_payload.dispatch.status, raw_payload.dispatch.request_id],
    ["mine", "accepted", "77"],
  );
});

for (const payload of ["[1, 2]", '"words"', "null"]) {
  Deno.test(`result: a payload that is ${payload} stays as it is`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const call = await insertCall(sql);
    await sql`update public.leads set raw_payload = ${payload}::text::jsonb`;
    await recordEvent(sql, { attempt_id: call.attempt_id, outcome: "completed" });
    const { raw_payload, stage } = await lead(sql, call.lead_id);
    assert.deepEqual([raw_payload, stage], [JSON.parse(payload), "contacted"]);
  });
}

Deno.test("result: an object of ours that is none is replaced, and only that", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql, { lead: { raw_payload: { call: [1], crm: [2] } } });
  await recordEvent(sql, { attempt_id: call.attempt_id, outcome: "completed" });
  const { raw_payload } = await lead(sql, call.lead_id);
  assert.equal(raw_payload.call.outcome, "completed");
  assert.deepEqual(raw_payload.crm, [2]);
});

Deno.test("result: a late report of an older call does not overwrite what the newer one left", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const older = await insertCall(sql, { status: "unknown", opened_at: ago(600) });
  const newer = await insertCall(sql, {
    lead_id: older.lead_id,
    to_number: "+14155550199",
    opened_at: ago(60),
  });
  await recordEvent(sql, { attempt_id: newer.attempt_id, outcome: "completed", call_id: "2" });
  const before = await lead(sql, older.lead_id);
  await recordEvent(sql, { attempt_id: older.attempt_id, outcome: "failed", call_id: "1" });
  assert.equal((await attempt(sql, older.attempt_id)).outcome, "failed");
  assert.deepEqual(await lead(sql, older.lead_id), before);
});

Deno.test("result: a report of an older call is shown until the newer one is reported", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const older = await insertCall(sql, { opened_at: ago(600) });
  const newer = await insertCall(sql, {
    lead_id: older.lead_id,
    to_number: "+14155550199",
    opened_at: ago(60),
  });
  await rescue(sql, new Date(Date.now() + 7_200_000));
  await recordEvent(sql, { attempt_id: older.attempt_id, outcome: "failed" });
  const { raw_payload, call_date } = await lead(sql, older.lead_id);
  assert.equal(raw_payload.call.attempt_id, older.attempt_id);
  assert.equal(raw_payload.dispatch, undefined);
  await recordEvent(sql, { attempt_id: newer.attempt_id, outcome: "busy" });
  const after = await lead(sql, older.lead_id);
  assert.deepEqual(
    [after.raw_payload.call.attempt_id, after.raw_payload.dispatch.attempt_id],
    [newer.attempt_id, newer.attempt_id],
  );
  assert.ok(after.call_date > call_date);
});

Deno.test("result: a call date that another program has set later is not moved back", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call_date = new Date(Date.now() + 60_000);
  const call = await insertCall(sql, { lead: { call_date, stage: "visit_done" } });
  await recordEvent(sql, { attempt_id: call.attempt_id });
  const row = await lead(sql, call.lead_id);
  assert.deepEqual([row.call_date, row.stage], [call_date, "visit_done"]);
});

Deno.test("result: of a lead that was deleted the attempt is ended all the same", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql);
  await sql`delete from public.leads where id = ${call.lead_id}`;
  const told = { attempt_id: call.attempt_id, extracted_variables: { callback: "tomorrow" } };
  assert.equal((await recordEvent(sql, told)).verdict, "settled");
  assert.equal((await attempt(sql, call.attempt_id)).outcome, "no_answer");
  assert.equal((await sql`select from public.follow_ups`).length, 0);
});

Deno.test("result: one that was parked is settled by the reply that tells its request", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await insertFollowUp(sql);
  const opened = await open(sql, await claim(sql));
  await recordEvent(sql, { request_id: "3166940", outcome: "completed", call_id: "900" });
  await recordEvent(sql, { request_id: "5", outcome: "completed", call_id: "5" });
  await record(sql, opened, { status: "accepted", request_id: "3166940", http_status: 200 });
  const row = await attempt(sql, opened[0]!.attempt_id);
  assert.deepEqual([row.status, row.outcome, row.call_id], ["ended", "completed", "900"]);
  const parked = await sql`select request_id from public.parked_call_events`;
  assert.deepEqual(parked.map(({ request_id }) => request_id), ["5"]);
});

Deno.test("result: one that was parked is settled when another report tells the attempt's request", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql, { status: "unknown" });
  await recordEvent(sql, { request_id: "77", call_id: "902", outcome: "completed" });
  await recordEvent(sql, { attempt_id: call.attempt_id, request_id: "77", call_id: "900" });
  assert.equal((await sql`select from public.parked_call_events`).length, 0);
  assert.equal((await attempt(sql, call.attempt_id)).outcome, "completed");
});

Deno.test("result: one that was parked is settled by the next run's rescue, which has a reason to start", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await recordEvent(sql, { request_id: "77", outcome: "completed" });
  await recordEvent(sql, { request_id: "5", outcome: "completed" });
  const stale = async () => (await sql`select stale from public.dispatch_backlog()`)[0]!.stale;
  assert.equal(await stale(), 0);
  // Stored at the same moment as the report, so that neither saw the other.
  const call = await insertCall(sql, { request_id: "77" });
  assert.equal(await stale(), 1);
  await rescue(sql);
  assert.equal((await attempt(sql, call.attempt_id)).outcome, "completed");
  assert.equal(await stale(), 0);
  const parked = await sql`select request_id from public.parked_call_events`;
  assert.deepEqual(parked.map(({ request_id }) => request_id), ["5"]);
});

Deno.test("result: one that contradicts its attempt is not looked at by run after run", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const { attempt_id } = await insertCall(sql);
  const other = await insertCall(sql);
  await recordEvent(sql, { attempt_id, request_id: other.request_id });
  assert.equal((await sql`select stale from public.dispatch_backlog()`)[0]!.stale, 0);
  await rescue(sql);
  assert.equal((await attempt(sql, other.attempt_id)).status, "accepted");
});

for (const status of ["unknown", "sending"]) {
  for (const first of ["reply", "report"]) {
    Deno.test(`result: the reply says which request an attempt that is ${status} has, the ${first} being first`, async () => {
      await using database = await freshDatabase();
      const { sql } = database;
      const call = await insertCall(sql, { status });
      const acts = {
        reply: () => record(sql, [call], { status: "accepted", request_id: "2", http_status: 200 }),
        report: () => recordEvent(sql, { attempt_id: call.attempt_id, request_id: "1" }),
      };
      await (first === "reply" ? acts.reply() : acts.report());
      await (first === "reply" ? acts.report() : acts.reply());
      const row = await attempt(sql, call.attempt_id);
      assert.deepEqual([row.request_id, row.outcome], ["2", "no_answer"]);
      const { raw_payload } = await lead(sql, call.lead_id);
      assert.deepEqual(
        [raw_payload.call.request_id, raw_payload.dispatch.request_id],
        ["2", "2"],
      );
    });
  }
}

Deno.test("result: a follow-up that a person has reopened after the call is not completed by its report", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql);
  await sql`
    update public.follow_ups set status = 'pending', due_at = now() + interval '1 day'
    where id = ${call.follow_up_id}`;
  const before = await followUp(sql, call.follow_up_id);
  await recordEvent(sql, { attempt_id: call.attempt_id, outcome: "completed" });
  assert.equal((await attempt(sql, call.attempt_id)).status, "ended");
  assert.deepEqual(await followUp(sql, call.follow_up_id), before);
});

Deno.test("result: a worse report that comes after the history was purged does not undo the better", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_settings set history_kept = '1 day'`;
  const call = await insertCall(sql, { opened_at: ago(2_000) });
  await recordEvent(
    sql,
    { attempt_id: call.attempt_id, call_id: "902", outcome: "completed" },
    ago(1_990),
  );
  await sql`select public.purge_dispatch_history()`;
  await recordEvent(sql, { attempt_id: call.attempt_id, call_id: "900", outcome: "no_answer" });
  assert.equal((await attempt(sql, call.attempt_id)).outcome, "completed");
  assert.equal((await sql`select from public.follow_ups where status = 'pending'`).length, 0);
});

Deno.test("result: the service role may record it, and starts a run by it", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`select vault.create_secret('https://project.test', 'project_url')`;
  await sql`select vault.create_secret('secret', 'cron_job_secret')`;
  const call = await insertCall(sql);
  await insertFollowUp(sql);
  await sql`update public.dispatch_settings set start_at_once = true`;
  const told = JSON.stringify({ source: "webhook", attempt_id: call.attempt_id, outcome: "busy" });
  const [answer] = await database.asServiceRole((own) =>
    own`select verdict from public.record_call_result(${told}::text::jsonb)`
  );
  assert.equal(answer!.verdict, "settled");
  const runs = await sql`select source from public.dispatch_runs`;
  assert.deepEqual(runs.map(({ source }) => source), ["call_ended"]);
});

import assert from "node:assert/strict";
import type { Sql } from "../../supabase/local/postgres/connect.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { insertLead } from "../support/insert_lead.ts";
import { beginRun, claim, followUp, open, record } from "../support/sql_contract.ts";

async function oneOpened(sql: Sql, columns: Parameters<typeof insertFollowUp>[1] = {}) {
  const id = await insertFollowUp(sql, columns);
  const opened = await open(sql, await claim(sql));
  assert.equal(opened.length, 1);
  return { id, opened };
}

async function attemptStatus(sql: Sql): Promise<string> {
  const [row] = await sql`select status from public.call_attempts order by opened_at desc limit 1`;
  return row!.status;
}

Deno.test("record: accepted completes the follow-up and marks the lead", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const lead_id = await insertLead(sql, { raw_payload: { crm: 7, dispatch: { note: "mine" } } });
  const { id, opened } = await oneOpened(sql, { lead_id });
  await record(sql, opened, { status: "accepted", request_id: "3166940" });
  const { status, completed_at, lease_token } = await followUp(sql, id);
  assert.equal(status, "completed");
  assert.ok(completed_at !== null && lease_token === null);
  const [lead] = await sql`select stage, raw_payload from public.leads where id = ${lead_id}`;
  assert.equal(lead!.stage, "contacted");
  assert.equal(lead!.raw_payload.crm, 7);
  assert.equal(lead!.raw_payload.dispatch.note, "mine");
  assert.equal(lead!.raw_payload.dispatch.request_id, "3166940");
  assert.equal(lead!.raw_payload.dispatch.attempt_id, opened[0]!.attempt_id);
});

Deno.test("record: accepted moves only the stage new", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const { opened } = await oneOpened(sql, { lead: { stage: "visit_scheduled" } });
  await record(sql, opened, { status: "accepted" });
  const [lead] = await sql`select stage from public.leads`;
  assert.equal(lead!.stage, "visit_scheduled");
});

Deno.test("record: a payload that is no object is left alone", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const { id, opened } = await oneOpened(sql);
  await sql`update public.leads set raw_payload = '[1, 2]'`;
  await record(sql, opened, { status: "accepted" });
  const [lead] = await sql`select raw_payload, stage from public.leads`;
  assert.deepEqual({ ...lead }, { raw_payload: [1, 2], stage: "contacted" });
  assert.equal((await followUp(sql, id)).status, "completed");
});

Deno.test("record: not_sent waits 5, 10, 20 … minutes and fails at the last attempt", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_settings set max_attempts = 4`;
  const id = await insertFollowUp(sql);
  for (const minutes of [5, 10, 20]) {
    await record(sql, await open(sql, await claim(sql)), { status: "not_sent", error: "refused" });
    const { status, due_at } = await followUp(sql, id);
    assert.equal(status, "pending");
    assert.equal(Math.round((due_at.getTime() - Date.now()) / 60_000), minutes);
    await sql`update public.follow_ups set due_at = now() - interval '1 second'`;
  }
  await record(sql, await open(sql, await claim(sql)), { status: "not_sent", error: "no route" });
  const { status, reason, attempts } = await followUp(sql, id);
  assert.deepEqual({ status, reason, attempts }, {
    status: "failed",
    reason: "Not sent, attempt 4: no route",
    attempts: 4,
  });
});

Deno.test("record: no delay is longer than the longest, whatever the number of attempts", async () => {
  await using database = await freshDatabase();
  const [row] = await database.sql`
    select public.retry_delay(1000000, '5 minutes', '6 hours')::text as delay`;
  assert.equal(row!.delay, "06:00:00");
});

Deno.test("record: postponed gives the row back unchanged, no attempt used up", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const due_at = new Date(Date.now() - 30_000);
  const { id, opened } = await oneOpened(sql, { due_at });
  await record(sql, opened, { status: "postponed", error: "All lines are busy" });
  const row = await followUp(sql, id);
  assert.equal(row.status, "pending");
  assert.equal(row.attempts, 0);
  assert.equal(row.lease_token, null);
  assert.equal(row.due_at.getTime(), due_at.getTime());
  assert.equal((await claim(sql)).length, 1);
});

Deno.test("record: refused fails the follow-up with Omni's words", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const { id, opened } = await oneOpened(sql);
  await record(sql, opened, { status: "refused", error: "Invalid number (HTTP 400)" });
  const { status, reason } = await followUp(sql, id);
  assert.deepEqual({ status, reason }, {
    status: "failed",
    reason: "Refused by Omni: Invalid number (HTTP 400)",
  });
});

Deno.test("record: a refusal that stood alone blames no row and goes behind the others", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const { id, opened } = await oneOpened(sql);
  await record(sql, opened, { status: "refused", refused_alone: true, error: "Unknown agent" });
  const { status, attempts, due_at } = await followUp(sql, id);
  assert.deepEqual({ status, attempts }, { status: "pending", attempts: 0 });
  assert.ok(due_at > new Date());
  assert.equal(await attemptStatus(sql), "postponed");
});

Deno.test("record: refused alone again, after Omni has accepted others, is the row's own fault", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const report = { status: "refused", refused_alone: true, error: "No such country" };
  const id = await insertFollowUp(sql);
  const refuseOnce = async () => {
    await sql`update public.follow_ups set due_at = now() - interval '1 hour' where id = ${id}`;
    await record(sql, await open(sql, await claim(sql, 1)), report);
    return (await followUp(sql, id)).status;
  };
  assert.equal(await refuseOnce(), "pending");
  assert.equal(await refuseOnce(), "pending");
  await insertFollowUp(sql);
  const accepted = await open(sql, await claim(sql), { runId: await beginRun(sql) });
  await record(sql, accepted, { status: "accepted" });
  assert.equal(await refuseOnce(), "failed");
});

Deno.test("record: unknown holds the follow-up and says why", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const { id, opened } = await oneOpened(sql);
  await record(sql, opened, { status: "unknown", error: "No reply within 15000 ms" });
  const { status, reason } = await followUp(sql, id);
  assert.equal(status, "pending");
  assert.equal(reason, "Held, the call may have been placed: No reply within 15000 ms");
  assert.deepEqual(await claim(sql), []);
});

for (const status of ["accepted", "unknown", "postponed", "not_sent", "refused"]) {
  Deno.test(`record: ${status} reported twice moves nothing the second time`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const { opened } = await oneOpened(sql);
    const state = () =>
      sql`
      select f.*, a.status as attempt, l.stage, l.raw_payload, r.accepted, r.not_sent
      from public.follow_ups f
      join public.call_attempts a on a.follow_up_id = f.id
      join public.leads l on l.id = f.lead_id
      left join public.dispatch_runs r on r.id = a.run_id`;
    assert.equal((await record(sql, opened, { status, error: "x" })).length, 1);
    const before = await state();
    assert.deepEqual(await record(sql, opened, { status, error: "x" }), []);
    assert.deepEqual([...await state()], [...before]);
  });
}

Deno.test("record: a report under another token changes nothing", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const { id, opened } = await oneOpened(sql);
  const forged = opened.map((row) => ({ ...row, lease_token: crypto.randomUUID() }));
  assert.deepEqual(await record(sql, forged, { status: "refused", error: "x" }), []);
  assert.equal(await attemptStatus(sql), "sending");
  assert.equal((await followUp(sql, id)).status, "pending");
});

Deno.test("record: a late report may make a call known as accepted, and never dialable", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const { id, opened } = await oneOpened(sql);
  await sql`select public.rescue_stale_attempts(as_of => now() + interval '1 hour')`;
  assert.equal(await attemptStatus(sql), "unknown");
  for (const status of ["not_sent", "postponed", "refused", "unknown"]) {
    assert.deepEqual(await record(sql, opened, { status, error: "late" }), []);
  }
  assert.deepEqual(await claim(sql), []);
  assert.equal((await record(sql, opened, { status: "accepted" })).length, 1);
  assert.equal((await followUp(sql, id)).status, "completed");
});

Deno.test("record: counts in the run what has moved", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const runId = await beginRun(sql);
  for (let n = 0; n < 3; n += 1) await insertFollowUp(sql);
  const opened = await open(sql, await claim(sql), { runId });
  await record(sql, opened.slice(0, 1), { status: "accepted" });
  await record(sql, opened.slice(1, 2), { status: "refused", error: "x" });
  await record(sql, opened.slice(2), { status: "unknown", error: "x" });
  await record(sql, opened, { status: "accepted" });
  const [run] = await sql`select accepted, refused, failed, unknown from public.dispatch_runs`;
  // The unknown one became known by the late report.
  assert.deepEqual({ ...run }, { accepted: 2, refused: 1, failed: 1, unknown: 1 });
});

const refusing: Record<string, string> = {
  "a trigger that refuses the lead": `
    create trigger needs_agent before update on public.leads
      for each row when (new.phone = '+14155550177') execute function public.refuse()`,
  "a trigger that refuses the follow-up": `
    create trigger needs_agent before update on public.follow_ups
      for each row when (new.message = 'refused' and new.status = 'completed')
      execute function public.refuse()`,
};
for (const [name, trigger] of Object.entries(refusing)) {
  Deno.test(`record: ${name} keeps no result from being stored, its own neither`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const refused = await insertFollowUp(sql, {
      lead: { phone: "+14155550177" },
      message: "refused",
    });
    const other = await insertFollowUp(sql);
    await sql.unsafe(`
      create function public.refuse() returns trigger language plpgsql as $$
      begin raise 'A contacted lead needs an agent'; end $$;
      ${trigger}`);
    const opened = await open(sql, await claim(sql));
    assert.equal((await record(sql, opened, { status: "accepted" })).length, 2);
    const attempts = await sql`
      select follow_up_id, status, request_id is not null as has_request, error
      from public.call_attempts order by follow_up_id = ${other}`;
    assert.deepEqual(attempts.map(({ status, has_request }) => [status, has_request]), [
      ["accepted", true],
      ["accepted", true],
    ]);
    assert.match(attempts[0]!.error, /could not be marked: .*A contacted lead needs an agent/);
    assert.equal(attempts[1]!.error, null);
    const row = await followUp(sql, refused);
    if (trigger.includes("on public.leads")) {
      assert.equal(row.status, "completed");
      assert.match(row.reason ?? "", /^Called, but its lead could not be marked: A contacted/);
    }
    // Whatever becomes of the row: this call is not placed again.
    await sql`update public.call_attempts set status = 'ended', ended_at = now()`;
    await sql`update public.follow_ups set leased_until = now() - interval '1 second' where status = 'pending'`;
    assert.deepEqual(await claim(sql), []);
    const [lead] = await sql`
      select stage from public.leads join public.follow_ups on leads.id = lead_id
      where follow_ups.id = ${other}`;
    assert.deepEqual([(await followUp(sql, other)).status, lead!.stage], [
      "completed",
      "contacted",
    ]);
  });
}

// What a person said in a call, and that the call is over, is stored whatever the app's database refuses of what
// follows from it; the rest is noted, and tried again by each run.
import assert from "node:assert/strict";
import { connect, type Sql } from "../../supabase/local/postgres/connect.ts";
import {
  attempt,
  type CallEvent,
  freshOmniId,
  insertCall,
  type InsertedCall,
  recordEvent,
} from "../support/call_event.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { claim, followUp, open } from "../support/sql_contract.ts";

/** A part of what follows from a call, as the app's triggers refuse it. */
const PARTS = {
  lead: "update on public.leads",
  stage: "update of stage on public.leads",
  recall: "insert on public.follow_ups",
  "follow-up": "update on public.follow_ups",
  "taking back": "delete on public.follow_ups",
};
type Part = keyof typeof PARTS;

/** From now on the app refuses this, with this SQLSTATE. */
async function refuse(sql: Sql, part: Part, code = "P0001"): Promise<void> {
  await sql.unsafe(`
    create or replace function public.refuse() returns trigger language plpgsql as
    $$ begin raise exception 'app: not so' using errcode = '${code}'; end $$`);
  await sql.unsafe(`
    create trigger refuse before ${PARTS[part]} for each row execute function public.refuse()`);
}

async function allow(sql: Sql, part: Part): Promise<void> {
  await sql.unsafe(`drop trigger refuse ${PARTS[part].replace(/^.* on/, "on")}`);
}

const WISH = { extracted_variables: { do_not_call: "true" } };

async function stopped(sql: Sql): Promise<string[]> {
  return (await sql<{ number: string }[]>`select number from public.do_not_call`)
    .map(({ number }) => number);
}

/** The events of an attempt, oldest first. */
async function events(sql: Sql, { attempt_id }: InsertedCall) {
  const rows = await sql<{ status: string; reason: string | null }[]>`
    select status, reason from public.call_events where attempt_id = ${attempt_id}
    order by received_at`;
  return rows.map((row) => ({ ...row }));
}

/** What the app has refused, and is to be tried again. */
async function refusedParts(sql: Sql, { attempt_id }: InsertedCall): Promise<string[]> {
  const [row] = await sql<{ refused_parts: string[] }[]>`
    select refused_parts from public.call_attempts where id = ${attempt_id}`;
  return row!.refused_parts;
}

async function lead(sql: Sql, { lead_id }: InsertedCall) {
  const [row] =
    await sql`select stage, call_date, raw_payload from public.leads where id = ${lead_id}`;
  return row!;
}

/** What was planned after the call. */
async function planned(sql: Sql, { attempt_id }: InsertedCall) {
  const rows = await sql<{ id: string; is_callback: boolean }[]>`
    select id, is_callback from public.follow_ups where recall_of = ${attempt_id}`;
  return [...rows];
}

async function stale(sql: Sql): Promise<number> {
  return (await sql<{ stale: number }[]>`select stale from public.dispatch_backlog()`)[0]!.stale;
}

async function rescue(sql: Sql): Promise<void> {
  await sql`select public.rescue_stale_attempts()`;
}

/** All that a report may write, but for the moment at which a row was written. */
async function allRows(sql: Sql): Promise<string> {
  const [row] = await sql<{ rows: string }[]>`
    select jsonb_build_array(
      (select jsonb_agg(to_jsonb(r) - 'updated_at' order by r.id) from public.leads r),
      (select jsonb_agg(to_jsonb(r) - 'updated_at' order by r.id) from public.follow_ups r),
      (select jsonb_agg(to_jsonb(r) order by r.id) from public.call_attempts r),
      (select jsonb_agg(to_jsonb(r) order by r.id) from public.call_events r),
      (select jsonb_agg(to_jsonb(r) order by r.id) from public.do_not_call r),
      (select count(*) from public.dispatch_requests)
    )::text as rows`;
  return row!.rows;
}

const refusals: [Part, string, Partial<CallEvent>][] = [
  ["lead", "accepted", { outcome: "completed" }],
  ["recall", "accepted", { outcome: "no_answer" }],
  ["follow-up", "unknown", { outcome: "completed" }],
];
for (const [part, status, told] of refusals) {
  Deno.test(`refused result: whoever asked not to be called is not rung again, though the app refuses the ${part}`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const call = await insertCall(sql, { status });
    await refuse(sql, part);
    const answer = await recordEvent(sql, { attempt_id: call.attempt_id, ...WISH, ...told });
    assert.equal(answer.verdict, "settled");
    assert.deepEqual(await stopped(sql), [call.to_number]);
    const row = await attempt(sql, call.attempt_id);
    assert.deepEqual([row.status, row.outcome], ["ended", told.outcome]);
    assert.match(row.error ?? "", /app: not so/);
    await allow(sql, part);
    await insertFollowUp(sql, { lead: { phone: call.to_number } });
    assert.deepEqual(await open(sql, await claim(sql)), []);
  });
}

Deno.test("refused result: when a person wants to be called is kept, and read, though the app refuses the lead", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql);
  await refuse(sql, "lead");
  const answer = await recordEvent(sql, {
    attempt_id: call.attempt_id,
    outcome: "completed",
    extracted_variables: { callback_time: "tomorrow at five" },
  });
  assert.equal(answer.callback_to_read, true);
  const [wish] = await sql`select callback_text from public.callbacks_to_read()`;
  assert.equal(wish!.callback_text, "tomorrow at five");
});

Deno.test("refused result: a lead that is refused keeps the recall from nothing, and says all that was refused", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql);
  await refuse(sql, "lead");
  await recordEvent(sql, { attempt_id: call.attempt_id });
  assert.equal((await planned(sql, call)).length, 1);
  assert.equal(
    (await attempt(sql, call.attempt_id)).error,
    "The lead could not be marked as called: app: not so. " +
      "The call's result could not be written to the lead: app: not so",
  );
  assert.deepEqual(await refusedParts(sql, call), ["lead", "result"]);
});

Deno.test("refused result: a stage that is refused keeps the result from nothing", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql);
  await refuse(sql, "stage");
  await recordEvent(sql, { attempt_id: call.attempt_id, outcome: "completed" });
  const { stage, call_date, raw_payload } = await lead(sql, call);
  assert.deepEqual([stage, raw_payload.call.outcome], ["new", "completed"]);
  assert.notEqual(call_date, null);
});

Deno.test("refused result: a recall that is refused keeps the lead from nothing, and is planned when the app allows it", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql);
  await refuse(sql, "recall");
  await recordEvent(sql, { attempt_id: call.attempt_id });
  const { stage, raw_payload } = await lead(sql, call);
  assert.deepEqual([stage, raw_payload.call.outcome], ["contacted", "no_answer"]);
  assert.equal(
    (await attempt(sql, call.attempt_id)).error,
    "The next call could not be planned: app: not so",
  );
  assert.equal(await stale(sql), 1);
  await rescue(sql);
  assert.equal(await stale(sql), 1);
  await allow(sql, "recall");
  await rescue(sql);
  assert.equal((await planned(sql, call)).length, 1);
  assert.equal((await attempt(sql, call.attempt_id)).error, null);
  assert.deepEqual(await refusedParts(sql, call), []);
  assert.equal(await stale(sql), 0);
});

Deno.test("refused result: a follow-up that is refused is completed, and its recall planned, when the app allows it", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  // Until it is completed, such an app has no room for the recall.
  await sql`create unique index one_open on public.follow_ups (lead_id) where status = 'pending'`;
  const call = await insertCall(sql, { status: "unknown" });
  await refuse(sql, "follow-up");
  await recordEvent(sql, { attempt_id: call.attempt_id });
  assert.equal((await followUp(sql, call.follow_up_id)).status, "pending");
  assert.deepEqual(await planned(sql, call), []);
  assert.deepEqual(await refusedParts(sql, call), ["lead", "follow_up", "next_call"]);
  await allow(sql, "follow-up");
  await rescue(sql);
  assert.equal((await followUp(sql, call.follow_up_id)).status, "completed");
  assert.equal((await lead(sql, call)).stage, "contacted");
  assert.equal((await planned(sql, call)).length, 1);
  assert.equal(await stale(sql), 0);
});

for (
  const change of [
    "delete from public.follow_ups",
    "update public.follow_ups set due_at = '2030-01-01'",
  ]
) {
  Deno.test(`refused result: what a person made of a recall meanwhile stands, while the follow-up is refused: ${change}`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const call = await insertCall(sql, { status: "unknown" });
    await sql`
      alter table public.follow_ups add constraint never_done check (status <> 'completed')`;
    await recordEvent(sql, { attempt_id: call.attempt_id, outcome: "no_answer" });
    assert.equal((await planned(sql, call)).length, 1);
    await sql.unsafe(`${change} where source = 'recall'`);
    const before = await planned(sql, call);
    await rescue(sql);
    assert.deepEqual(await planned(sql, call), before);
  });
}

Deno.test("refused result: a follow-up that was refused, and is due for another call since, stays due", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql, { status: "unknown" });
  await refuse(sql, "follow-up");
  await recordEvent(sql, { attempt_id: call.attempt_id, outcome: "completed" });
  await allow(sql, "follow-up");
  await sql`update public.follow_ups set due_at = now() where id = ${call.follow_up_id}`;
  await rescue(sql);
  assert.equal((await followUp(sql, call.follow_up_id)).status, "pending");
  assert.equal((await lead(sql, call)).stage, "contacted");
  assert.deepEqual(await refusedParts(sql, call), []);
  assert.equal((await claim(sql)).length, 1);
});

Deno.test("refused result: of a call that was held, the follow-up is completed without its lead", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql, { status: "unknown" });
  await refuse(sql, "stage");
  await recordEvent(sql, { attempt_id: call.attempt_id });
  assert.equal((await followUp(sql, call.follow_up_id)).status, "completed");
  assert.deepEqual(await refusedParts(sql, call), ["lead"]);
  await allow(sql, "stage");
  await rescue(sql);
  assert.equal((await lead(sql, call)).stage, "contacted");
});

Deno.test("refused result: a recall that somebody deletes, and a number that somebody strikes off the list, do not come again with the lead", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql);
  await refuse(sql, "lead");
  await recordEvent(sql, { attempt_id: call.attempt_id, ...WISH });
  const [recall] = await planned(sql, call);
  await sql`delete from public.follow_ups where id = ${recall!.id}`;
  await sql`delete from public.do_not_call where true`;
  const requests = await sql`select from public.dispatch_requests`;
  await allow(sql, "lead");
  await rescue(sql);
  assert.equal((await lead(sql, call)).raw_payload.call.outcome, "no_answer");
  assert.deepEqual(await planned(sql, call), []);
  assert.deepEqual(await stopped(sql), []);
  assert.equal((await sql`select from public.dispatch_requests`).length, requests.length);
});

Deno.test("refused result: a follow-up that somebody reopens is not completed with the lead", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql, { status: "unknown" });
  await refuse(sql, "stage");
  await recordEvent(sql, { attempt_id: call.attempt_id, outcome: "completed" });
  await sql`
    update public.follow_ups set status = 'pending', due_at = now() + interval '1 day'
    where id = ${call.follow_up_id}`;
  await allow(sql, "stage");
  await rescue(sql);
  assert.equal((await lead(sql, call)).stage, "contacted");
  assert.equal((await followUp(sql, call.follow_up_id)).status, "pending");
});

Deno.test("refused result: the same report again changes nothing, and a run that is refused again neither", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql);
  await refuse(sql, "lead");
  const told = { attempt_id: call.attempt_id, call_id: freshOmniId(), ...WISH };
  const answer = await recordEvent(sql, told);
  const before = await allRows(sql);
  assert.deepEqual(await recordEvent(sql, told), answer);
  assert.equal(await allRows(sql), before);
  await rescue(sql);
  assert.equal(await allRows(sql), before);
});

Deno.test("refused result: of a call that was told of twice what was refused is due once", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql);
  await refuse(sql, "lead");
  const told = { attempt_id: call.attempt_id, call_id: freshOmniId() };
  await recordEvent(sql, told, new Date(Date.now() - 60_000));
  await recordEvent(sql, { ...told, summary: "Nobody picked up" });
  assert.equal(await stale(sql), 1);
});

Deno.test("refused result: one that is refused keeps no other from being tried again", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const calls = [await insertCall(sql), await insertCall(sql), await insertCall(sql)];
  await refuse(sql, "recall");
  for (const { attempt_id } of calls) await recordEvent(sql, { attempt_id });
  await allow(sql, "recall");
  const refused = calls.map(({ attempt_id }) => attempt_id).sort()[0]!;
  await sql.unsafe(`
    create trigger refuse before insert on public.follow_ups
    for each row when (new.recall_of = '${refused}') execute function public.refuse()`);
  await rescue(sql);
  for (const call of calls) {
    assert.equal((await planned(sql, call)).length, call.attempt_id === refused ? 0 : 1);
  }
});

Deno.test("refused result: what passes is told, nothing is stored, and the report is taken when it comes again", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  for (const part of ["lead", "recall", "follow-up"] as const) {
    const call = await insertCall(sql, { status: part === "follow-up" ? "unknown" : "accepted" });
    for (const code of ["40P01", "55P03", "40001"]) {
      const before = await allRows(sql);
      await refuse(sql, part, code);
      const told = { attempt_id: call.attempt_id, ...WISH };
      await assert.rejects(recordEvent(sql, told), { code });
      await allow(sql, part);
      assert.equal(await allRows(sql), before);
    }
    assert.equal((await recordEvent(sql, { attempt_id: call.attempt_id })).verdict, "settled");
  }
});

/** A callback that was planned, and the better report by which nobody asked for it. */
async function callbackPlanned(sql: Sql): Promise<[InsertedCall, Partial<CallEvent>]> {
  const call = await insertCall(sql);
  const told = { attempt_id: call.attempt_id, outcome: "completed" };
  await recordEvent(sql, {
    ...told,
    call_id: freshOmniId(),
    duration_seconds: 5,
    extracted_variables: { callback_time: "later" },
  });
  const moment = new Date(Date.now() + 3600_000);
  await sql`select public.plan_callback(${call.attempt_id}, 'later', null, ${moment})`;
  assert.equal((await planned(sql, call)).length, 1);
  return [call, { ...told, call_id: freshOmniId(), duration_seconds: 60 }];
}

Deno.test("refused result: a callback that cannot be taken back is taken back when the app allows it", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const [call, better] = await callbackPlanned(sql);
  await refuse(sql, "taking back");
  await recordEvent(sql, { ...better, ...WISH });
  assert.deepEqual(await stopped(sql), [call.to_number]);
  assert.match(
    (await attempt(sql, call.attempt_id)).error ?? "",
    /^The callback could not be taken back: app: not so/,
  );
  await allow(sql, "taking back");
  await rescue(sql);
  assert.deepEqual(await planned(sql, call), []);
  assert.equal((await attempt(sql, call.attempt_id)).error, null);
});

Deno.test("refused result: a further report takes back what the one before it could not", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const [call, better] = await callbackPlanned(sql);
  await refuse(sql, "taking back");
  await recordEvent(sql, better);
  await allow(sql, "taking back");
  await recordEvent(sql, { ...better, summary: "Sold" });
  assert.deepEqual(await planned(sql, call), []);
  assert.equal(await stale(sql), 0);
});

Deno.test("refused result: what was planned for a newer wish is not taken back for the one before it", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const [call, better] = await callbackPlanned(sql);
  await refuse(sql, "taking back");
  await recordEvent(sql, { ...better, extracted_variables: { callback_time: "tonight" } });
  const moment = new Date(Date.now() + 7200_000);
  await sql`select public.plan_callback(${call.attempt_id}, 'tonight', null, ${moment})`;
  await allow(sql, "taking back");
  await rescue(sql);
  assert.equal((await planned(sql, call))[0]!.is_callback, true);
});

Deno.test("refused result: a callback stays planned while its lead is tried again", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const [call] = await callbackPlanned(sql);
  await refuse(sql, "lead");
  await recordEvent(sql, { attempt_id: call.attempt_id, outcome: "no_answer" });
  await rescue(sql);
  assert.equal((await planned(sql, call))[0]!.is_callback, true);
});

Deno.test("refused result: that a callback cannot be taken back now is told, and asked again", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const [call, better] = await callbackPlanned(sql);
  await refuse(sql, "taking back", "55P03");
  await assert.rejects(recordEvent(sql, better), { code: "55P03" });
  await allow(sql, "taking back");
  await recordEvent(sql, better);
  assert.deepEqual(await planned(sql, call), []);
});

Deno.test("refused result: a report that our own tables refuse stays parked, and is settled when they do not any more", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql);
  await sql`
    alter table public.do_not_call add constraint full_up check (added_by <> 'call') not valid`;
  const answer = await recordEvent(sql, { attempt_id: call.attempt_id, ...WISH });
  assert.equal(answer.verdict, "parked");
  assert.match((await events(sql, call))[0]!.reason!, /^Could not be settled: .*full_up/);
  assert.equal((await attempt(sql, call.attempt_id)).status, "accepted");
  await sql`alter table public.do_not_call drop constraint full_up`;
  await rescue(sql);
  assert.deepEqual(await stopped(sql), [call.to_number]);
});

async function resolve(sql: Sql, { attempt_id }: InsertedCall, verdict: string): Promise<boolean> {
  const [row] = await sql<{ resolved: boolean }[]>`
    select public.resolve_call_attempt(${attempt_id}, ${verdict}) as resolved`;
  return row!.resolved;
}

Deno.test("refused result: a person may say that a call was placed, though the app refuses the lead", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql, { status: "unknown", error: "No reply" });
  await refuse(sql, "lead");
  assert.equal(await resolve(sql, call, "placed"), true);
  const row = await attempt(sql, call.attempt_id);
  assert.deepEqual([row.status, row.reported_by], ["ended", "operator"]);
  assert.match(row.error ?? "", /could not be marked: app: not so$/);
  assert.equal((await followUp(sql, call.follow_up_id)).status, "completed");
});

for (const verdict of ["placed", "not_placed"]) {
  const status = verdict === "placed" ? "ended" : "abandoned";
  Deno.test(`refused result: a person may say that a call was ${verdict}, though the app refuses the follow-up`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const call = await insertCall(sql, { status: "unknown", error: "No reply" });
    await refuse(sql, "follow-up", "40001");
    await assert.rejects(resolve(sql, call, verdict), { code: "40001" });
    assert.equal((await attempt(sql, call.attempt_id)).status, "unknown");
    await allow(sql, "follow-up");
    await refuse(sql, "follow-up");
    assert.equal(await resolve(sql, call, verdict), true);
    const row = await attempt(sql, call.attempt_id);
    assert.equal(row.status, status);
    assert.match(row.error ?? "", /could not be (marked|written): app: not so/);
    await allow(sql, "follow-up");
    const opened = await open(sql, await claim(sql));
    assert.equal(opened.length, verdict === "placed" ? 0 : 1);
  });
}

Deno.test("refused results: a row that others hold keeps the parts of other calls from nothing", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await refuse(sql, "lead");
  const [held, free] = [await insertCall(sql), await insertCall(sql)];
  for (const { attempt_id } of [held, free]) await recordEvent(sql, { attempt_id });
  await allow(sql, "lead");
  const app = connect(database.url, { max: 1 });
  try {
    await app.begin(async (transaction) => {
      await transaction`select from public.leads where id = ${held.lead_id} for update`;
      await sql`select public.settle_parked_events()`;
      assert.deepEqual(await refusedParts(sql, free), []);
      assert.notDeepEqual(await refusedParts(sql, held), []);
    });
  } finally {
    await app.end();
  }
  await sql`select public.settle_parked_events()`;
  assert.deepEqual(await refusedParts(sql, held), []);
});

Deno.test("refused results: a part that the app refuses for ever does not keep a later one waiting", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql);
  await refuse(sql, "lead");
  await recordEvent(sql, { attempt_id: call.attempt_id });
  // Of calls without a lead nothing comes: 600 that stay as they are, and are older.
  await sql`
    insert into public.call_attempts (
      follow_up_id, lead_id, lease_token, to_number, status, opened_at, sending_until, ended_at, refused_parts
    )
    select gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), '+1415556' || lpad(n::text, 4, '0'), 'ended',
      now() - interval '1 hour', now() - interval '1 hour', now() - interval '1 hour',
      array['lead']
    from generate_series(1, 600) as n`;
  await allow(sql, "lead");
  for (let run = 0; run < 40 && (await refusedParts(sql, call)).length > 0; run += 1) {
    await sql`select public.settle_parked_events()`;
    await sql`
      update public.call_attempts set refused_parts = array['lead'] where follow_up_id not in (
        select id from public.follow_ups
      )`;
  }
  assert.deepEqual(await refusedParts(sql, call), []);
});

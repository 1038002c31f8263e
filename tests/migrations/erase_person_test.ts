import assert from "node:assert/strict";
import { connect, type Sql } from "../../supabase/local/postgres/connect.ts";
import { attempt, insertCall, recordEvent } from "../support/call_event.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { insertLead } from "../support/insert_lead.ts";
import { claim, followUp, open } from "../support/sql_contract.ts";

const NUMBER = "+14155557861";
const DIGITS = "4155557861";
const STOPPED = "Number is on the stop list";

interface Erasure {
  erased: boolean;
  why_not: string | null;
  leads: number;
  follow_ups: number;
  call_attempts: number;
  call_events: number;
  call_pauses: number;
  stopped_numbers: number;
}

const NOTHING = {
  leads: 0,
  follow_ups: 0,
  call_attempts: 0,
  call_events: 0,
  call_pauses: 0,
};

async function erase(
  sql: Sql,
  { number = null, leadIds = [] }: { number?: string | null; leadIds?: string[] },
): Promise<Erasure> {
  const [row] = await sql<Erasure[]>`
    select * from public.erase_person(${number}, ${`{${leadIds.join(",")}}`}::text::uuid[])`;
  return { ...row! };
}

/** The tables, of every schema, with a row in which one of the words stands. */
async function tablesWith(sql: Sql, ...words: string[]): Promise<string[]> {
  const tables = await sql<{ name: string }[]>`
    select format('%I.%I', nspname, relname) as name
    from pg_class join pg_namespace on pg_namespace.oid = relnamespace
    where relkind in ('r', 'p') and nspname not in ('pg_catalog', 'information_schema')
      -- All numbers of the world stand there.
      and relname <> 'number_prefixes'`;
  assert.ok(tables.length > 15);
  const found: string[] = [];
  for (const { name } of tables) {
    for (const word of words) {
      const rows = await sql.unsafe(
        `select from ${name} as row where strpos(row::text, '${word}') > 0 limit 1`,
      );
      if (rows.length > 0) found.push(`${name}: ${word}`);
    }
  }
  return found;
}

/** All rows of all tables that an erasure may touch. */
async function allRows(sql: Sql): Promise<string> {
  const [row] = await sql<{ rows: string }[]>`
    select jsonb_build_array(
      (select jsonb_agg(to_jsonb(r) order by r.id) from public.leads r),
      (select jsonb_agg(to_jsonb(r) order by r.id) from public.follow_ups r),
      (select jsonb_agg(to_jsonb(r) order by r.id) from public.call_attempts r),
      (select jsonb_agg(to_jsonb(r) order by r.id) from public.call_events r),
      (select jsonb_agg(to_jsonb(r) order by r.id) from public.call_pauses r),
      (select jsonb_agg(to_jsonb(r) order by r.id) from public.do_not_call r),
      (select jsonb_agg(to_jsonb(r) order by r.id) from public.seed_candidates r)
    )::text as rows`;
  return row!.rows;
}

/** A call that was reported with all that a report can tell, and left its marks everywhere. */
async function reportedCall(sql: Sql, columns: Parameters<typeof insertCall>[1] = {}) {
  const call = await insertCall(sql, { to_number: NUMBER, ...columns });
  await recordEvent(sql, {
    attempt_id: call.attempt_id,
    request_id: call.request_id,
    call_id: "900123",
    to_number: NUMBER,
    outcome: "completed",
    duration_seconds: 42,
    recording_url: "https://recordings.test/zaphod",
    summary: "Zaphod wants to visit",
    extracted_variables: { callback_time: "after Zaphod's lunch" },
  });
  return call;
}

const PERSONAL = [DIGITS, "Zaphod", "zaphod", "900123"];

Deno.test("erase: no table of any schema holds the person afterwards, and others are untouched", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const bystander = await insertCall(sql, { status: "ended", outcome: "completed" });
  await recordEvent(sql, { attempt_id: bystander.attempt_id, summary: "Somebody else" });
  await sql`insert into public.call_pauses (lead_id, reason) values (${bystander.lead_id}, 'Theirs')`;
  const kept = await allRows(sql);

  const lead = { customer_name: "Zaphod", raw_payload: { note: "Zaphod" } };
  await reportedCall(sql, { lead });
  const spelled = await insertLead(sql, { ...lead, phone: "001 (415) 555-78-61" });
  await insertFollowUp(sql, { lead_id: spelled, message: "For Zaphod", channel: "whatsapp" });
  await sql`insert into public.call_pauses (lead_id, reason) values (${spelled}, 'Zaphod asked')`;
  // As it was dialled, it is known to be the same number.
  const national = await insertLead(sql, { ...lead, phone: "(415) 555-7861" });
  await insertCall(sql, {
    lead_id: national,
    to_number: NUMBER,
    status: "refused",
    error: `No such number: ${NUMBER}`,
  });
  await recordEvent(sql, { to_number: NUMBER, summary: "Zaphod, by no attempt of ours" });
  await recordEvent(sql, { to_number: "14155557861", direction: "inbound", summary: "Zaphod" });
  await sql`insert into public.do_not_call (number, reason) values (${NUMBER}, 'Zaphod wrote')`;
  await sql`
    insert into public.shadow_decisions (lead_id, decided_at, decision, reason, seen_dispatch)
    values (${spelled}, now(), 'wait', 'Paused: Zaphod', '{"to": "Zaphod"}')`;
  await sql`select public.set_aside(id, 'lead', 'app: Zaphod is archived') from public.leads
    where customer_name = 'Zaphod'`;
  assert.ok((await tablesWith(sql, ...PERSONAL)).length > 12);

  assert.deepEqual(await erase(sql, { number: NUMBER }), {
    erased: true,
    why_not: null,
    leads: 3,
    follow_ups: 3,
    call_attempts: 2,
    call_events: 3,
    call_pauses: 1,
    stopped_numbers: 1,
  });
  assert.deepEqual(await tablesWith(sql, ...PERSONAL), []);
  await sql`delete from public.do_not_call where added_by = 'erasure'`;
  await sql`delete from public.call_attempts where erased_at is not null`;
  assert.equal(await allRows(sql), kept);
});

Deno.test("erase: a table that may tell of a person is one that erasing knows", async () => {
  await using database = await freshDatabase();
  const tables = await database.sql<{ name: string }[]>`
    select distinct relation.relname::text as name
    from pg_class as relation
    join pg_attribute as attribute on attribute.attrelid = relation.oid
    where relation.relnamespace = 'public'::regnamespace and relation.relkind = 'r'
      and attribute.attname in ('lead_id', 'follow_up_id', 'attempt_id', 'phone', 'number', 'to_number',
        'customer_name', 'summary', 'recording_url', 'row_id')
    order by name`;
  assert.deepEqual(tables.map(({ name }) => name), [
    "call_attempts",
    "call_events",
    "call_pauses",
    "do_not_call",
    "follow_ups",
    "given_up_follow_ups",
    "leads",
    "seed_candidates",
    "set_aside_rows",
    "shadow_decisions",
  ]);
});

Deno.test("erase: what the app's database said of their rows goes with them, and of others' stays", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const ids: string[] = [];
  for (const lead of [{ phone: NUMBER }, {}]) {
    const id = await insertFollowUp(sql, { lead });
    const [row] = await sql`select lead_id from public.follow_ups where id = ${id}`;
    ids.push(id, row!.lead_id);
  }
  const gone = crypto.randomUUID();
  for (const id of [...ids, gone]) {
    await sql`select public.set_aside(${id}, 'follow_up', 'app: no calls to +14155557861')`;
  }
  assert.equal((await erase(sql, { number: NUMBER })).erased, true);
  const left = await sql`select row_id from public.set_aside_rows order by row_id`;
  assert.deepEqual(left.map((row) => row.row_id), ids.slice(2).sort());
});

Deno.test("erase: that their calls were given up is forgotten with them, and of others kept", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await insertFollowUp(sql, { lead: { phone: NUMBER } });
  const bystander = await insertFollowUp(sql);
  await sql`update public.follow_ups set status = 'failed' where status = 'pending'`;
  const noted = async () =>
    (await sql`select follow_up_id from public.given_up_follow_ups`).map((row) => row.follow_up_id);
  assert.equal((await noted()).length, 2);
  await erase(sql, { number: NUMBER });
  assert.deepEqual(await noted(), [bystander]);
});

Deno.test("erase: that calls were made, when and how they ended stays, and so do the counts", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await reportedCall(sql);
  await insertCall(sql, { status: "ended", outcome: "no_answer" });
  const counts = async () =>
    JSON.stringify([
      await sql`select * from public.calls_daily`,
      await sql`select * from public.calls_by_outcome`,
      await sql`select * from public.calls_by_hour`,
    ]);
  const [before, row] = [await counts(), await attempt(sql, call.attempt_id)];
  await erase(sql, { number: NUMBER });
  assert.equal(await counts(), before);
  const after = await attempt(sql, call.attempt_id);
  for (const key of ["status", "outcome", "ended_at", "duration_seconds", "request_id"] as const) {
    assert.deepEqual(after[key], row[key], key);
  }
});

Deno.test("erase: imported again tomorrow, the person is refused at the claim and at the opening", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await reportedCall(sql);
  await erase(sql, { number: NUMBER });
  const [seeded] = await sql`select public.seed_follow_ups() as made`;
  assert.equal(seeded!.made, 0);

  const again = await insertLead(sql, { phone: "+1 415 555 7861" });
  const national = await insertLead(sql, { phone: "415 555 7861" });
  const other = await insertLead(sql, { phone: "+14155550124" });
  const [made] = await sql`select public.seed_follow_ups() as made`;
  assert.equal(made!.made, 3);
  const claimed = await claim(sql);
  assert.deepEqual(claimed.map(({ lead_id }) => lead_id).sort(), [national, other].sort());
  const opened = await open(sql, claimed, {
    numbers: claimed.map(({ lead_id }) => lead_id === national ? NUMBER : "+14155550124"),
  });
  assert.equal(opened.length, 1);
  const rows = await sql`select lead_id, status::text, reason from public.follow_ups`;
  const of = (id: string) =>
    rows.filter((row) => row.lead_id === id).map((row) => [row.status, row.reason]);
  assert.deepEqual(of(again), [["failed", STOPPED]]);
  assert.deepEqual(of(national), [["failed", STOPPED]]);
  assert.deepEqual(of(other), [["pending", null]]);
  await sql`select public.note_unseeded_leads()`;
  const [more] = await sql`select public.seed_follow_ups() as made`;
  assert.equal(more!.made, 0);
});

Deno.test("erase: the stop list holds a hash in place of the number, and prefixes go on", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`insert into public.do_not_call (number) values (${NUMBER}), ('+1900*'), ('+14155550199')`;
  await erase(sql, { number: "+1 (415) 555-7861" });
  const entries = await sql`
    select number, number_hash = public.stop_list_hash(${NUMBER}) as is_hash, added_by
    from public.do_not_call order by number`;
  assert.deepEqual(entries.map((row) => ({ ...row })), [
    { number: "+14155550199", is_hash: null, added_by: "operator" },
    { number: "+1900*", is_hash: null, added_by: "operator" },
    { number: null, is_hash: true, added_by: "erasure" },
  ]);
  const stopped = await sql`
    select number, public.is_on_stop_list(number) as stopped
    from unnest(${[NUMBER, "+19005550123", "+14155550199", "+14155550124"]}::text[]) as number`;
  assert.deepEqual(stopped.map((row) => row.stopped), [true, true, true, false]);
  const [none] = await sql`select public.is_on_stop_list(null) as stopped`;
  assert.equal(none!.stopped, false);
  // What an operator does who may call the number again.
  await sql`delete from public.do_not_call where number_hash = public.stop_list_hash(${NUMBER})`;
  const [row] = await sql`select public.is_on_stop_list(${NUMBER}) as stopped`;
  assert.equal(row!.stopped, false);
});

Deno.test("erase: an entry has a number or its hash, never both and never none", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  for (
    const [number, hash] of [[null, null], [NUMBER, "0".repeat(64)], [null, NUMBER], [
      null,
      "A".repeat(64),
    ]]
  ) {
    await assert.rejects(
      sql`insert into public.do_not_call (number, number_hash) values (${number!}, ${hash!})`
        .execute(),
      /check constraint/,
    );
  }
});

Deno.test("erase: the hash is keyed, and no change of the key is taken", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  for (
    const change of [
      sql`update public.stop_list_key set key = sha256('x')`,
      sql`delete from public.stop_list_key`,
      sql`truncate public.stop_list_key`,
    ]
  ) await assert.rejects(change.execute(), /Cannot change the key of the stop list/);
  const [row] = await sql`
    select public.stop_list_hash(${NUMBER}) as keyed,
      encode(sha256(${NUMBER}::text::bytea), 'hex') as plain`;
  assert.match(row!.keyed, /^[0-9a-f]{64}$/);
  assert.notEqual(row!.keyed, row!.plain);
});

Deno.test("erase: with the key gone, nobody is called rather than the erased", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await erase(sql, { number: NUMBER });
  await insertFollowUp(sql);
  await sql`alter table public.stop_list_key disable trigger all`;
  await sql`delete from public.stop_list_key`;
  await assert.rejects(claim(sql), /Cannot read the stop list: stop_list_key is empty/);
  assert.equal((await sql`select from public.call_attempts`).length, 0);
});

for (
  const [status, words] of Object.entries({
    sending: /^a call is just being placed: ask again in a few minutes$/,
    accepted: /^a call is under way: ask again when it is over, at the latest a while after \d{4}-/,
    unknown:
      /^a call may or may not have been placed: look into Omni's call log, then select resolve/,
  })
) {
  Deno.test(`erase: while a call is ${status} nothing goes, and nobody is called any more`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const call = await insertCall(sql, { to_number: NUMBER, status });
    const waiting = await insertFollowUp(sql, {
      lead_id: await insertLead(sql, { phone: "+1 415 555 7861" }),
    });
    const { erased, why_not, ...counts } = await erase(sql, { number: NUMBER });
    assert.deepEqual([erased, counts], [false, { ...NOTHING, stopped_numbers: 1 }]);
    assert.match(why_not!, words);
    assert.equal((await attempt(sql, call.attempt_id)).status, status);
    assert.equal((await sql`select from public.leads`).length, 2);
    assert.deepEqual(await claim(sql), []);
    assert.equal((await followUp(sql, waiting)).reason, STOPPED);

    // Its report is taken as ever.
    const answer = await recordEvent(sql, {
      attempt_id: call.attempt_id,
      outcome: "completed",
      to_number: NUMBER,
    });
    assert.equal(answer.verdict, "settled");
    const later = await erase(sql, { number: NUMBER });
    assert.deepEqual([later.erased, later.leads, later.call_attempts], [true, 2, 1]);
    assert.deepEqual(await tablesWith(sql, DIGITS), []);
  });
}

Deno.test("erase: the report of a live call waits for its reply, though the number is stopped", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql, { to_number: NUMBER, status: "sending" });
  assert.equal((await erase(sql, { number: NUMBER })).erased, false);
  const answer = await recordEvent(sql, { request_id: "555", to_number: NUMBER });
  assert.equal(answer.verdict, "parked");
  const results = [{
    attempt_id: call.attempt_id,
    lease_token: call.lease_token,
    status: "accepted",
    request_id: "555",
  }];
  await sql`select * from public.record_dispatch_results(${JSON.stringify(results)}::text::jsonb)`;
  assert.equal((await attempt(sql, call.attempt_id)).status, "ended");
  assert.equal((await erase(sql, { number: NUMBER })).erased, true);
  assert.deepEqual(await tablesWith(sql, DIGITS), []);
});

Deno.test("erase: a live call of the lead to another number is waited for as well", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql, { to_number: "+14155550777", lead: { phone: NUMBER } });
  assert.equal((await erase(sql, { number: NUMBER })).erased, false);
  assert.equal((await attempt(sql, call.attempt_id)).status, "accepted");
});

Deno.test("erase: asked twice, or for somebody unknown, it finds nothing and still stops the number", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await reportedCall(sql);
  await erase(sql, { number: NUMBER });
  const before = await allRows(sql);
  assert.deepEqual(await erase(sql, { number: NUMBER }), {
    erased: true,
    why_not: null,
    ...NOTHING,
    stopped_numbers: 1,
  });
  assert.equal(await allRows(sql), before);
  assert.deepEqual(await erase(sql, { leadIds: [crypto.randomUUID()] }), {
    erased: true,
    why_not: null,
    ...NOTHING,
    stopped_numbers: 0,
  });
  await erase(sql, { number: "+14155550999" });
  const [row] = await sql`select public.is_on_stop_list('+14155550999') as stopped`;
  assert.equal(row!.stopped, true);
});

Deno.test("erase: by a lead, all leads with its number; a number it had before is stopped, not erased", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const former = "+14155550777";
  const lead = await insertLead(sql, { phone: NUMBER });
  const twin = await insertLead(sql, { phone: "+1 415 555 78 61" });
  await insertCall(sql, { lead_id: lead, to_number: former, status: "ended" });
  const stranger = await insertLead(sql, { phone: former });
  const theirs = await insertCall(sql, { lead_id: stranger, to_number: former, status: "ended" });
  const result = await erase(sql, { leadIds: [lead] });
  assert.deepEqual(
    [result.erased, result.leads, result.call_attempts, result.stopped_numbers],
    [true, 2, 1, 2],
  );
  assert.deepEqual((await sql`select id from public.leads`).map(({ id }) => id), [stranger]);
  assert.equal((await sql`select from public.leads where id = ${twin}`).length, 0);
  const [kept] =
    await sql`select to_number from public.call_attempts where id = ${theirs.attempt_id}`;
  assert.equal(kept!.to_number, former);
  const stopped = await sql`
    select public.is_on_stop_list(n) as stopped from unnest(${[NUMBER, former]}::text[]) as n`;
  assert.deepEqual(stopped.map((row) => row.stopped), [true, true]);
});

Deno.test("erase: a lead that was deleted before leaves calls, and they are emptied by its id", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await reportedCall(sql);
  await sql`delete from public.leads where id = ${call.lead_id}`;
  const { call_attempts, call_events, stopped_numbers } = await erase(sql, {
    leadIds: [call.lead_id],
  });
  assert.deepEqual([call_attempts, call_events, stopped_numbers], [1, 1, 1]);
  assert.deepEqual(await tablesWith(sql, ...PERSONAL), []);
});

Deno.test("erase: a number that only ends alike, or cannot be read, is somebody else's", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  for (const phone of ["+44 155557861", "+24155557861", "4155557861", "+1 415 555 7861 9", ""]) {
    await insertLead(sql, { phone });
  }
  const before = await sql`select id from public.leads order by id`;
  assert.equal((await erase(sql, { number: NUMBER })).leads, 0);
  assert.deepEqual(await sql`select id from public.leads order by id`, before);
});

for (
  const [what, args, message] of [
    ["neither number nor lead", {}, /neither number nor lead_ids is given/],
    ["a number without its country", { number: "415 555 7861" }, /number is not in E\.164/],
    ["no number at all", { number: "Zaphod" }, /number is not in E\.164/],
  ] as const
) {
  Deno.test(`erase: ${what} is refused, and not repeated in the message`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await insertLead(sql, { phone: "415 555 7861" });
    const before = await allRows(sql);
    await assert.rejects(erase(sql, args), (error: Error) => {
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /555|Zaphod/);
      return true;
    });
    assert.equal(await allRows(sql), before);
  });
}

// What comes later.

Deno.test("erase: a report that comes afterwards is not stored, whatever it names the call by", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql, { to_number: NUMBER, status: "ended" });
  const request_id = call.request_id;
  await erase(sql, { number: NUMBER });
  const before = await allRows(sql);
  const told = {
    to_number: NUMBER,
    summary: "Zaphod",
    recording_url: "https://recordings.test/zaphod",
    outcome: "completed",
    extracted_variables: { do_not_call: "yes", callback_time: "tomorrow at ten" },
  };
  for (
    const named of [
      { attempt_id: call.attempt_id },
      { attempt_id: call.attempt_id, request_id, call_id: "900123" },
      { request_id },
      { request_id, source: "call_log" as const },
      { request_id: "777" },
      { call_id: "900123", to_number: "14155557861" },
      { direction: "inbound", to_number: "001 415 555 7861" },
    ]
  ) {
    const answer = await recordEvent(sql, { ...told, ...named });
    assert.equal(answer.verdict, "ignored", JSON.stringify(named));
    assert.equal(answer.callback_to_read, false);
  }
  assert.equal(await allRows(sql), before);
  const other = await recordEvent(sql, { ...told, to_number: "+14155550124", request_id: "778" });
  assert.equal(other.verdict, "parked");
});

Deno.test("erase: a reply, a look into the log or a hand that comes afterwards stores nothing of the person", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql, { to_number: NUMBER, status: "ended", request_id: null });
  await erase(sql, { number: NUMBER });
  const before = await attempt(sql, call.attempt_id);
  const results = [{
    attempt_id: call.attempt_id,
    lease_token: call.lease_token,
    status: "accepted",
    request_id: "555",
    http_status: 200,
    response: { to: NUMBER },
  }];
  await sql`select * from public.record_dispatch_results(${JSON.stringify(results)}::text::jsonb)`;
  const verdicts = [{
    attempt_id: call.attempt_id,
    verdict: "cannot_tell",
    reason: `Another call to ${NUMBER} stands beside it`,
  }];
  await sql`select public.settle_call_attempts(${JSON.stringify(verdicts)}::text::jsonb)`;
  await sql`
    update public.call_attempts set summary = 'Zaphod', to_number = ${NUMBER}
    where id = ${call.attempt_id}`;
  const after = await attempt(sql, call.attempt_id);
  assert.deepEqual(
    { ...after, http_status: null, request_id: null, lookups: 0, looked_up_at: null },
    { ...before, looked_up_at: null },
  );
  assert.deepEqual(await tablesWith(sql, DIGITS, "Zaphod"), []);
  const due = await sql`
    select from public.attempts_to_settle(as_of => now() + interval '1 day')`;
  assert.equal(due.length, 0);
  await assert.rejects(
    sql`update public.call_attempts set status = 'accepted' where id = ${call.attempt_id}`
      .execute(),
    /a_live_call_is_not_erased/,
  );
});

Deno.test("erase: two people who are erased do not stand in each other's way", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  for (const to_number of [NUMBER, "+14155550124"]) {
    await insertCall(sql, { to_number, status: "ended", outcome: "completed" });
    await erase(sql, { number: to_number });
  }
  const emptied = await sql`select from public.call_attempts where to_number is null`;
  assert.equal(emptied.length, 2);
  // Neither counts for the budget of anybody else, nor of a number that is not known.
  const id = await insertFollowUp(sql, { lead: { phone: "+14155550125" } });
  assert.deepEqual((await claim(sql)).map(({ follow_up_id }) => follow_up_id), [id]);
});

// Real connections: each must wait for the other in the middle of its transaction.

Deno.test("erase: a report that was under way meanwhile is not kept", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql, { to_number: NUMBER, status: "ended" });
  const other = connect(database.url, { max: 1 });
  let report: Promise<unknown> | undefined;
  try {
    await sql.begin(async (tx) => {
      const [row] = await tx`select erased from public.erase_person(${NUMBER})`;
      assert.equal(row!.erased, true);
      report = recordEvent(other, { attempt_id: call.attempt_id, summary: "Zaphod" });
      await isWaiting(sql);
    });
    assert.deepEqual(await report, {
      verdict: "ignored",
      attempt_id: call.attempt_id,
      callback_to_read: false,
    });
  } finally {
    await other.end();
  }
  assert.equal((await sql`select from public.call_events`).length, 0);
  assert.deepEqual(await tablesWith(sql, DIGITS, "Zaphod"), []);
});

Deno.test("erase: a report that came just before is waited for, and goes with the rest", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql, { to_number: NUMBER, status: "ended" });
  // Without the lead, the attempt alone is what both lock.
  await sql`delete from public.leads`;
  const event = { source: "webhook", attempt_id: call.attempt_id, summary: "Zaphod" };
  const other = connect(database.url, { max: 1 });
  let erasing: Promise<Erasure> | undefined;
  try {
    await sql.begin(async (tx) => {
      const [row] = await tx`
        select verdict from public.record_call_result(${JSON.stringify(event)}::text::jsonb)`;
      assert.equal(row!.verdict, "settled");
      erasing = erase(other, { number: NUMBER });
      await isWaiting(sql);
    });
    const { erased, call_events } = await erasing!;
    assert.deepEqual([erased, call_events], [true, 1]);
  } finally {
    await other.end();
  }
  assert.deepEqual(await tablesWith(sql, DIGITS, "Zaphod"), []);
});

Deno.test("erase: an attempt that is being opened meanwhile finds nothing to open", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await insertFollowUp(sql, { lead: { phone: NUMBER } });
  const claimed = await claim(sql);
  assert.equal(claimed.length, 1);
  const other = connect(database.url, { max: 1 });
  let opening: Promise<unknown[]> | undefined;
  try {
    await sql.begin(async (tx) => {
      await tx`select from public.erase_person(${NUMBER})`;
      opening = open(other, claimed);
      await isWaiting(sql);
    });
    assert.deepEqual(await opening, []);
  } finally {
    await other.end();
  }
  assert.equal((await sql`select from public.call_attempts`).length, 0);
});

Deno.test("erase: an attempt that was opened just before is seen, and nothing goes", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await insertFollowUp(sql, { lead: { phone: NUMBER } });
  const claimed = await claim(sql);
  const other = connect(database.url, { max: 1 });
  let erasing: Promise<Erasure> | undefined;
  try {
    await sql.begin(async (tx) => {
      const items = claimed.map(({ follow_up_id, lease_token }) => ({
        attempt_id: crypto.randomUUID(),
        follow_up_id,
        lease_token,
        to_number: NUMBER,
      }));
      await tx`select * from public.open_call_attempts(${JSON.stringify(items)}::text::jsonb)`;
      erasing = erase(other, { number: NUMBER });
      await isWaiting(sql);
    });
    const { erased, leads } = await erasing!;
    assert.deepEqual([erased, leads], [false, 0]);
  } finally {
    await other.end();
  }
  assert.equal((await sql`select from public.call_attempts where status = 'sending'`).length, 1);
  assert.equal((await sql`select from public.leads`).length, 1);
});

async function isWaiting(sql: Sql): Promise<void> {
  for (let look = 0; look < 500; look += 1) {
    const waiting = await sql`
      select from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`;
    if (waiting.length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail("Nobody waits");
}

// The tables of a project's own app.

for (
  const [what, rule] of [
    ["a key of the app", ""],
    ["a key that is asked at the end of the transaction", "deferrable initially deferred"],
    ["a key that restricts", "on delete restrict"],
  ]
) {
  Deno.test(`erase: ${what} that forbids the deletion is named, and nothing is half done`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const { lead_id } = await reportedCall(sql);
    await insertFollowUp(sql, { lead_id });
    await sql.unsafe(
      `create table public.deals (id int, lead_id uuid constraint deals_of_a_lead references public.leads ${rule})`,
    );
    await sql`insert into public.deals values (1, ${lead_id})`;
    const before = await allRows(sql);
    await assert.rejects(erase(sql, { number: NUMBER }), (error: Error & { hint?: string }) => {
      assert.equal(
        error.message,
        'Cannot erase the person: the app\'s table "deals" points at the lead (constraint "deals_of_a_lead"), and nothing has been erased',
      );
      assert.match(error.hint!, /^Delete those rows/);
      return true;
    });
    assert.equal(await allRows(sql), before);
    await sql`delete from public.deals`;
    assert.equal((await erase(sql, { number: NUMBER })).erased, true);
  });
}

Deno.test("erase: what the app's tables delete with a lead, or let go of it, is theirs to say", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const { lead_id } = await reportedCall(sql);
  await sql.unsafe(`
    create table public.notes (lead_id uuid references public.leads on delete cascade);
    create table public.orders (lead_id uuid references public.leads on delete set null)`);
  await sql`insert into public.notes values (${lead_id})`;
  await sql`insert into public.orders values (${lead_id})`;
  assert.equal((await erase(sql, { leadIds: [lead_id] })).erased, true);
  assert.equal((await sql`select from public.notes`).length, 0);
  assert.deepEqual((await sql`select lead_id from public.orders`).map((row) => row.lead_id), [
    null,
  ]);
});

Deno.test("erase: with the rights of service_role, on own tables whose follow-ups do not cascade", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const { lead_id } = await reportedCall(sql);
  await insertFollowUp(sql, { lead_id });
  await sql.unsafe(`
    alter table public.follow_ups drop constraint follow_ups_lead_id_fkey,
      add constraint own_key foreign key (lead_id) references public.leads;
    alter table public.leads add column shoe_size int`);
  await sql.begin(async (tx) => {
    await tx`set local role service_role`;
    const [row] = await tx`select erased, leads, follow_ups from public.erase_person(${NUMBER})`;
    assert.deepEqual({ ...row }, { erased: true, leads: 1, follow_ups: 2 });
  });
  assert.equal((await sql`select from public.seed_candidates`).length, 0);
  assert.deepEqual(await tablesWith(sql, ...PERSONAL), []);
});

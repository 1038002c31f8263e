import assert from "node:assert/strict";
import { connect, type Sql } from "../../supabase/local/postgres/connect.ts";
import { attempt, insertCall, type InsertedCall, recordEvent } from "../support/call_event.ts";
import { eventually } from "../support/eventually.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { insertLead } from "../support/insert_lead.ts";
import { claim, followUp, open } from "../support/sql_contract.ts";

const TEXT = "tomorrow at five";
// A Wednesday, noon in UTC.
const ENDED = new Date("2026-06-10T12:00:00Z");

interface Time {
  local_time?: string;
  moment?: string;
}

/** A call in which the person asked, in these words, to be called again. */
async function askedCall(
  sql: Sql,
  columns: Parameters<typeof insertCall>[1] = {},
  told: Parameters<typeof recordEvent>[1] = {},
): Promise<InsertedCall> {
  const call = await insertCall(sql, { opened_at: new Date(ENDED.getTime() - 60_000), ...columns });
  const answer = await recordEvent(sql, {
    attempt_id: call.attempt_id,
    outcome: "completed",
    extracted_variables: { callback_time: TEXT },
    ...told,
  }, ENDED);
  assert.equal(answer.callback_to_read, true);
  return call;
}

async function plan(
  sql: Sql,
  { attempt_id }: { attempt_id: string },
  { local_time, moment }: Time,
  { text = TEXT, asOf = ENDED } = {},
): Promise<string | null> {
  const [row] = await sql<{ verdict: string | null }[]>`
    select public.plan_callback(
      ${attempt_id}, ${text}, ${local_time ?? null}, ${moment ?? null}::timestamptz, ${asOf}
    ) as verdict`;
  return row!.verdict;
}

async function callbacks(sql: Sql) {
  return [
    ...await sql<
      { id: string; due_at: Date; lead_id: string; recall_of: string; reason: string }[]
    >`select * from public.follow_ups where is_callback order by due_at`,
  ];
}

async function toRead(sql: Sql) {
  return [
    ...await sql<{ attempt_id: string; callback_text: string; local_now: string }[]>`
    select * from public.callbacks_to_read()`,
  ];
}

Deno.test("callback: a wish is to be read, with the lead's clock when the call had ended", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await askedCall(sql, { lead: { time_zone: "Asia/Kolkata" } });
  await recordEvent(sql, { attempt_id: (await insertCall(sql)).attempt_id });
  assert.deepEqual((await toRead(sql)).map((row) => ({ ...row })), [{
    attempt_id: call.attempt_id,
    callback_text: TEXT,
    local_now: "2026-06-10T17:30:00",
  }]);
  assert.equal((await sql`select stale from public.dispatch_backlog()`)[0]!.stale, 1);
});

Deno.test("callback: those to be read are the oldest first, or that of one attempt", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const calls: InsertedCall[] = [];
  for (const minutes of [5, 9, 7]) {
    calls.push(await askedCall(sql, { opened_at: new Date(ENDED.getTime() - minutes * 60_000) }));
  }
  const ids = (await toRead(sql)).map((row) => row.attempt_id);
  assert.deepEqual(ids, [calls[1]!, calls[2]!, calls[0]!].map((call) => call.attempt_id));
  assert.equal((await sql`select from public.callbacks_to_read(2)`).length, 2);
  const [one, ...others] = await sql`
    select attempt_id from public.callbacks_to_read(of_attempt => ${calls[2]!.attempt_id})`;
  assert.deepEqual([one!.attempt_id, others.length], [calls[2]!.attempt_id, 0]);
});

Deno.test("callback: twenty that an app refuses to store do not keep the others from being read", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  for (let n = 20; n > 0; n -= 1) {
    await askedCall(sql, { opened_at: new Date(ENDED.getTime() - n * 60_000 - 600_000) });
  }
  const good = await askedCall(sql);
  await sql.unsafe(`
    create function public.refuse() returns trigger language plpgsql as $$
    begin
      if new.lead_id <> '${good.lead_id}' then raise exception 'No follow-ups'; end if;
      return new;
    end $$;
    create trigger refuse before insert on public.follow_ups
      for each row execute function public.refuse()`);
  const moment = "2026-06-12T12:00:00Z";
  const run = async () => {
    const rows = await toRead(sql);
    const verdicts = await Promise.allSettled(rows.map((row) => plan(sql, row, { moment })));
    return verdicts.filter((verdict) => verdict.status === "fulfilled").length;
  };
  assert.deepEqual([await run(), await run()], [0, 1]);
  assert.equal((await toRead(sql)).length, 20, "they stay to be read");
  assert.equal((await callbacks(sql))[0]!.lead_id, good.lead_id);
});

Deno.test("callback: of those that nobody came to, another is the first one the next time", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  for (let n = 0; n < 3; n += 1) await askedCall(sql);
  const firsts = new Set<string>();
  for (let run = 0; run < 60; run += 1) firsts.add((await toRead(sql))[0]!.attempt_id);
  assert.equal(firsts.size, 3);
});

Deno.test("callback: one whose row somebody holds is read all the same, and nobody waits", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await askedCall(sql);
  const holder = connect(database.url, { max: 1 });
  try {
    await holder`begin`;
    await holder`select from public.call_attempts where id = ${call.attempt_id} for update`;
    await sql`set lock_timeout = '1s'`;
    assert.deepEqual((await toRead(sql)).map((row) => row.attempt_id), [call.attempt_id]);
  } finally {
    await holder.end();
  }
});

for (
  const [name, variables, expected] of [
    ["is an object, its value counts", { callback_at: { value: " at six " } }, "at six"],
    ["is a number, there is no wish", { callback: 17 }, null],
    ["is true, there is no wish", { callback: true }, null],
    ["says that there is none, the next one counts", {
      callback_time: " None ",
      callback_at: "no",
      callback: "at six",
    }, "at six"],
    ["is empty, the next one counts", { callback_time: "  ", callback_at: "at six" }, "at six"],
    ["is there twice, the first name counts", { callback: "no", callback_time: "yes" }, "yes"],
    ["is a list, there is no wish", { callback_time: ["at six"] }, null],
    ["is null, there is no wish", { callback_time: null }, null],
    ["has a name that is not ours, there is no wish", { call_me: "at six" }, null],
    ["is very long, its beginning counts", { callback: "x".repeat(900) }, "x".repeat(500)],
  ] as const
) {
  Deno.test(`callback: when what the agent noted ${name}`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const call = await insertCall(sql);
    await recordEvent(sql, {
      attempt_id: call.attempt_id,
      outcome: "completed",
      extracted_variables: variables,
    });
    const { callback_text, callback_status } = await attempt(sql, call.attempt_id);
    assert.deepEqual([callback_text, callback_status], [expected, expected && "to_read"]);
  });
}

Deno.test("callback: the operator says under which names the agent notes it", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_settings set callback_variables = array['rappel']`;
  const call = await insertCall(sql);
  await recordEvent(sql, {
    attempt_id: call.attempt_id,
    outcome: "completed",
    extracted_variables: { callback_time: "today", rappel: "demain" },
  });
  assert.equal((await attempt(sql, call.attempt_id)).callback_text, "demain");
});

for (
  const [name, { zone, time, due }] of Object.entries({
    "by the clock of a lead half an hour off": {
      zone: "Asia/Kolkata",
      time: { local_time: "2026-06-11T17:00:00" },
      due: "2026-06-11T11:30:00Z",
    },
    "by the clock of a lead without a zone, which is the default": {
      zone: null,
      time: { local_time: "2026-06-11T17:00:00" },
      due: "2026-06-11T08:00:00Z",
    },
    "by the clock of a lead whose zone is not known, too": {
      zone: "Mars/Olympus_Mons",
      time: { local_time: "2026-06-11T17:00:00" },
      due: "2026-06-11T08:00:00Z",
    },
    "at the instant, whatever the clock of the lead": {
      zone: "Asia/Kolkata",
      time: { moment: "2026-06-11T17:00:00+02:00" },
      due: "2026-06-11T15:00:00Z",
    },
    "at night, if that was the wish": {
      zone: "America/New_York",
      time: { local_time: "2026-06-11T03:00:00" },
      due: "2026-06-11T07:00:00Z",
    },
  })
) {
  Deno.test(`callback: it is planned ${name}`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await sql`update public.dispatch_settings set default_time_zone = 'Asia/Tokyo'`;
    const call = await askedCall(sql, { lead: { time_zone: zone } });
    assert.equal(await plan(sql, call, time), "planned");
    const [planned, ...more] = await callbacks(sql);
    assert.equal(planned!.due_at.getTime(), new Date(due).getTime());
    assert.equal(more.length, 0);
    assert.deepEqual([planned!.lead_id, planned!.recall_of], [call.lead_id, call.attempt_id]);
    assert.equal(planned!.reason, `Asked to be called again: "${TEXT}"`);
    assert.equal((await attempt(sql, call.attempt_id)).callback_status, "planned");
    assert.deepEqual(await toRead(sql), []);
  });
}

for (
  const [name, asked, local_time, due] of [
    ["does not exist, when the clock goes forward,", "2026-03-07", "2026-03-08T02:30", "07:30"],
    ["exists twice, when the clock goes back,", "2026-10-31", "2026-11-01T01:30", "06:30"],
  ] as const
) {
  Deno.test(`callback: a time that ${name} is planned once, beside it`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const asOf = new Date(`${asked}T12:00:00Z`);
    const call = await insertCall(sql, {
      opened_at: asOf,
      lead: { time_zone: "America/New_York" },
    });
    await recordEvent(sql, {
      attempt_id: call.attempt_id,
      outcome: "completed",
      extracted_variables: { callback: TEXT },
    }, asOf);
    assert.equal(await plan(sql, call, { local_time: `${local_time}:00` }, { asOf }), "planned");
    const [planned] = await callbacks(sql);
    assert.equal(planned!.due_at.toISOString(), `${local_time.slice(0, 11)}${due}:00.000Z`);
  });
}

const notUnderstood: Record<string, { time: Time; asOf?: Date }> = {
  "nobody could read": { time: {} },
  "was over before the call ended": { time: { moment: "2026-06-10T11:59:59Z" } },
  "is the very end of the call": { time: { moment: "2026-06-10T12:00:00Z" } },
  "is further away than people plan": { time: { moment: "2026-09-08T12:00:00Z" } },
  "is never": { time: { local_time: "infinity" } },
  "was read two hours too late": {
    time: { moment: "2026-06-10T13:00:00Z" },
    asOf: new Date("2026-06-10T15:00:00Z"),
  },
};

for (const [name, { time, asOf }] of Object.entries(notUnderstood)) {
  Deno.test(`callback: a time that ${name} is left to a person, who finds it`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const call = await askedCall(sql);
    assert.equal(await plan(sql, call, time, { asOf }), "not_understood");
    const [unread, ...more] = await sql`
      select attempt_id, callback_text, to_number from public.unread_callbacks`;
    assert.deepEqual([unread!.attempt_id, unread!.callback_text, unread!.to_number, more.length], [
      call.attempt_id,
      TEXT,
      call.to_number,
      0,
    ]);
    assert.deepEqual(await toRead(sql), []);
    assert.deepEqual(await callbacks(sql), []);
  });
}

for (
  const [name, time, asOf] of [
    ["just within the longest wait", { moment: "2026-09-08T11:59:59Z" }, ENDED],
    ["that passed less than an hour ago", { moment: "2026-06-10T14:30:00Z" }, "2026-06-10T15:00Z"],
  ] as const
) {
  Deno.test(`callback: a time ${name} is planned`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const call = await askedCall(sql);
    assert.equal(await plan(sql, call, time, { asOf: new Date(asOf) }), "planned");
    assert.equal((await callbacks(sql)).length, 1);
    assert.equal((await sql`select from public.unread_callbacks`).length, 0);
  });
}

for (const outcome of ["voicemail_detected", "no_answer", null]) {
  Deno.test(`callback: what stands in the report of ${outcome ?? "no known outcome"} was said by nobody`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const call = await insertCall(sql);
    const answer = await recordEvent(sql, {
      attempt_id: call.attempt_id,
      outcome,
      extracted_variables: { callback_time: TEXT },
    });
    assert.equal(answer.callback_to_read, false);
    assert.equal((await attempt(sql, call.attempt_id)).callback_text, null);
    assert.deepEqual(await toRead(sql), []);
  });
}

Deno.test("callback: what was not understood leaves what is planned for the lead", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const lead_id = await insertLead(sql);
  const planned = await insertFollowUp(sql, { lead_id });
  const before = await followUp(sql, planned);
  const call = await askedCall(sql, { lead_id });
  assert.equal(await plan(sql, call, {}), "not_understood");
  assert.deepEqual(await followUp(sql, planned), before);
});

Deno.test("callback: the recall after an earlier call is moved there", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const earlier = await insertCall(sql, { opened_at: new Date("2026-06-10T10:00:00Z") });
  await recordEvent(sql, { attempt_id: earlier.attempt_id }, new Date("2026-06-10T10:01:00Z"));
  const [recall] = await sql`select id from public.follow_ups where recall_of is not null`;
  const call = await askedCall(sql, { lead_id: earlier.lead_id, to_number: "+14155550100" });
  assert.equal(await plan(sql, call, { moment: "2026-06-12T12:00:00Z" }), "planned");
  const [moved, ...more] = await callbacks(sql);
  assert.deepEqual([moved!.id, more.length], [recall!.id, 0]);
  assert.equal(moved!.due_at.toISOString(), "2026-06-12T12:00:00.000Z");
  assert.equal((await sql`select from public.follow_ups where status = 'pending'`).length, 1);
});

Deno.test("callback: a call that somebody has planned is moved there, and no other lead's", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const lead_id = await insertLead(sql);
  const later = await insertFollowUp(sql, { lead_id, due_at: new Date("2026-06-20T12:00:00Z") });
  const sooner = await insertFollowUp(sql, { lead_id, due_at: new Date("2026-06-15T12:00:00Z") });
  const message = await insertFollowUp(sql, { lead_id, channel: "whatsapp" });
  const stranger = await insertFollowUp(sql, { due_at: new Date("2026-06-15T12:00:00Z") });
  const before = await Promise.all([later, message, stranger].map((id) => followUp(sql, id)));
  const call = await askedCall(sql, { lead_id });
  assert.equal(await plan(sql, call, { moment: "2026-06-12T12:00:00Z" }), "planned");
  assert.deepEqual((await callbacks(sql)).map(({ id }) => id), [sooner]);
  assert.deepEqual(
    await Promise.all([later, message, stranger].map((id) => followUp(sql, id))),
    before,
  );
});

Deno.test("callback: beside a call of the lead that is under way one more is planned", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await askedCall(sql);
  const live = await insertCall(sql, {
    lead_id: call.lead_id,
    status: "unknown",
    to_number: "+14155550100",
  });
  const held = await followUp(sql, live.follow_up_id);
  assert.equal(await plan(sql, call, { moment: "2026-06-12T12:00:00Z" }), "planned");
  assert.equal((await callbacks(sql))[0]!.recall_of, call.attempt_id);
  assert.deepEqual(await followUp(sql, live.follow_up_id), held);
});

Deno.test("callback: a claim on the call that is moved does not dial it at the old time", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const lead_id = await insertLead(sql);
  const planned = await insertFollowUp(sql, { lead_id });
  const claimed = await claim(sql);
  assert.equal(claimed.length, 1);
  const call = await insertCall(sql, { lead_id, to_number: "+14155550100" });
  await recordEvent(sql, {
    attempt_id: call.attempt_id,
    outcome: "completed",
    extracted_variables: { callback: TEXT },
  });
  const moment = new Date(Date.now() + 86_400_000).toISOString();
  assert.equal(await plan(sql, call, { moment }, { asOf: new Date() }), "planned");
  assert.deepEqual(await open(sql, claimed), [], "nobody is called a day before the wished time");
  const { status, due_at } = await followUp(sql, planned);
  assert.deepEqual([status, due_at.toISOString()], ["pending", moment]);
});

for (
  const [name, use] of Object.entries({
    "is being called": async (sql: Sql) => {
      await sql`update public.follow_ups set due_at = now() where recall_of is not null`;
      assert.equal((await open(sql, await claim(sql))).length, 1);
    },
    "was called": (sql: Sql) =>
      sql`update public.follow_ups set status = 'completed' where recall_of is not null`,
    "has failed": (sql: Sql) =>
      sql`update public.follow_ups set status = 'failed' where recall_of is not null`,
  })
) {
  Deno.test(`callback: while the recall of the same call ${name}, a wish is not said to be planned and lost`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const call = await insertCall(sql);
    await recordEvent(sql, { attempt_id: call.attempt_id, call_id: "900" });
    await use(sql);
    await recordEvent(sql, {
      attempt_id: call.attempt_id,
      call_id: "902",
      outcome: "completed",
      extracted_variables: { callback: TEXT },
    });
    const moment = new Date(Date.now() + 86_400_000).toISOString();
    await plan(sql, call, { moment }, { asOf: new Date() });
    const planned = (await callbacks(sql)).filter((row) => row.due_at.toISOString() === moment);
    const unread = await sql`select from public.unread_callbacks`;
    assert.equal(planned.length + unread.length, 1, "a call is planned, or a person is told");
  });
}

for (const stage of ["closed", "lost"]) {
  Deno.test(`callback: a lead that is ${stage} gets none, and a person is told`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const call = await askedCall(sql, { lead: { stage } });
    assert.equal(await plan(sql, call, { moment: "2026-06-12T12:00:00Z" }), "not_understood");
    assert.deepEqual(await callbacks(sql), []);
    assert.deepEqual(await toRead(sql), []);
    assert.equal((await sql`select from public.unread_callbacks`).length, 1);
  });
}

Deno.test("callback: of a lead that was deleted the wish is read, and nothing planned", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await askedCall(sql);
  await sql`delete from public.leads where id = ${call.lead_id}`;
  assert.equal((await toRead(sql)).length, 1);
  assert.equal(await plan(sql, call, { moment: "2026-06-12T12:00:00Z" }), "not_understood");
  assert.deepEqual(await callbacks(sql), []);
});

Deno.test("callback: read again it is nobody's, and moves nothing", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await askedCall(sql);
  assert.equal(await plan(sql, call, { moment: "2026-06-12T12:00:00Z" }), "planned");
  const before = await callbacks(sql);
  assert.equal(await plan(sql, call, { moment: "2026-06-13T12:00:00Z" }), null);
  assert.equal(await plan(sql, call, {}), null);
  assert.deepEqual(await callbacks(sql), before);
});

Deno.test("callback: what was read of a wish that is another by now counts for nothing", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await askedCall(sql, {}, { call_id: "900", duration_seconds: 5 });
  await recordEvent(sql, {
    attempt_id: call.attempt_id,
    outcome: "completed",
    call_id: "902",
    duration_seconds: 60,
    extracted_variables: { callback_time: "next week" },
  });
  assert.equal(await plan(sql, call, { moment: "2026-06-12T12:00:00Z" }), null);
  assert.deepEqual(await callbacks(sql), []);
  assert.deepEqual((await toRead(sql)).map((row) => row.callback_text), ["next week"]);
});

for (const wish of ["next week", null]) {
  Deno.test(`callback: when a better report tells of ${wish ?? "no wish"}, the planned one goes`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const call = await askedCall(sql, {}, { call_id: "900", duration_seconds: 5 });
    await plan(sql, call, { moment: "2026-06-12T12:00:00Z" });
    assert.equal((await callbacks(sql)).length, 1);
    const other = await insertFollowUp(sql, { due_at: new Date("2030-01-01") });
    await recordEvent(sql, {
      attempt_id: call.attempt_id,
      outcome: "completed",
      call_id: "902",
      duration_seconds: 60,
      extracted_variables: { callback_time: wish },
    });
    assert.deepEqual(await callbacks(sql), []);
    const { callback_text, callback_status } = await attempt(sql, call.attempt_id);
    assert.deepEqual([callback_text, callback_status], [wish, wish && "to_read"]);
    assert.equal((await followUp(sql, other)).status, "pending");
  });
}

Deno.test("callback: the same wish told by a better report stays planned", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await askedCall(sql, {}, { call_id: "900", duration_seconds: 5 });
  await plan(sql, call, { moment: "2026-06-12T12:00:00Z" });
  const before = await callbacks(sql);
  await recordEvent(sql, {
    attempt_id: call.attempt_id,
    outcome: "completed",
    call_id: "902",
    duration_seconds: 60,
    extracted_variables: { callback_time: TEXT },
  });
  assert.deepEqual(await callbacks(sql), before);
  assert.deepEqual(await toRead(sql), []);
});

for (const step of ["claimed", "called"]) {
  const stays = step === "called";
  Deno.test(`callback: one that is being ${step} is ${stays ? "not " : ""}taken back by another wish`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const call = await askedCall(sql, {}, { call_id: "900", duration_seconds: 5 });
    await plan(sql, call, { moment: "2026-06-12T12:00:00Z" });
    await sql`update public.follow_ups set due_at = now() where is_callback`;
    const claimed = await claim(sql);
    assert.equal(claimed.length, 1);
    if (stays) assert.equal((await open(sql, claimed)).length, 1);
    await recordEvent(sql, {
      attempt_id: call.attempt_id,
      outcome: "completed",
      call_id: "902",
      duration_seconds: 60,
      extracted_variables: null,
    });
    assert.equal((await callbacks(sql)).length, stays ? 1 : 0);
    if (!stays) assert.deepEqual(await open(sql, claimed), []);
  });
}

Deno.test("callback: what else is open for the lead is not called before the wished time", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const lead_id = await insertLead(sql);
  const wished = new Date("2026-06-12T12:00:00Z");
  const dueAt = ["2026-06-11T12:00:00Z", "2026-06-11T13:00:00Z", "2026-06-20T12:00:00Z"];
  const ids: string[] = [];
  for (const due_at of dueAt) {
    ids.push(await insertFollowUp(sql, { lead_id, due_at: new Date(due_at) }));
  }
  const call = await askedCall(sql, { lead_id });
  assert.equal(await plan(sql, call, { moment: wished.toISOString() }), "planned");
  const rows = await Promise.all(ids.map((id) => followUp(sql, id)));
  assert.deepEqual(
    rows.map(({ due_at }) => due_at.toISOString()),
    [wished, wished, new Date(dueAt[2]!)].map((moment) => moment.toISOString()),
  );
  assert.deepEqual((await callbacks(sql)).map(({ id }) => id), [ids[0]]);
});

Deno.test("callback: who has asked too often is left to a person", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_settings set max_callbacks_per_lead = 2`;
  const lead_id = await insertLead(sql);
  const verdicts: (string | null)[] = [];
  for (let time = 1; time <= 3; time += 1) {
    const opened_at = new Date(ENDED.getTime() + time);
    const call = await askedCall(sql, { lead_id, opened_at });
    verdicts.push(await plan(sql, call, { moment: "2026-06-12T12:00:00Z" }));
    await sql`update public.follow_ups set status = 'completed' where is_callback`;
  }
  assert.deepEqual(verdicts, ["planned", "planned", "not_understood"]);
  const other = await askedCall(sql);
  assert.equal(await plan(sql, other, { moment: "2026-06-12T12:00:00Z" }), "planned");
});

Deno.test("callback: of a call that was found in the log hours later, the clock is that of its end", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const opened_at = new Date(ENDED.getTime() - 3 * 3_600_000);
  await askedCall(sql, { opened_at }, { source: "call_log", duration_seconds: 60 });
  assert.equal((await toRead(sql))[0]!.local_now, "2026-06-10T09:03:00");
});

Deno.test("callback: it is claimed before a thousand that have been due for longer", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`
    with lead as (
      insert into public.leads (phone) select '+1415' || n from generate_series(2000000, 2000999) n
      returning id
    )
    insert into public.follow_ups (lead_id, due_at) select id, now() - interval '1 day' from lead`;
  const call = await insertCall(sql, { to_number: "+14165550100" });
  await recordEvent(sql, {
    attempt_id: call.attempt_id,
    outcome: "completed",
    extracted_variables: { callback: TEXT },
  });
  const moment = new Date(Date.now() + 3_600_000);
  await plan(sql, call, { moment: moment.toISOString() }, { asOf: new Date() });
  const claimed = await sql`
    select lead_id from public.claim_due_follow_ups(2, as_of => ${moment})`;
  assert.equal(claimed.length, 2);
  assert.equal(claimed[0]!.lead_id, call.lead_id);
  const [left] = await sql`
    select count(*)::int as n from public.follow_ups
    where status = 'pending' and lease_token is null`;
  assert.equal(left!.n, 999);
});

Deno.test("callback: before its time it is not claimed, and others are", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql);
  await recordEvent(sql, {
    attempt_id: call.attempt_id,
    outcome: "completed",
    extracted_variables: { callback: TEXT },
  });
  await plan(sql, call, { moment: new Date(Date.now() + 3_600_000).toISOString() }, {
    asOf: new Date(),
  });
  const other = await insertFollowUp(sql);
  assert.deepEqual((await claim(sql)).map((row) => row.follow_up_id), [other]);
});

Deno.test("callback: a claimed, a skipped and a locked one do not keep the others from being claimed", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const ids: string[] = [];
  for (const stage of ["new", "closed", "new", "new"]) {
    const id = await insertFollowUp(sql, { lead: { stage } });
    await sql`update public.follow_ups set is_callback = true where id = ${id}`;
    ids.push(id);
  }
  const [claimed, , locked, free] = ids;
  await sql`update public.follow_ups set lease_token = gen_random_uuid(),
    leased_until = now() + interval '1 minute' where id = ${claimed!}`;
  const ordinary = await insertFollowUp(sql);
  const holder = connect(database.url, { max: 1 });
  try {
    await holder`begin`;
    await holder`select from public.follow_ups where id = ${locked!} for update`;
    const got = (await claim(sql, 3)).map((row) => row.follow_up_id);
    assert.deepEqual(got, [free, ordinary]);
    await holder`rollback`;
  } finally {
    await holder.end();
  }
  assert.deepEqual((await claim(sql)).map((row) => row.follow_up_id), [locked]);
});

// The run and the report's own function read the same wish at the same moment.
Deno.test("callback: twenty that read the same wish at once plan one call", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await askedCall(sql);
  const connections = Array.from({ length: 20 }, () => connect(database.url, { max: 1 }));
  try {
    await Promise.all(connections.map((own) => own`select 1`));
    const verdicts = await Promise.all(
      connections.map((own) => plan(own, call, { moment: "2026-06-12T12:00:00Z" })),
    );
    assert.equal(verdicts.filter((verdict) => verdict === "planned").length, 1);
    assert.equal(verdicts.filter((verdict) => verdict === null).length, 19);
  } finally {
    await Promise.all(connections.map((own) => own.end()));
  }
  assert.equal((await callbacks(sql)).length, 1);
});

// One comes from a follow-up to its lead, the other from the lead to that follow-up.
Deno.test("callback: one that is planned while another call of the lead is told fails neither", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const asked = await askedCall(sql);
  const newer = await insertCall(sql, { lead_id: asked.lead_id, to_number: "+14155550100" });
  await recordEvent(sql, { attempt_id: newer.attempt_id, call_id: "900" });
  const [recall] = await sql`select id from public.follow_ups where recall_of is not null`;
  const [holder, planner, teller] = Array.from({ length: 3 }, () => {
    return connect(database.url, { max: 1 });
  }) as [Sql, Sql, Sql];
  const waiters = (count: number) =>
    eventually(`${count} wait`, async () => {
      const waits = await sql`
        select from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`;
      return waits.length === count ? true : undefined;
    });
  try {
    await holder`begin`;
    await holder`select from public.follow_ups where id = ${recall!.id} for update`;
    const planning = plan(planner, asked, { moment: "2026-06-12T12:00:00Z" });
    await waiters(1);
    const told = { attempt_id: newer.attempt_id, call_id: "902", outcome: "failed" };
    const telling = recordEvent(teller, told);
    await waiters(2);
    await holder`commit`;
    const [verdict, answer] = await Promise.all([planning, telling]);
    assert.deepEqual([verdict, answer.verdict], ["planned", "settled"]);
  } finally {
    await Promise.all([holder, planner, teller].map((own) => own.end({ timeout: 1 })));
  }
  assert.equal((await callbacks(sql)).length, 1);
});

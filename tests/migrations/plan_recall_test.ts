import assert from "node:assert/strict";
import { connect, type Sql } from "../../supabase/local/postgres/connect.ts";
import { againWhileLocked } from "../support/again_while_locked.ts";
import { attempt, insertCall, type InsertedCall, recordEvent } from "../support/call_event.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { insertLead } from "../support/insert_lead.ts";
import { claim, followUp, open, record } from "../support/sql_contract.ts";

interface Recall {
  id: string;
  due_at: Date;
  status: string;
  reason: string;
  source: string;
  message: string | null;
  recall_of: string;
}

/** The recalls, in the order of their due times. */
async function recalls(sql: Sql): Promise<Recall[]> {
  return [
    ...await sql<Recall[]>`
    select id, due_at, status, reason, source, message, recall_of from public.follow_ups
    where recall_of is not null order by due_at`,
  ];
}

/** When the only recall is due, as ISO text without milliseconds; null = there is none. */
async function dueAt(sql: Sql): Promise<string | null> {
  const planned = await recalls(sql);
  assert.ok(planned.length <= 1);
  return planned[0]?.due_at.toISOString().replace(".000", "") ?? null;
}

/** A call that was opened and ended at these moments, in ISO text, with that outcome. */
async function endedCall(
  sql: Sql,
  at: string,
  outcome: string,
  columns: Parameters<typeof insertCall>[1] = {},
): Promise<InsertedCall> {
  const moment = new Date(at);
  const call = await insertCall(sql, { opened_at: moment, ...columns });
  await recordEvent(sql, { attempt_id: call.attempt_id, outcome }, moment);
  return call;
}

/** Makes all hours of the day good for a recall, and no series too long. */
async function anyTime(sql: Sql): Promise<void> {
  await sql`
    update public.dispatch_settings
    set recall_from = '00:00', recall_until = '24:00', max_calls_per_series = 100`;
}

async function zone(sql: Sql, name: string): Promise<void> {
  await sql`update public.dispatch_settings set default_time_zone = ${name}`;
}

/** Removes a recall, as when it had been called: the next call is made of the same lead. */
const forget = (sql: Sql) => sql`delete from public.follow_ups where recall_of is not null`;

for (
  const [outcome, minutes, most] of [
    ["no_answer", 240, 4],
    ["busy", 20, 3],
    ["voicemail_detected", 1440, 2],
    ["failed", 60, 2],
  ] as const
) {
  Deno.test(`recall: after ${outcome} it is due ${minutes} minutes later, ${most} times in a series`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await anyTime(sql);
    const bystander = await insertFollowUp(sql, { due_at: new Date("2030-01-01") });
    const lead_id = await insertLead(sql);
    // Each in an hour of its own, on days of their own, so that the hour plays no part.
    for (let call = 1; call <= most; call += 1) {
      const at = new Date(Date.UTC(2026, 5, 10 * call, 10, 0));
      await endedCall(sql, at.toISOString(), outcome, { lead_id });
      const planned = await recalls(sql);
      assert.equal(planned.length, 1, `after call ${call}`);
      const [recall] = planned;
      assert.equal(recall!.reason, `Recall ${call} after ${outcome.replace("_", " ")}`);
      assert.deepEqual([recall!.status, recall!.source], ["pending", "recall"]);
      if (call === 1 && minutes > 60) {
        // A day later is the same hour again, which is avoided.
        const wanted = minutes === 1440 ? 1440 + 60 : minutes;
        assert.equal((recall!.due_at.getTime() - at.getTime()) / 60_000, wanted);
      } else {
        assert.ok(recall!.due_at.getTime() - at.getTime() >= minutes * 60_000);
      }
      await forget(sql);
    }
    await endedCall(sql, "2026-12-01T10:00:00Z", outcome, { lead_id });
    assert.deepEqual(await recalls(sql), []);
    assert.equal((await followUp(sql, bystander)).due_at.toISOString(), "2030-01-01T00:00:00.000Z");
  });
}

for (const outcome of ["completed", "cancelled", null]) {
  Deno.test(`recall: none after ${outcome ?? "a call without an outcome"}`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const call = await insertCall(sql);
    await recordEvent(sql, { attempt_id: call.attempt_id, outcome });
    assert.equal((await attempt(sql, call.attempt_id)).status, "ended");
    assert.deepEqual(await recalls(sql), []);
  });
}

Deno.test("recall: it is about what the call was about, and of the same lead", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const lead_id = await insertLead(sql);
  const follow_up_id = await insertFollowUp(sql, {
    lead_id,
    status: "completed",
    message: "The visit on Friday",
  });
  const call = await endedCall(sql, "2026-06-10T10:00:00Z", "no_answer", { lead_id, follow_up_id });
  const [recall] = await recalls(sql);
  assert.deepEqual([recall!.message, recall!.recall_of], ["The visit on Friday", call.attempt_id]);
  const [row] = await sql`
    select lead_id, channel, attempts, is_callback from public.follow_ups where id = ${recall!.id}`;
  assert.deepEqual({ ...row }, {
    lead_id,
    channel: "voice_call",
    attempts: 0,
    is_callback: false,
  });
});

Deno.test("recall: each is at another hour of the lead's day than every try before", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_settings set max_calls_per_series = 100`;
  await sql`update public.recall_rules set delay = '1 day', max_recalls = 50 where outcome = 'busy'`;
  await sql`update public.dispatch_settings set recall_from = '09:00', recall_until = '13:00'`;
  const lead_id = await insertLead(sql);
  const hours: number[] = [];
  let at = "2026-06-01T09:30:00Z";
  for (let call = 0; call < 6; call += 1) {
    hours.push(new Date(at).getUTCHours());
    await endedCall(sql, at, "busy", { lead_id });
    at = (await dueAt(sql))!;
    await forget(sql);
  }
  assert.deepEqual([...new Set(hours.slice(0, 4))].sort((one, two) => one - two), [9, 10, 11, 12]);
  // All hours were tried: those with the fewest tries come next.
  assert.notEqual(hours[4], hours[5]);
});

for (
  const [name, { zone: time_zone, at, outcome, due }] of Object.entries({
    "before the hours of a lead half an hour off, at their beginning": {
      zone: "Asia/Kolkata", // 23:30 + 4 hours = 03:30 there
      at: "2026-06-10T18:00:00Z",
      outcome: "no_answer",
      due: "2026-06-11T03:30:00Z",
    },
    "within the hours of a lead half an hour off, at once": {
      zone: "Asia/Kolkata", // 10:45 + 4 hours
      at: "2026-06-10T05:15:00Z",
      outcome: "no_answer",
      due: "2026-06-10T09:15:00Z",
    },
    "after the hours, the next morning": {
      zone: "America/New_York", // 17:10 + 4 hours = 21:10 there
      at: "2026-06-10T21:10:00Z",
      outcome: "no_answer",
      due: "2026-06-11T13:00:00Z",
    },
    "at the last moment of the hours it is the next morning": {
      zone: "America/New_York", // 16:00 + 4 hours = 20:00 there
      at: "2026-06-10T20:00:00Z",
      outcome: "no_answer",
      due: "2026-06-11T13:00:00Z",
    },
    "a moment before the hours end it is that moment": {
      zone: "America/New_York",
      at: "2026-06-10T19:59:00Z",
      outcome: "no_answer",
      due: "2026-06-10T23:59:00Z",
    },
    "over the night in which the clock goes forward, the hours are those of the new day": {
      zone: "America/New_York", // Saturday 20:00 EST; Sunday 09:00 EDT
      at: "2026-03-08T01:00:00Z",
      outcome: "no_answer",
      due: "2026-03-08T13:00:00Z",
    },
    "over the night in which the clock goes back, too": {
      zone: "America/New_York", // Saturday 20:00 EDT; Sunday 09:00 EST
      at: "2026-11-01T00:00:00Z",
      outcome: "no_answer",
      due: "2026-11-01T14:00:00Z",
    },
    "a day after a voicemail, at another hour, whatever the clock did in between": {
      zone: "America/New_York", // Saturday 10:00 EST + 1 day = Sunday 11:00 EDT
      at: "2026-03-07T15:00:00Z",
      outcome: "voicemail_detected",
      due: "2026-03-08T15:00:00Z",
    },
    "of a zone that is not known, by the default zone": {
      zone: "Mars/Olympus_Mons", // the default is Asia/Tokyo: 21:00 + 4 hours
      at: "2026-06-10T12:00:00Z",
      outcome: "no_answer",
      due: "2026-06-11T00:00:00Z",
    },
    "of a zone with a made-up offset, by the default zone": {
      zone: "Mars+3",
      at: "2026-06-10T12:00:00Z",
      outcome: "no_answer",
      due: "2026-06-11T00:00:00Z",
    },
    "of no zone, by the default zone": {
      zone: null,
      at: "2026-06-10T12:00:00Z",
      outcome: "no_answer",
      due: "2026-06-11T00:00:00Z",
    },
  })
) {
  Deno.test(`recall: ${name}`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await zone(sql, "Asia/Tokyo");
    await endedCall(sql, at, outcome, { lead: { time_zone } });
    assert.equal(await dueAt(sql), due);
  });
}

Deno.test("recall: whatever the moment, the zone and the hours, it is later than the delay and within the hours", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const zones = ["Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe", "Pacific/Kiritimati"];
  for (const [from, until] of [["09:00", "20:00"], ["09:10", "10:10"], ["23:00", "24:00"]]) {
    await sql`update public.dispatch_settings set recall_from = ${from!}, recall_until = ${until!}`;
    const wrong = await sql`
      select zone, earliest, planned.moment
      from unnest(${zones}::text[]) as zone
      cross join generate_series(
        '2026-01-01T00:07:00Z'::timestamptz, '2026-12-31', '7 hours 13 minutes'
      ) as earliest
      cross join lateral (
        select public.recall_moment(earliest, zone, array[earliest - interval '2 hours']) as moment
      ) as planned
      where planned.moment is null
        or planned.moment < earliest
        or planned.moment > earliest + interval '37 hours'
        or (planned.moment at time zone zone)::time < ${from!}::time
        or (planned.moment at time zone zone)::time >= ${until!}::time
      limit 5`;
    assert.deepEqual([...wrong], [], `${from} to ${until}`);
  }
});

Deno.test("recall: calls with different outcomes share one limit", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const lead_id = await insertLead(sql);
  const outcomes = ["no_answer", "busy", "voicemail_detected", "failed"];
  for (const [index, outcome] of outcomes.entries()) {
    await endedCall(sql, `2026-06-0${index + 1}T10:00:00Z`, outcome, { lead_id });
    assert.equal((await recalls(sql)).length, 1, outcome);
    await forget(sql);
  }
  await endedCall(sql, "2026-06-05T10:00:00Z", "no_answer", { lead_id });
  assert.deepEqual(await recalls(sql), []);
  await sql`update public.dispatch_settings set max_calls_per_series = 6`;
  const told = { outcome: "no_answer", call_id: "told once more" };
  const [last] = await sql`select id from public.call_attempts order by opened_at desc limit 1`;
  await recordEvent(sql, { attempt_id: last!.id, ...told }, new Date("2026-06-05T10:00:00Z"));
  assert.equal((await recalls(sql)).length, 1, "it was the limit");
});

for (const ending of ["completed", "cancelled"]) {
  Deno.test(`recall: a call that was ${ending} ends the series, and a later one begins anew`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await sql`update public.dispatch_settings set max_calls_per_series = 2`;
    const lead_id = await insertLead(sql);
    await endedCall(sql, "2026-06-01T10:00:00Z", "busy", { lead_id });
    await forget(sql);
    await endedCall(sql, "2026-06-02T10:00:00Z", ending, { lead_id });
    assert.deepEqual(await recalls(sql), []);
    await endedCall(sql, "2026-06-03T10:00:00Z", "busy", { lead_id });
    const [recall] = await recalls(sql);
    assert.equal(recall!.reason, "Recall 1 after busy");
    // The hour of a call of the closed series is free again.
    assert.equal(recall!.due_at.toISOString(), "2026-06-03T11:00:00.000Z");
    await forget(sql);
    await endedCall(sql, "2026-06-04T10:00:00Z", "busy", { lead_id });
    assert.deepEqual(await recalls(sql), []);
  });
}

Deno.test("recall: calls that surely were not made count for nothing", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_settings set max_calls_per_series = 2`;
  const lead_id = await insertLead(sql);
  for (const status of ["postponed", "not_sent", "refused", "abandoned"]) {
    await insertCall(sql, { lead_id, status, opened_at: new Date("2026-06-01T14:00:00Z") });
  }
  await endedCall(sql, "2026-06-02T10:00:00Z", "no_answer", { lead_id });
  assert.equal(await dueAt(sql), "2026-06-02T14:00:00Z");
});

Deno.test("recall: a call that nobody told of counts for the limit", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_settings set max_calls_per_series = 2`;
  const lead_id = await insertLead(sql);
  await insertCall(sql, { lead_id, status: "ended", opened_at: new Date("2026-06-01T14:00:00Z") });
  await endedCall(sql, "2026-06-02T10:00:00Z", "no_answer", { lead_id });
  assert.deepEqual(await recalls(sql), []);
});

Deno.test("recall: another lead's calls play no part", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_settings set max_calls_per_series = 2`;
  for (let day = 1; day <= 3; day += 1) {
    await endedCall(sql, `2026-06-0${day}T14:00:00Z`, "no_answer");
  }
  await forget(sql);
  await endedCall(sql, "2026-06-05T10:00:00Z", "no_answer");
  assert.equal(await dueAt(sql), "2026-06-05T14:00:00Z");
});

for (
  const [name, lead] of [
    ["closed", { stage: "closed" }],
    ["lost", { stage: "lost" }],
    ["without a phone", { phone: " " }],
  ] as const
) {
  Deno.test(`recall: none of a lead that is ${name}`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const call = await endedCall(sql, "2026-06-01T10:00:00Z", "no_answer", {
      lead,
      to_number: "+14155550100",
    });
    assert.equal((await attempt(sql, call.attempt_id)).outcome, "no_answer");
    assert.deepEqual(await recalls(sql), []);
  });
}

Deno.test("recall: none while somebody has another call planned, which stays as it is", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const lead_id = await insertLead(sql);
  const planned = await insertFollowUp(sql, { lead_id, due_at: new Date("2030-01-01") });
  const before = await followUp(sql, planned);
  await endedCall(sql, "2026-06-01T10:00:00Z", "no_answer", { lead_id });
  assert.deepEqual(await recalls(sql), []);
  assert.deepEqual(await followUp(sql, planned), before);
});

for (
  const [name, columns] of [
    ["for another channel", { channel: "whatsapp" }],
    ["that is done", { status: "completed" }],
    ["that was cancelled", { status: "cancelled" }],
  ] as const
) {
  Deno.test(`recall: a follow-up ${name} does not keep it from being planned`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const lead_id = await insertLead(sql);
    const other = await insertFollowUp(sql, { lead_id, ...columns });
    const before = await followUp(sql, other);
    await endedCall(sql, "2026-06-01T10:00:00Z", "no_answer", { lead_id });
    assert.equal((await recalls(sql)).length, 1);
    assert.deepEqual(await followUp(sql, other), before);
  });
}

Deno.test("recall: none while the follow-up that was called has been given a later time", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql);
  await sql`
    update public.follow_ups set status = 'pending', due_at = now() + interval '1 day'
    where id = ${call.follow_up_id}`;
  await recordEvent(sql, { attempt_id: call.attempt_id, outcome: "no_answer" });
  assert.deepEqual(await recalls(sql), []);
  assert.equal((await followUp(sql, call.follow_up_id)).status, "pending");
});

Deno.test("recall: a seed that was called, and given a later time, does not keep it from being planned", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await insertLead(sql);
  await sql`select public.seed_follow_ups()`;
  const opened = await open(sql, await claim(sql));
  await record(sql, opened, { status: "accepted" });
  await sql`update public.follow_ups set status = 'pending', due_at = now() + interval '1 day'`;
  await recordEvent(sql, { attempt_id: opened[0]!.attempt_id, outcome: "no_answer" });
  assert.equal((await recalls(sql)).length, 1);
});

Deno.test("recall: that an app has no room for beside a message is planned when there is", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`create unique index one_each on public.follow_ups (lead_id) where status = 'pending'`;
  const call = await insertCall(sql);
  const message = await insertFollowUp(sql, { lead_id: call.lead_id, channel: "whatsapp" });
  await recordEvent(sql, { attempt_id: call.attempt_id, outcome: "no_answer" });
  assert.deepEqual(await recalls(sql), []);
  assert.match(
    (await attempt(sql, call.attempt_id)).error!,
    /next call could not be planned.*one_each/,
  );
  await sql`update public.follow_ups set status = 'completed' where id = ${message}`;
  await sql`select public.settle_parked_events(now() + interval '2 hours')`;
  assert.equal((await recalls(sql)).length, 1);
  assert.equal((await attempt(sql, call.attempt_id)).error, null);
});

Deno.test("recall: none after a call whose follow-up a person has cancelled", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const lead_id = await insertLead(sql);
  const follow_up_id = await insertFollowUp(sql, { lead_id, status: "cancelled" });
  await endedCall(sql, "2026-06-01T10:00:00Z", "no_answer", { lead_id, follow_up_id });
  assert.deepEqual(await recalls(sql), []);
  assert.equal((await followUp(sql, follow_up_id)).status, "cancelled");
});

Deno.test("recall: only the lead's newest call is followed by one", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const lead_id = await insertLead(sql);
  const older = await insertCall(sql, { lead_id, opened_at: new Date("2026-06-01T10:00:00Z") });
  await insertCall(sql, { lead_id, opened_at: new Date("2026-06-02T10:00:00Z") });
  await recordEvent(sql, { attempt_id: older.attempt_id });
  assert.equal((await attempt(sql, older.attempt_id)).outcome, "no_answer");
  assert.deepEqual(await recalls(sql), []);
});

Deno.test("recall: a better report takes an untouched one back, a worse one leaves it", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await endedCall(sql, "2026-06-01T10:00:00Z", "no_answer");
  const other = await endedCall(sql, "2026-06-01T10:00:00Z", "no_answer");
  const told = { attempt_id: call.attempt_id, call_id: "902" };
  await recordEvent(sql, { ...told, outcome: "busy" });
  const before = await recalls(sql);
  assert.deepEqual(
    before.map(({ recall_of }) => recall_of).sort(),
    [call.attempt_id, other.attempt_id].sort(),
  );
  await recordEvent(sql, { ...told, outcome: "completed" });
  assert.deepEqual((await recalls(sql)).map((one) => one.recall_of), [other.attempt_id]);
});

Deno.test("recall: another outcome moves an untouched one", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await endedCall(sql, "2026-06-01T10:00:00Z", "failed");
  const [planned] = await recalls(sql);
  await recordEvent(sql, {
    attempt_id: call.attempt_id,
    outcome: "no_answer",
    call_id: "902",
  }, new Date("2026-06-01T10:30:00Z"));
  const [moved, ...more] = await recalls(sql);
  assert.deepEqual([moved!.id, more.length], [planned!.id, 0]);
  assert.equal(moved!.reason, "Recall 1 after no answer");
  assert.equal(moved!.due_at.toISOString(), "2026-06-01T14:00:00.000Z");
});

const touched: Record<
  string,
  { touch: (sql: Sql, id: string) => Promise<unknown>; goes: boolean }
> = {
  "is claimed": {
    touch: async (sql, id) => {
      await sql`update public.follow_ups set due_at = now() where id = ${id}`;
      assert.equal((await claim(sql)).length, 1);
    },
    goes: true,
  },
  "was tried in vain and waits": {
    touch: (sql, id) => sql`update public.follow_ups set attempts = 1 where id = ${id}`,
    goes: true,
  },
  "is being called": {
    touch: async (sql, id) => {
      await sql`update public.follow_ups set due_at = now() where id = ${id}`;
      assert.equal((await open(sql, await claim(sql))).length, 1);
    },
    goes: false,
  },
  "was cancelled": {
    touch: (sql, id) => sql`update public.follow_ups set status = 'cancelled' where id = ${id}`,
    goes: false,
  },
};

for (const [name, { touch, goes }] of Object.entries(touched)) {
  Deno.test(`recall: one that ${name} ${goes ? "goes" : "stays"} when somebody turns out to have been reached`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const call = await endedCall(sql, "2026-06-01T10:00:00Z", "no_answer");
    const [recall] = await recalls(sql);
    await touch(sql, recall!.id);
    const rows =
      async () => [...await sql`select * from public.follow_ups where recall_of is not null`];
    const before = await rows();
    const told = { attempt_id: call.attempt_id, outcome: "completed", call_id: "902" };
    await recordEvent(sql, told);
    assert.equal((await attempt(sql, call.attempt_id)).outcome, "completed");
    assert.deepEqual(await rows(), goes ? [] : before);
  });

  Deno.test(`recall: one that ${name} is not moved by another outcome`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const call = await endedCall(sql, "2026-06-01T10:00:00Z", "no_answer");
    const [recall] = await recalls(sql);
    await touch(sql, recall!.id);
    const rows =
      async () => [...await sql`select * from public.follow_ups where recall_of is not null`];
    const before = await rows();
    const told = { attempt_id: call.attempt_id, outcome: "voicemail_detected", call_id: "902" };
    await recordEvent(sql, told);
    assert.equal((await attempt(sql, call.attempt_id)).outcome, "voicemail_detected");
    assert.deepEqual(await rows(), before);
  });
}

Deno.test("recall: a claim on one that was taken back opens nothing", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await endedCall(sql, "2026-06-01T10:00:00Z", "no_answer");
  await sql`update public.follow_ups set due_at = now() where recall_of is not null`;
  const claimed = await claim(sql);
  assert.equal(claimed.length, 1);
  await recordEvent(sql, { attempt_id: call.attempt_id, outcome: "completed", call_id: "902" });
  assert.deepEqual(await open(sql, claimed), []);
  assert.equal((await sql`select from public.call_attempts where status = 'sending'`).length, 0);
});

for (const status of ["refused", "not_sent", "postponed"]) {
  Deno.test(`recall: what an earlier call is followed by is not lost when the newer attempt was ${status}`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const earlier = await insertCall(sql, { status: "unknown" });
    const newer = await insertCall(sql, {
      lead_id: earlier.lead_id,
      follow_up_id: earlier.follow_up_id,
      status: "sending",
      to_number: "+14155550100",
      opened_at: new Date(),
    });
    await recordEvent(sql, { attempt_id: earlier.attempt_id });
    assert.deepEqual(await recalls(sql), [], "the newer one is under way");
    await record(sql, [newer], { status, error: "x" });
    assert.deepEqual((await recalls(sql)).map((one) => one.recall_of), [earlier.attempt_id]);
  });
}

Deno.test("recall: a rule that was deleted is followed by none, and takes back what is open", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await endedCall(sql, "2026-06-01T10:00:00Z", "no_answer");
  assert.equal((await recalls(sql)).length, 1);
  await sql`delete from public.recall_rules where outcome = 'no_answer'`;
  await recordEvent(sql, { attempt_id: call.attempt_id, call_id: "902" });
  assert.deepEqual(await recalls(sql), []);
  await endedCall(sql, "2026-06-01T10:00:00Z", "no_answer");
  assert.deepEqual(await recalls(sql), []);
});

Deno.test("recall: rules that are changed count from the next report on", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await endedCall(sql, "2026-06-01T10:00:00Z", "no_answer");
  const [earlier] = await recalls(sql);
  await sql`update public.recall_rules set delay = '2 hours' where outcome = 'no_answer'`;
  await endedCall(sql, "2026-06-01T10:00:00Z", "no_answer");
  assert.deepEqual((await recalls(sql)).map((one) => one.due_at.toISOString().slice(11, 16)), [
    "12:00",
    "14:00",
  ]);
  await sql`update public.recall_rules set max_recalls = 0 where outcome = 'no_answer'`;
  await endedCall(sql, "2026-06-01T10:00:00Z", "no_answer");
  await sql`update public.recall_rules set max_recalls = 4, is_terminal = true
    where outcome = 'no_answer'`;
  await endedCall(sql, "2026-06-01T10:00:00Z", "no_answer");
  const planned = await recalls(sql);
  assert.equal(planned.length, 2);
  assert.deepEqual(planned.find(({ id }) => id === earlier!.id), earlier);
});

Deno.test("recall: its lead can be called again, at its time and not before", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await endedCall(sql, "2026-06-01T10:00:00Z", "no_answer");
  const at = (moment: string) =>
    sql`select follow_up_id, phone from public.claim_due_follow_ups(as_of => ${new Date(moment)})`;
  assert.equal((await at("2026-06-01T13:59:59Z")).length, 0);
  const claimed = await at("2026-06-01T14:00:00Z");
  assert.deepEqual(claimed.map(({ phone }) => phone), [call.to_number]);
});

// Real connections: each report must meet the others in the middle of their work.
Deno.test("recall: twenty reports of one call at the same moment plan one", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await insertCall(sql);
  const other = await insertCall(sql);
  const connections = Array.from({ length: 20 }, () => connect(database.url, { max: 1 }));
  const outcomes = ["no_answer", "busy", "failed", "voicemail_detected"];
  try {
    await Promise.all(connections.map((own) => own`select 1`));
    const answers = await Promise.all(
      connections.map((own, index) =>
        againWhileLocked(() =>
          recordEvent(own, {
            attempt_id: index % 2 === 0 ? call.attempt_id : null,
            request_id: call.request_id,
            call_id: String(index % 10),
            outcome: outcomes[index % 4]!,
          })
        )
      ),
    );
    assert.ok(answers.every(({ verdict }) => verdict === "settled"));
  } finally {
    await Promise.all(connections.map((own) => own.end()));
  }
  const [recall, ...more] = await recalls(sql);
  assert.deepEqual([recall!.recall_of, more.length], [call.attempt_id, 0]);
  assert.equal(recall!.reason, "Recall 1 after voicemail detected");
  assert.equal((await attempt(sql, call.attempt_id)).outcome, "voicemail_detected");
  assert.equal((await attempt(sql, other.attempt_id)).status, "accepted");
});

Deno.test("recall: two calls of one lead that are told at the same moment plan one", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const connections = Array.from({ length: 2 }, () => connect(database.url, { max: 1 }));
  try {
    await Promise.all(connections.map((own) => own`select 1`));
    for (let time = 0; time < 20; time += 1) {
      const older = await insertCall(sql, { opened_at: new Date(Date.now() - 7_200_000) });
      const newer = await insertCall(sql, { lead_id: older.lead_id });
      await Promise.all(
        [older, newer].map(({ attempt_id }, index) =>
          recordEvent(connections[index]!, { attempt_id })
        ),
      );
      const open = await sql`
        select recall_of from public.follow_ups
        where lead_id = ${older.lead_id} and status = 'pending'`;
      assert.deepEqual(open.map(({ recall_of }) => recall_of), [newer.attempt_id]);
    }
  } finally {
    await Promise.all(connections.map((own) => own.end()));
  }
});

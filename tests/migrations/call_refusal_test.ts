import assert from "node:assert/strict";
import type { Sql } from "../../supabase/local/postgres/connect.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { freshNumber, insertLead } from "../support/insert_lead.ts";
import { claim, followUp, open, record } from "../support/sql_contract.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A call to this number that was over, so long ago. */
async function insertCall(sql: Sql, number: string, agoMs: number): Promise<void> {
  await sql`
    insert into public.call_attempts
      (follow_up_id, lead_id, lease_token, to_number, status, opened_at, sending_until, ended_at,
        outcome)
    values (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), ${number}, 'ended',
      ${new Date(Date.now() - agoMs)}, now(), now(), 'no_answer')`;
}

/** A due follow-up of a lead with this number, and what the claim made of it. */
async function claimed(
  sql: Sql,
  phone: string,
  columns: Parameters<typeof insertFollowUp>[1] = {},
) {
  const id = await insertFollowUp(sql, { lead: { phone }, ...columns });
  const [row] = await claim(sql);
  return { id, isClaimed: row?.follow_up_id === id, ...await followUp(sql, id) };
}

/** The other one, who is due later and must not have to wait for the first. */
async function assertOthersAreClaimed(sql: Sql): Promise<void> {
  const other = await insertFollowUp(sql, { due_at: new Date() });
  assert.deepEqual((await claim(sql)).map((row) => row.follow_up_id), [other]);
}

async function isClaimedAt(sql: Sql, moment: Date, id: string): Promise<boolean> {
  const rows = await sql<{ follow_up_id: string }[]>`
    select follow_up_id from public.claim_due_follow_ups(5, '1 minute', null, ${moment})`;
  return rows.some((row) => row.follow_up_id === id);
}

Deno.test("refusal: a follow-up whose call was placed is not called again until it has a new time", async (test) => {
  const again: Record<string, string> = {
    "a row that is written back whole":
      "update public.follow_ups set status = 'pending', completed_at = null",
    "one that was cancelled while it was sent, and is not any more":
      "update public.follow_ups set status = 'cancelled'; update public.follow_ups set status = 'pending'",
  };
  for (const [name, statement] of Object.entries(again)) {
    await test.step(name, async () => {
      await using database = await freshDatabase();
      const { sql } = database;
      const id = await insertFollowUp(sql);
      await record(sql, await open(sql, await claim(sql)), { status: "accepted" });
      await sql`update public.call_attempts set status = 'ended', ended_at = now()`;
      await sql.unsafe(statement);
      assert.deepEqual(await claim(sql), []);
      const { status, reason } = await followUp(sql, id);
      assert.equal(status, "skipped");
      assert.match(reason ?? "", /^Its call was placed at .* UTC: a later due_at calls again$/);
      await sql`update public.follow_ups set status = 'pending', due_at = now() where id = ${id}`;
      assert.equal((await claim(sql)).length, 1);
    });
  }
});

for (const phone of ["+14152000001", "(415) 200-0001"]) {
  for (const wait of ["a pause", "the hours"]) {
    Deno.test(`refusal: one whose call was placed is not called again for having waited (${wait}, ${phone})`, async () => {
      await using database = await freshDatabase();
      const { sql } = database;
      const time_zone = wait === "the hours" ? "America/Los_Angeles" : null;
      const id = await insertFollowUp(sql, { lead: { phone, time_zone } });
      const { due_at } = await followUp(sql, id);
      const numbers = ["+14152000001"];
      await record(sql, await open(sql, await claim(sql), { numbers }), { status: "accepted" });
      await sql`update public.call_attempts set status = 'ended', ended_at = now()`;
      await sql`update public.follow_ups set status = 'pending', due_at = ${due_at} where id = ${id}`;
      // Here it is in the middle of the night, and a day later it is noon.
      const night = new Date(Date.now() + 48 * HOUR);
      night.setUTCHours(10, 0, 0, 0);
      const noon = new Date(night.getTime() + 34 * HOUR);
      if (wait === "a pause") {
        await sql`
          insert into public.call_pauses (lead_id, until)
          select lead_id, ${new Date(noon.getTime() - HOUR)} from public.follow_ups`;
      } else await sql`select public.use_calling_hours_pack('everywhere')`;
      await sql`select from public.claim_due_follow_ups(10, as_of => ${night})`;
      const claimed = await sql`
        select * from public.claim_due_follow_ups(10, as_of => ${noon})`;
      const items = claimed.map((row) => ({
        ...row,
        attempt_id: crypto.randomUUID(),
        to_number: "+14152000001",
      }));
      const opened = await sql`
        select from public.open_call_attempts(${
        JSON.stringify(items)
      }::text::jsonb, as_of => ${noon})`;
      assert.equal(opened.length, 0);
      const { status, reason } = await followUp(sql, id);
      assert.equal(status, "skipped");
      assert.match(reason ?? "", /^Its call was placed at/);
    });
  }
}

Deno.test("refusal: a call that was never placed, or to another number, is no reason", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const [refused, corrected] = [await insertFollowUp(sql), await insertFollowUp(sql)];
  const opened = await open(sql, await claim(sql));
  await record(sql, opened.filter((row) => row.follow_up_id === refused), { status: "postponed" });
  await record(sql, opened.filter((row) => row.follow_up_id === corrected), { status: "accepted" });
  await sql`update public.call_attempts set status = 'ended', ended_at = now() where status = 'accepted'`;
  await sql`
    update public.leads set phone = ${freshNumber()}
    where id = (select lead_id from public.follow_ups where id = ${corrected})`;
  await sql`update public.follow_ups set status = 'pending', due_at = now() - interval '1 hour'`;
  assert.equal((await claim(sql)).length, 2);
});

for (const [number, entry] of [["+14155550123", "+14155550123"], ["+19005550123", "+1900*"]]) {
  Deno.test(`refusal: nobody on the stop list is claimed, by ${entry}`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await sql`insert into public.do_not_call (number) values (${entry!})`;
    const row = await claimed(sql, number!);
    assert.deepEqual([row.isClaimed, row.status, row.reason], [
      false,
      "failed",
      "Number is on the stop list",
    ]);
    await assertOthersAreClaimed(sql);
  });
}

Deno.test("refusal: a number that is put on the stop list after the claim is not opened", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const phone = "+14155550123";
  // As somebody wrote it, the claim cannot read it whole.
  await sql`update public.dispatch_settings set default_country = 'US'`;
  const id = await insertFollowUp(sql, { lead: { phone: "(415) 555-0123" } });
  const rows = await claim(sql);
  await sql`insert into public.do_not_call (number) values (${phone})`;
  assert.deepEqual(await open(sql, rows, { numbers: [phone] }), []);
  const { status, reason } = await followUp(sql, id);
  assert.deepEqual([status, reason], ["failed", "Number is on the stop list"]);
});

Deno.test("refusal: a stop list takes numbers and prefixes with a star, and nothing else", async () => {
  await using database = await freshDatabase();
  for (const number of ["4155550123", "+1900", "*", "+*", "+1900 5550123", ""]) {
    await assert.rejects(
      database.sql`insert into public.do_not_call (number) values (${number})`,
      /number_is_e164_or_a_prefix_with_a_star/,
    );
  }
});

Deno.test("budget: who has been called as often as may be, ever, is skipped with the reason", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_settings set max_calls_per_number = 2`;
  const number = freshNumber();
  await insertCall(sql, number, 90 * 24 * HOUR);
  await insertCall(sql, number, 30 * 24 * HOUR);
  const row = await claimed(sql, number);
  assert.deepEqual([row.status, row.reason], [
    "failed",
    "Number has been called 2 times, which is the most",
  ]);
  await assertOthersAreClaimed(sql);
});

Deno.test("budget: within 24 hours a number waits until the oldest call is a day old", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_settings set max_calls_per_number_per_24_hours = 2`;
  const number = freshNumber();
  await insertCall(sql, number, 20 * HOUR);
  await insertCall(sql, number, 10 * HOUR);
  await insertCall(sql, number, 30 * HOUR);
  const row = await claimed(sql, number);
  assert.deepEqual([row.isClaimed, row.status], [false, "pending"]);
  assert.match(row.reason ?? "", /2 times within 24 hours/);
  assert.ok(Math.abs(row.due_at.getTime() - (Date.now() + 4 * HOUR)) < MINUTE);
  await assertOthersAreClaimed(sql);
});

Deno.test("budget: the day is that of the number's own clock, and ends at its midnight", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_settings set max_calls_per_number_per_day = 1`;
  const lead_id = await insertLead(sql, { phone: "+919812345678" });
  await sql`update public.leads set time_zone = 'Asia/Kolkata' where id = ${lead_id}`;
  await sql`
    insert into public.call_attempts
      (follow_up_id, lead_id, lease_token, to_number, status, opened_at, sending_until, ended_at)
    values (gen_random_uuid(), ${lead_id}, gen_random_uuid(), '+919812345678', 'ended',
      '2026-06-01T18:00:00Z', now(), now())`;
  const id = await insertFollowUp(sql, { lead_id, due_at: new Date("2026-06-01T00:00:00Z") });
  // 23:50 in India, the day of the call.
  await sql`select from public.claim_due_follow_ups(5, '1 minute', null, '2026-06-01T18:20:00Z')`;
  const waiting = await followUp(sql, id);
  assert.match(waiting.reason ?? "", /1 times today/);
  assert.equal(waiting.due_at.toISOString(), "2026-06-01T18:30:00.000Z");
  const [row] = await sql`
    select follow_up_id from public.claim_due_follow_ups(5, '1 minute', null, '2026-06-01T18:30:00Z')`;
  assert.equal(row!.follow_up_id, id);
});

Deno.test("budget: the day is over when it is over in all zones that the number can be in", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_settings set max_calls_per_number_per_day = 1`;
  await sql`
    insert into public.number_prefixes (prefix, country, time_zones)
    values ('449123456', 'GB', '{Asia/Tokyo,Europe/London,America/New_York}')`;
  const number = "+4491234567890";
  await sql`
    insert into public.call_attempts
      (follow_up_id, lead_id, lease_token, to_number, status, opened_at, sending_until, ended_at)
    values (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), ${number}, 'ended',
      '2026-06-01T14:00:00Z', now(), now())`;
  const id = await insertFollowUp(sql, {
    lead: { phone: number },
    due_at: new Date("2026-06-01T00:00:00Z"),
  });
  // It is tomorrow in Tokyo, and then in London; in New York it is the day of the call.
  for (const at of ["2026-06-01T15:30:00Z", "2026-06-02T01:00:00Z", "2026-06-02T03:59:59Z"]) {
    assert.equal(await isClaimedAt(sql, new Date(at), id), false);
    await sql`update public.follow_ups set due_at = ${at} where id = ${id}`;
  }
  assert.equal(await isClaimedAt(sql, new Date("2026-06-02T03:59:59Z"), id), false);
  const { reason, due_at } = await followUp(sql, id);
  assert.deepEqual([reason, due_at.toISOString()], [
    "Number has been called 1 times today",
    "2026-06-02T04:00:00.000Z",
  ]);
  assert.equal(await isClaimedAt(sql, due_at, id), true);
});

Deno.test("zone: one of a number that the database does not know stops its calls, and nobody else's", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_settings set max_calls_per_number_per_day = 5`;
  await sql`
    insert into public.number_prefixes (prefix, country, time_zones)
    values ('449123456', 'GB', '{Europe/Atlantis}')`;
  await insertCall(sql, "+4491234567890", 2 * HOUR);
  const row = await claimed(sql, "+4491234567890");
  assert.match(row.reason ?? "", /^The hours cannot be told: .*Europe\/Atlantis/);
  assert.ok(row.due_at.getTime() > Date.now() + 50 * MINUTE);
  await assertOthersAreClaimed(sql);
});

Deno.test("budget: between two calls to a number lies the smallest gap, whoever is called", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_settings set smallest_gap_per_number = '1 hour'`;
  const number = freshNumber();
  await insertCall(sql, number, 20 * MINUTE);
  const row = await claimed(sql, number);
  assert.deepEqual([row.isClaimed, row.reason], [false, "Number was called a moment ago"]);
  assert.ok(Math.abs(row.due_at.getTime() - (Date.now() + 40 * MINUTE)) < MINUTE);
  await assertOthersAreClaimed(sql);
});

Deno.test("budget: calls that were never placed use up nothing", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_settings
    set max_calls_per_number = 1, smallest_gap_per_number = '1 hour'`;
  const number = freshNumber();
  for (const status of ["postponed", "not_sent", "refused", "abandoned"]) {
    await insertCall(sql, number, MINUTE);
    await sql`update public.call_attempts set status = ${status}, ended_at = null, outcome = null
      where status = 'ended'`;
  }
  assert.equal((await claimed(sql, number)).isClaimed, true);
});

Deno.test("pause: a source waits, the others are called, and it goes on when the row is deleted", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`insert into public.call_pauses (source, reason) values ('recall', 'New script')`;
  const recall = await insertFollowUp(sql, { source: "recall" });
  const manual = await insertFollowUp(sql);
  assert.deepEqual((await claim(sql)).map((row) => row.follow_up_id), [manual]);
  const { reason, status, due_at } = await followUp(sql, recall);
  assert.deepEqual([status, reason], ["pending", "Paused: New script"]);
  await sql`delete from public.call_pauses where source = 'recall'`;
  const later = new Date(due_at.getTime() + 1_000);
  assert.ok(await isClaimedAt(sql, later, recall));
});

Deno.test("pause: a lead waits until the pause runs out, and no longer", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const lead_id = await insertLead(sql);
  const until = new Date(Date.now() + 3 * HOUR);
  await sql`insert into public.call_pauses (lead_id, until) values (${lead_id}, ${until})`;
  const id = await insertFollowUp(sql, { lead_id });
  await assertOthersAreClaimed(sql);
  assert.equal((await followUp(sql, id)).due_at.getTime(), until.getTime());
  assert.ok(await isClaimedAt(sql, until, id));
});

Deno.test("pause: it is of one source or of one lead", async () => {
  await using database = await freshDatabase();
  await assert.rejects(
    database.sql`insert into public.call_pauses (reason) values ('What?')`,
    /it_pauses_a_source_or_a_lead/,
  );
});

Deno.test("expiry: what could not be called for so long is skipped, by when it was first due", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_settings set expire_after = '2 days'`;
  const stale = await insertFollowUp(sql, { due_at: new Date(Date.now() - 49 * HOUR) });
  const moved = await insertFollowUp(sql);
  await sql`update public.follow_ups set first_due_at = now() - interval '3 days'
    where id = ${moved}`;
  const fresh = await insertFollowUp(sql, { due_at: new Date(Date.now() - 47 * HOUR) });
  assert.deepEqual((await claim(sql)).map((row) => row.follow_up_id), [fresh]);
  for (const id of [stale, moved]) {
    const { status, reason } = await followUp(sql, id);
    assert.equal(status, "failed");
    assert.match(reason ?? "", /^Expired: it could not be called since 20/);
  }
});

Deno.test("zone: one that is not known stops the lead's calls, says so, and stands in nobody's way", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const lead_id = await insertLead(sql);
  await sql`update public.leads set time_zone = 'Mars/Olympus' where id = ${lead_id}`;
  const id = await insertFollowUp(sql, { lead_id });
  await assertOthersAreClaimed(sql);
  const { status, reason, due_at } = await followUp(sql, id);
  assert.deepEqual([status, reason], [
    "pending",
    'Time zone "Mars/Olympus" of the lead is not known',
  ]);
  await sql`update public.leads set time_zone = 'Europe/Berlin' where id = ${lead_id}`;
  assert.ok(await isClaimedAt(sql, new Date(due_at.getTime() + 1_000), id));
});

Deno.test("hours: what is claimed just before they close is not opened after", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const lead_id = await insertLead(sql);
  await sql`update public.leads set time_zone = 'Asia/Kolkata' where id = ${lead_id}`;
  const id = await insertFollowUp(sql, { lead_id });
  const rows = await claim(sql);
  assert.equal(rows.length, 1);
  // A window that is shut now, whenever now is, in a zone whose clocks are never changed.
  await sql`
    insert into public.calling_hours (opens, closes)
    select ((now() at time zone 'Asia/Kolkata')::time + interval '2 hours'),
      ((now() at time zone 'Asia/Kolkata')::time + interval '3 hours')`;
  assert.deepEqual(await open(sql, rows), []);
  const { status, reason, due_at } = await followUp(sql, id);
  assert.deepEqual([status, reason], ["pending", "Outside the calling hours"]);
  assert.ok(due_at.getTime() > Date.now() + 110 * MINUTE);
});

Deno.test("refusal: the dry run gives the reason that the claim gives", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_settings
    set smallest_gap_per_number = '1 hour', expire_after = '2 days'`;
  const [stopped, called] = [freshNumber(), freshNumber()];
  await sql`insert into public.do_not_call (number) values (${stopped})`;
  await insertCall(sql, called, 5 * MINUTE);
  await sql`insert into public.call_pauses (source) values ('recall')`;
  for (
    const columns of [
      { lead: { phone: stopped } },
      { lead: { phone: called } },
      { source: "recall" },
      { due_at: new Date(Date.now() - 72 * HOUR) },
      { lead: { stage: "closed" } },
      {},
    ]
  ) await insertFollowUp(sql, columns);
  const previewed = await sql<{ follow_up_id: string; refusal: string | null }[]>`
    select follow_up_id, refusal from public.preview_dispatch()`;
  const rows = await claim(sql);
  assert.equal(rows.length, 1);
  for (const { follow_up_id, refusal } of previewed) {
    assert.equal((await followUp(sql, follow_up_id)).reason, refusal);
  }
  assert.equal(previewed.filter(({ refusal }) => refusal === null).length, 1);
});

Deno.test("refusal: a new lead on the stop list is seeded once, and not again by every run", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const phone = freshNumber();
  await sql`insert into public.do_not_call (number) values (${phone})`;
  await insertLead(sql, { phone });
  for (let run = 0; run < 3; run += 1) {
    await sql`select public.seed_follow_ups()`;
    assert.deepEqual(await claim(sql), []);
  }
  await sql`select public.note_unseeded_leads()`;
  await sql`select public.seed_follow_ups()`;
  const [made] = await sql`select count(*)::int as follow_ups from public.follow_ups`;
  assert.equal(made!.follow_ups, 1);
});

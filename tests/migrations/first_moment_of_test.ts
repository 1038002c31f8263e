import assert from "node:assert/strict";
import type { Sql } from "../../supabase/local/postgres/connect.ts";
import { freshDatabase } from "../support/fresh_database.ts";

// In each: the local time, the zone, and the first moment at which its clocks show it.
const moments: [string, string, string, string][] = [
  ["a plain midnight", "2026-11-24T00:00", "Asia/Kolkata", "2026-11-23T18:30:00Z"],
  ["midnight that comes twice", "2026-11-01T00:00", "America/Havana", "2026-11-01T04:00:00Z"],
  ["the midnight before", "2026-10-31T00:00", "America/Havana", "2026-10-31T04:00:00Z"],
  ["the midnight after", "2026-11-02T00:00", "America/Havana", "2026-11-02T05:00:00Z"],
  ["midnight that comes twice", "2026-10-25T00:00", "Atlantic/Azores", "2026-10-25T00:00:00Z"],
  ["the midnight after", "2026-10-26T00:00", "Atlantic/Azores", "2026-10-26T01:00:00Z"],
  ["clocks put back at midnight", "2026-10-25T00:00", "Asia/Beirut", "2026-10-24T22:00:00Z"],
  ["midnight that is left out", "2018-11-04T00:00", "America/Sao_Paulo", "2018-11-04T03:00:00Z"],
  ["midnight that is left out", "2026-03-29T00:00", "Asia/Beirut", "2026-03-28T22:00:00Z"],
  ["half an hour that comes twice", "2026-04-05T01:30", "Australia/Lord_Howe", "2026-04-04T14:30Z"],
  ["three hours that come twice", "2019-03-17T01:30", "Antarctica/Casey", "2019-03-16T14:30:00Z"],
  ["two hours that come twice", "2026-10-25T01:30", "Antarctica/Troll", "2026-10-24T23:30:00Z"],
];

for (const [what, local, zone, moment] of moments) {
  Deno.test(`first moment: ${what}, ${zone} ${local}`, async () => {
    await using database = await freshDatabase();
    const [row] = await database.sql`
      select public.first_moment_of(${local}::text::timestamp, ${zone}) as moment`;
    assert.equal(row!.moment.toISOString(), new Date(moment).toISOString());
  });
}

/** A call at a moment, to a number. */
async function call(sql: Sql, openedAt: string, to = "+14155550123"): Promise<void> {
  await sql`
    insert into public.call_attempts
      (follow_up_id, lead_id, lease_token, to_number, status, opened_at, sending_until, ended_at)
    values (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), ${to}, 'ended', ${openedAt},
      ${openedAt}, ${openedAt})`;
}

// The zone, a call just before its midnight, one just after, moments of the new day with the hour that
// comes twice or is left out among them, and the next midnight.
const nights: [string, string, string, string[], string][] = [
  [
    "America/Havana",
    "2026-11-01T03:59:00Z",
    "2026-11-01T04:01:00Z",
    [
      "2026-11-01T04:30:00Z",
      "2026-11-01T05:00:00Z",
      "2026-11-01T05:30:00Z",
      "2026-11-02T04:59:00Z",
    ],
    "2026-11-02T05:00:00Z",
  ],
  [
    "Atlantic/Azores",
    "2026-10-24T23:59:00Z",
    "2026-10-25T00:01:00Z",
    [
      "2026-10-25T00:30:00Z",
      "2026-10-25T01:00:00Z",
      "2026-10-25T01:30:00Z",
      "2026-10-26T00:59:00Z",
    ],
    "2026-10-26T01:00:00Z",
  ],
  [
    "America/Sao_Paulo",
    "2018-11-04T02:59:00Z",
    "2018-11-04T03:00:00Z",
    ["2018-11-04T03:30:00Z", "2018-11-05T01:59:00Z"],
    "2018-11-05T02:00:00Z",
  ],
  [
    "Asia/Beirut",
    "2026-03-28T21:59:00Z",
    "2026-03-28T22:00:00Z",
    ["2026-03-28T22:30:00Z", "2026-03-29T20:59:00Z"],
    "2026-03-29T21:00:00Z",
  ],
];

for (const [zone, before, after, moments, next] of nights) {
  Deno.test(`day of ${zone}: the calls since its first midnight count, whichever hour it is`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await sql`update public.dispatch_settings
      set max_calls_per_day = 10, default_time_zone = ${zone} where id`;
    await call(sql, before);
    await call(sql, after);
    const left = async (asOf: string) => {
      const [row] = await sql`select calls, until from public.call_allowance(as_of => ${asOf})`;
      return [row!.calls, row!.until.toISOString()];
    };
    const until = new Date(next).toISOString();
    for (const moment of moments) assert.deepEqual(await left(moment), [9, until], moment);
    assert.equal((await left(next))[0], 10);
    // Until the first midnight it is the day before, which ends there.
    const eve = await left(before);
    assert.ok(eve[1]! > before && eve[1]! <= after, `${eve[1]} is between ${before} and ${after}`);
  });

  Deno.test(`day of ${zone}: a number's calls of the day are those since its first midnight`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await sql`update public.dispatch_settings set max_calls_per_number_per_day = 1,
      max_calls_per_number_per_24_hours = null, smallest_gap_per_number = '0' where id`;
    await sql`insert into public.leads (phone, time_zone) values ('+14155550123', ${zone})`;
    const refusal = async (asOf: string) => {
      const [row] = await sql`
        select refusal.reason, refusal.until
        from public.leads as lead
        cross join lateral jsonb_populate_record(
          null::public.follow_ups,
          jsonb_build_object('lead_id', lead.id, 'source', 'manual', 'due_at', ${asOf}::text)
        ) as follow_up
        cross join lateral public.call_refusal(
          follow_up, lead, '+14155550123', ${asOf}::text::timestamptz
        ) as refusal`;
      return row && [row.reason, row.until.toISOString()];
    };
    await call(sql, before);
    assert.equal(await refusal(moments[0]!), undefined, "that was yesterday");
    await call(sql, after);
    const refused = ["Number has been called 1 times today", new Date(next).toISOString()];
    for (const moment of moments) assert.deepEqual(await refusal(moment), refused, moment);
    assert.equal(await refusal(next), undefined);
  });
}

Deno.test("month of America/Havana: it begins at the first of its two midnights", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_settings
    set max_calls_per_month = 10, default_time_zone = 'America/Havana' where id`;
  await call(sql, "2026-11-01T03:59:00Z");
  await call(sql, "2026-11-01T04:01:00Z");
  const ask = async (asOf: string) => {
    const [row] = await sql`select calls, until from public.call_allowance(as_of => ${asOf})`;
    return [row!.calls, row!.until.toISOString()];
  };
  assert.deepEqual(await ask("2026-11-01T04:30:00Z"), [9, "2026-12-01T05:00:00.000Z"]);
  assert.deepEqual(await ask("2026-11-01T05:30:00Z"), [9, "2026-12-01T05:00:00.000Z"]);
  assert.equal((await ask("2026-10-31T12:00:00Z"))[1], "2026-11-01T04:00:00.000Z");
});

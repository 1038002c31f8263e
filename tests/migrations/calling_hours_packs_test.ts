import assert from "node:assert/strict";
import { connect, type Sql } from "../../supabase/local/postgres/connect.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { insertLead } from "../support/insert_lead.ts";
import { followUp } from "../support/sql_contract.ts";

const PACKS = ["AU", "everywhere", "GB", "IN", "IN-21", "US", "US-FL", "US-OK"];

const ZONES: Record<string, string> = {
  NY: "America/New_York",
  Chicago: "America/Chicago",
  Kolkata: "Asia/Kolkata",
  London: "Europe/London",
  Sydney: "Australia/Sydney",
  Perth: "Australia/Perth",
};

/** packs | number | zone | moment on their wall | allowed. 10 June 2026 is a Wednesday. */
const CASES = `
everywhere | +14155550100 | NY | 2026-06-10 08:59:59 | no
everywhere | +14155550100 | NY | 2026-06-10 09:00 | yes
everywhere | +912212345678 | Kolkata | 2026-06-14 19:59:59 | yes
everywhere | +912212345678 | Kolkata | 2026-06-14 20:00 | no
US | +14155550100 | NY | 2026-06-10 07:59:59 | no
US | +14155550100 | NY | 2026-06-14 08:00 | yes
US | +14155550100 | NY | 2026-06-14 20:59:59 | yes
US | +14155550100 | NY | 2026-06-10 21:00 | no
US | +442071838750 | London | 2026-06-10 03:00 | yes
everywhere US | +442071838750 | London | 2026-06-10 03:00 | no
everywhere US | +14155550100 | NY | 2026-06-10 20:30 | yes
US US-FL | +13055550100 | NY | 2026-06-10 19:59:59 | yes
US US-FL | +13055550100 | NY | 2026-06-10 20:30 | no
US US-FL | +12125550100 | NY | 2026-06-10 20:30 | yes
US US-FL | +13055550100 | NY | 2026-06-14 08:00 | yes
US US-FL | +13055550100 | NY | 2021-07-01 20:30 | no
US US-OK | +14055550100 | Chicago | 2026-06-10 20:30 | no
US US-OK | +19185550100 | Chicago | 2026-06-10 19:30 | yes
US US-OK | +12145550100 | Chicago | 2026-06-10 20:30 | yes
IN | +912212345678 | Kolkata | 2026-06-10 09:59:59 | no
IN | +912212345678 | Kolkata | 2026-06-14 10:00 | yes
IN | +912212345678 | Kolkata | 2026-06-10 19:00 | no
IN-21 | +912212345678 | Kolkata | 2026-06-10 09:59:59 | no
IN-21 | +912212345678 | Kolkata | 2026-06-10 20:59:59 | yes
IN-21 | +912212345678 | Kolkata | 2026-06-10 21:00 | no
IN-21 IN | +912212345678 | Kolkata | 2026-06-10 19:00 | no
IN IN-21 | +912212345678 | Kolkata | 2026-06-10 19:00 | yes
GB | +442071838750 | London | 2026-06-10 07:59:59 | no
GB | +442071838750 | London | 2026-06-10 20:59:59 | yes
GB | +442071838750 | London | 2026-06-10 21:00 | no
GB | +442071838750 | London | 2026-06-13 08:30 | no
GB | +442071838750 | London | 2026-06-13 16:59:59 | yes
GB | +442071838750 | London | 2026-06-13 17:00 | no
GB | +442071838750 | London | 2026-06-14 12:00 | no
AU | +61290000000 | Sydney | 2026-06-10 08:59:59 | no
AU | +61290000000 | Sydney | 2026-06-10 19:59:59 | yes
AU | +61290000000 | Sydney | 2026-06-10 20:00 | no
AU | +61890000000 | Perth | 2026-06-10 19:30 | yes
AU | +61290000000 | Sydney | 2026-06-13 16:59:59 | yes
AU | +61290000000 | Sydney | 2026-06-13 17:00 | no
AU | +61290000000 | Sydney | 2026-06-14 12:00 | no
AU | +61290000000 | Sydney | 2026-12-24 12:00 | yes
AU | +61290000000 | Sydney | 2026-12-25 12:00 | no
AU | +61290000000 | Sydney | 2026-12-28 12:00 | no
AU | +61290000000 | Sydney | 2027-03-26 12:00 | no
AU | +61290000000 | Sydney | 2027-03-29 12:00 | no
AU | +61290000000 | Sydney | 2027-03-30 12:00 | yes
AU US | +14155550100 | NY | 2026-12-25 12:00 | yes
`;

for (const line of CASES.split("\n").filter((text) => text !== "")) {
  const [packs, number, zone, wall, allowed] = line.split(" | ");
  Deno.test(`packs: ${packs}, ${number} in ${zone} on ${wall}: ${allowed}`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    for (const pack of packs!.split(" ")) await use(sql, pack);
    const [row] = await sql<{ allowed: boolean }[]>`
      select public.is_calling_hour(
        ${number!}, public.number_country(${number!}), ${[ZONES[zone!]!]},
        ${wall!}::timestamp at time zone ${ZONES[zone!]!}
      ) as allowed`;
    assert.equal(row!.allowed, allowed === "yes");

    const [clock] = await sql<{ moment: Date }[]>`
      select ${wall!}::timestamp at time zone ${ZONES[zone!]!} as moment`;
    const lead_id = await insertLead(sql, { phone: number!, time_zone: ZONES[zone!]! });
    const id = await insertFollowUp(sql, { lead_id, due_at: clock!.moment });
    const [foretold] = await sql<{ refusal: string | null }[]>`
      select refusal from public.preview_dispatch(as_of => ${clock!.moment})
      where follow_up_id = ${id}`;
    const claimed = await sql`
      select from public.claim_due_follow_ups(as_of => ${clock!.moment})`;
    assert.deepEqual(
      [foretold!.refusal, claimed.length],
      allowed === "yes" ? [null, 1] : ["Outside the calling hours", 0],
    );
  });
}

async function use(sql: Sql, pack: string | null): Promise<number> {
  const [row] = await sql<
    { rows: number }[]
  >`select public.use_calling_hours_pack(${pack}) as rows`;
  return row!.rows;
}

async function drop(sql: Sql, pack: string): Promise<number> {
  const [row] = await sql<
    { rows: number }[]
  >`select public.drop_calling_hours_pack(${pack}) as rows`;
  return row!.rows;
}

/** Both tables, without the keys that differ each time. */
async function rules(sql: Sql) {
  return {
    hours: [
      ...await sql`
      select region, weekdays, opens, closes, valid_from, valid_until, pack, source
      from public.calling_hours order by region, weekdays, pack`,
    ],
    holidays: [
      ...await sql`
      select region, day::text as day, name, pack, source
      from public.calling_holidays order by region, day`,
    ],
  };
}

Deno.test("packs: none is on until it is chosen", async () => {
  await using database = await freshDatabase();
  assert.deepEqual(await rules(database.sql), { hours: [], holidays: [] });
});

for (const pack of PACKS) {
  Deno.test(`packs: ${pack} says where its rules come from, and chosen twice is the same`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const count = await use(sql, pack);
    const once = await rules(sql);
    assert.equal(count, once.hours.length + once.holidays.length);
    assert.ok(once.hours.length > 0);
    for (const row of [...once.hours, ...once.holidays]) {
      assert.equal(row.pack, pack);
      assert.ok(row.source.length > 20, row.source);
    }
    assert.equal(await use(sql, pack), count);
    assert.deepEqual(await rules(sql), once);
  });
}

Deno.test("packs: chosen again, what was changed in one and what an older version had is gone", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await use(sql, "AU");
  const shipped = await rules(sql);
  await sql`update public.calling_hours set closes = '23:00' where pack = 'AU'`;
  await sql`insert into public.calling_hours (region, opens, closes, pack)
    values ('+61', '00:00', '24:00', 'AU')`;
  await sql`delete from public.calling_holidays where day = '2026-12-25'`;
  await use(sql, "AU");
  assert.deepEqual(await rules(sql), shipped);
});

Deno.test("packs: all can be used at once, each region by one of them", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  for (const pack of PACKS) await use(sql, pack);
  const regions = await sql`
    select region from public.calling_hours group by region having count(distinct pack) > 1`;
  assert.deepEqual([...regions], []);
  const [row] = await sql`
    select array_agg(distinct pack order by pack) as packs from public.calling_hours`;
  assert.deepEqual(row!.packs.sort(), PACKS.filter((pack) => pack !== "IN").sort());
});

Deno.test("packs: no state has hours that its country does not have", async () => {
  await using database = await freshDatabase();
  const wider = await database.sql`
    select state.pack, state.region
    from public.calling_hours_packs as state
    join public.calling_hours_packs as country on country.pack = split_part(state.pack, '-', 1)
    where state.region like '+%'
      and (
        state.opens < country.opens or state.closes > country.closes
          or not state.weekdays <@ country.weekdays
      )`;
  assert.deepEqual([...wider], []);
});

Deno.test("packs: the prefixes of a state are known as its country's, and none is in two packs", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const strange = await sql`
    select pack, region from public.calling_hours_packs
    where region like '+%'
      and public.number_country(region || '5550100') is distinct from split_part(pack, '-', 1)`;
  assert.deepEqual([...strange], []);
  const twice = await sql`
    select region from public.calling_hours_packs where region like '+%'
    group by region having count(*) > 1`;
  assert.deepEqual([...twice], []);
  const sizes = await sql`
    select pack, count(*)::integer as prefixes from public.calling_hours_packs
    where region like '+%' group by pack order by pack`;
  assert.deepEqual(sizes.map(({ pack, prefixes }) => [pack, prefixes]), [
    ["US-FL", 23],
    ["US-OK", 5],
  ]);
});

Deno.test("packs: your own rules and holidays stay, whatever is chosen and dropped", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`insert into public.calling_hours (region, opens, closes, source)
    values ('AU', '10:00', '12:00', 'our own')`;
  await sql`insert into public.calling_holidays (region, day, name)
    values ('AU', '2026-12-25', 'ours'), ('AU', '2026-07-01', 'ours too')`;
  const own = await rules(sql);
  await use(sql, "AU");
  await use(sql, "AU");
  const both = await rules(sql);
  assert.deepEqual(both.hours.filter(({ pack }) => pack === null), own.hours);
  assert.deepEqual(both.holidays.filter(({ pack }) => pack === null), own.holidays);
  assert.ok(await drop(sql, "AU") > 10);
  assert.deepEqual(await rules(sql), own);
});

Deno.test("packs: dropping one leaves the others", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await use(sql, "US");
  const before = await rules(sql);
  const count = await use(sql, "US-FL");
  assert.equal(await drop(sql, "US-FL"), count);
  assert.deepEqual(await rules(sql), before);
  assert.equal(await drop(sql, "US-FL"), 0);
  assert.equal(await drop(sql, "Mars"), 0);
  assert.deepEqual(await rules(sql), before);
});

for (const pack of ["Mars", "us", "", null]) {
  Deno.test(`packs: ${pack === null ? "null" : `"${pack}"`} is not known, and changes nothing`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await use(sql, "US");
    const before = await rules(sql);
    await assert.rejects(use(sql, pack), (error: Error & { hint?: string }) => {
      assert.match(error.message, /^Cannot use the calling hours pack "/);
      for (const known of PACKS) assert.ok(error.hint!.includes(known), error.hint);
      return true;
    });
    assert.deepEqual(await rules(sql), before);
  });
}

Deno.test("packs: the holidays of AU are the days, and those on which a weekend's is observed", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await use(sql, "AU");
  const { holidays } = await rules(sql);
  const days = (year: string) =>
    holidays.filter(({ day }) => day.startsWith(year)).map(({ day }) => day.slice(5)).join(" ");
  assert.equal(days("2026"), "01-01 01-26 04-03 04-06 04-25 04-27 12-25 12-26 12-28");
  assert.equal(days("2027"), "01-01 01-26 03-26 03-29 04-25 04-26 12-25 12-26 12-27 12-28");
  assert.equal(days("2028"), "01-01 01-03 01-26 04-14 04-17 04-25 12-25 12-26");
  assert.equal(days("2031"), "");
  const named = holidays.filter(({ day }) => day >= "2027-12-20" && day < "2028-01-10");
  assert.deepEqual(named.map(({ name }) => name), [
    "Christmas Day",
    "Boxing Day",
    "Christmas Day, observed",
    "Boxing Day, observed",
    "New Year's Day",
    "New Year's Day, observed",
  ]);
});

Deno.test("packs: chosen and dropped, it counts from the next claim on", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_settings set hours_jitter = '0'`;
  const evening = new Date("2026-06-11T00:30:00Z"); // 20:30 in New York
  const claimedAtHalfPastEight = async (phone: string) => {
    const lead_id = await insertLead(sql, { phone, time_zone: "America/New_York" });
    const id = await insertFollowUp(sql, { lead_id, due_at: evening });
    const rows = await sql<{ follow_up_id: string }[]>`
      select follow_up_id from public.claim_due_follow_ups(as_of => ${evening})`;
    assert.ok(rows.every(({ follow_up_id }) => follow_up_id === id));
    if (rows.length === 0) {
      const { due_at, reason } = await followUp(sql, id);
      assert.equal(reason, "Outside the calling hours");
      assert.equal(due_at.toISOString(), "2026-06-11T12:00:00.000Z");
    }
    return rows.length === 1;
  };
  const [miami, newYork] = ["+13055550100", "+12125550100"];
  await use(sql, "US");
  assert.equal(await claimedAtHalfPastEight(miami), true);
  await use(sql, "US-FL");
  assert.equal(await claimedAtHalfPastEight(miami), false);
  assert.equal(await claimedAtHalfPastEight(newYork), true);
  await drop(sql, "US-FL");
  assert.equal(await claimedAtHalfPastEight(miami), true);
});

// Real connections: each call must meet the others between its deleting and its inserting.
Deno.test("packs: chosen by several at the same moment, its rows are there once", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const connections = Array.from({ length: 8 }, () => connect(database.url, { max: 1 }));
  try {
    await Promise.all(connections.map((own) => own`select 1`));
    for (let time = 0; time < 5; time += 1) {
      await Promise.all(
        connections.map((own, index) => use(own, index % 2 === 0 ? "US-FL" : "AU")),
      );
      const [row] = await sql`
        select count(*)::integer as rows, count(distinct (region, weekdays))::integer as different
        from public.calling_hours`;
      assert.deepEqual({ ...row }, { rows: 25, different: 25 });
    }
  } finally {
    await Promise.all(connections.map((own) => own.end()));
  }
});

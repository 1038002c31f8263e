import assert from "node:assert/strict";
import type { Sql } from "../../supabase/local/postgres/connect.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { insertLead } from "../support/insert_lead.ts";
import { followUp } from "../support/sql_contract.ts";

const JITTER = 600_000;

const ZONES: Record<string, string> = {
  NY: "America/New_York",
  LA: "America/Los_Angeles",
  Honolulu: "Pacific/Honolulu",
  London: "Europe/London",
  Kolkata: "Asia/Kolkata",
  Kathmandu: "Asia/Kathmandu",
  Tokyo: "Asia/Tokyo",
  Tonga: "Pacific/Tongatapu",
  LordHowe: "Australia/Lord_Howe",
};

const NUMBERS: Record<string, string | null> = {
  California: "+14155550100",
  Florida: "+13055550100",
  India: "+912212345678",
  TollFree: "+18005550100",
  AustralianMobile: "+61412345678",
  Satellite: "+870773111632",
  none: null,
};

/** In place of zones: none is stated on the lead, and those of its number count, else the default. */
const OWN = "own";

/**
 * name | rules and holidays | number | zones | moment in UTC | open, the next moment, or never.
 *
 * A rule: [region] opens-closes [w + weekdays] [from..until]; a holiday: [region] date. Without a region
 * it is for everywhere. Several zones are those of the number, one is stated on the lead. 10 June 2026 is a Wednesday; New York is then 4 hours behind UTC, else 5.
 */
const CASES = `
They open to the second                 | 09:00-20:00 | California | NY | 2026-06-10 13:00 | open
A second before they open               | 09:00-20:00 | California | NY | 2026-06-10 12:59:59 | 2026-06-10 13:00
A second before they close              | 09:00-20:00 | California | NY | 2026-06-10 23:59:59 | open
They are closed from closes on          | 09:00-20:00 | California | NY | 2026-06-11 00:00 | 2026-06-11 13:00
In the small hours, on the same day     | 09:00-20:00 | California | NY | 2026-06-10 05:00 | 2026-06-10 13:00
Two windows, between them               | 09:00-12:00, 14:00-18:00 | California | NY | 2026-06-10 16:30 | 2026-06-10 18:00
Windows that overlap add up             | 09:00-13:00, 12:00-18:00 | California | NY | 2026-06-10 17:30 | open

A weekday                               | 09:00-20:00 w12345 | California | NY | 2026-06-12 15:00 | open
Friday after they close                 | 09:00-20:00 w12345 | California | NY | 2026-06-13 00:00 | 2026-06-15 13:00
Saturday                                | 09:00-20:00 w12345 | California | NY | 2026-06-13 15:00 | 2026-06-15 13:00
Sunday                                  | 09:00-20:00 w12345 | California | NY | 2026-06-14 15:00 | 2026-06-15 13:00
Sunday alone                            | 09:00-20:00 w7 | California | NY | 2026-06-14 15:00 | open
One day a week, a week ahead            | 09:00-20:00 w3 | California | NY | 2026-06-11 00:00 | 2026-06-17 13:00
Other hours at the weekend              | 09:00-20:00 w12345, 10:00-16:00 w67 | California | NY | 2026-06-13 13:30 | 2026-06-13 14:00
From the weekend's hours to Monday's    | 09:00-20:00 w12345, 10:00-16:00 w67 | California | NY | 2026-06-14 20:00 | 2026-06-15 13:00
The weekday is that of their wall       | 09:00-20:00 w1 | California | Tokyo | 2026-06-15 00:00 | open
Sunday in UTC, Monday on their wall     | 08:00-20:00 w1 | California | Tokyo | 2026-06-14 23:00 | open

Over midnight, before it                | 22:00-02:00 | California | NY | 2026-06-11 03:30 | open
Over midnight, after it                 | 22:00-02:00 | California | NY | 2026-06-11 05:59:59 | open
Over midnight, at their end             | 22:00-02:00 | California | NY | 2026-06-11 06:00 | 2026-06-12 02:00
Friday's window on Saturday             | 22:00-02:00 w5 | California | NY | 2026-06-13 05:00 | open
Thursday's window is not Friday's       | 22:00-02:00 w5 | California | NY | 2026-06-12 05:00 | 2026-06-13 02:00
Sunday's window on Monday               | 22:00-02:00 w7 | California | NY | 2026-06-15 05:00 | open
A holiday cuts last night's window      | 22:00-02:00, 2026-06-12 | California | NY | 2026-06-12 05:00 | 2026-06-13 04:00
A holiday ends at midnight, in a window | 22:00-02:00, 2026-06-12 | California | NY | 2026-06-13 05:00 | open
Until 24:00, the last second            | 09:00-24:00 | California | NY | 2026-06-11 03:59:59 | open
Until 24:00, midnight                   | 09:00-24:00 | California | NY | 2026-06-11 04:00 | 2026-06-11 13:00
Until 00:00 is until 24:00              | 18:00-00:00 | California | NY | 2026-06-11 04:00 | 2026-06-11 22:00
All day, midnight                       | 00:00-24:00 | California | NY | 2026-06-11 04:00 | open
All day on weekdays, from Saturday      | 00:00-24:00 w12345 | California | NY | 2026-06-13 15:00 | 2026-06-15 04:00

Half an hour off, they open             | 10:00-19:00 | India | Kolkata | 2026-06-10 04:30 | open
Half an hour off, a minute before       | 10:00-19:00 | India | Kolkata | 2026-06-10 04:29 | 2026-06-10 04:30
Half an hour off, they close            | 10:00-19:00 | India | Kolkata | 2026-06-10 13:30 | 2026-06-11 04:30
Three quarters off, they open           | 09:00-20:00 | India | Kathmandu | 2026-06-10 03:15 | open
Three quarters off, a minute before     | 09:00-20:00 | India | Kathmandu | 2026-06-10 03:14 | 2026-06-10 03:15
13 hours ahead, it is tomorrow          | 09:00-20:00 w4 | California | Tonga | 2026-06-10 20:00 | open
13 hours ahead, a minute before         | 09:00-20:00 w4 | California | Tonga | 2026-06-10 19:59 | 2026-06-10 20:00
13 hours ahead, it is still today       | 09:00-20:00 w4 | California | Tonga | 2026-06-10 10:59 | 2026-06-10 20:00
10 hours behind, it is yesterday        | 09:00-20:00 w3 | California | Honolulu | 2026-06-11 05:59 | open
10 hours behind, they close             | 09:00-20:00 w34 | California | Honolulu | 2026-06-11 06:00 | 2026-06-11 19:00

New York goes forward overnight         | 09:00-20:00 | California | NY | 2026-03-08 01:00 | 2026-03-08 13:00
New York after going forward            | 09:00-20:00 | California | NY | 2026-03-08 12:59:59 | 2026-03-08 13:00
New York, opens when the clock jumps    | 02:00-05:00 | California | NY | 2026-03-08 06:59 | 2026-03-08 07:00
Opens in New York's skipped hour        | 02:30-05:00 | California | NY | 2026-03-08 06:59 | 2026-03-08 07:00
Closed in the first, open in the second | 00:00-01:30 | California | NY | 2026-11-01 05:45 | 2026-11-01 06:00
Opens at an odd minute of the repeated  | 01:37-05:00 | California | NY | 2026-11-01 05:15 | 2026-11-01 05:37
Half an hour is skipped                 | 02:15-05:00 | India | LordHowe | 2026-10-03 15:00 | 2026-10-03 15:30
Half an hour comes twice                | 01:45-05:00 | India | LordHowe | 2026-04-04 14:30 | 2026-04-04 14:45
The clock has passed the skipped opening| 02:30-05:00 | California | NY | 2026-03-08 07:00 | open
A window inside the skipped hour        | 02:15-02:45 | California | NY | 2026-03-08 06:00 | 2026-03-09 06:15
New York goes back overnight            | 09:00-20:00 | California | NY | 2026-11-01 00:00 | 2026-11-01 14:00
New York after going back               | 09:00-20:00 | California | NY | 2026-11-01 13:59:59 | 2026-11-01 14:00
The first time that it is 01:45         | 01:30-05:00 | California | NY | 2026-11-01 05:45 | open
The second time that it is 01:15        | 01:30-05:00 | California | NY | 2026-11-01 06:15 | 2026-11-01 06:30
Opens in the repeated hour: the first   | 01:30-05:00 | California | NY | 2026-11-01 05:15 | 2026-11-01 05:30
Closes in the repeated hour, twice      | 00:00-01:30 | California | NY | 2026-11-01 06:15 | open
Closed for good after the second        | 00:00-01:30 | California | NY | 2026-11-01 06:30 | 2026-11-02 05:00
London goes forward overnight           | 09:00-20:00 | India | London | 2026-03-28 20:00 | 2026-03-29 08:00
Opens in London's skipped hour          | 01:30-05:00 | India | London | 2026-03-29 00:59 | 2026-03-29 01:00
London goes back overnight              | 09:00-20:00 | India | London | 2026-10-24 19:00 | 2026-10-25 09:00
The second time that it is 01:15 there  | 01:30-05:00 | India | London | 2026-10-25 01:15 | 2026-10-25 01:30

Two zones, one still closed             | 09:00-20:00 | California | NY LA | 2026-06-10 15:59:59 | 2026-06-10 16:00
Two zones, both open                    | 09:00-20:00 | California | NY LA | 2026-06-10 16:00 | open
Two zones, a second before one closes   | 09:00-20:00 | California | NY LA | 2026-06-10 23:59:59 | open
Two zones, one closed                   | 09:00-20:00 | California | NY LA | 2026-06-11 00:00 | 2026-06-11 16:00
The order of the zones is nothing       | 09:00-20:00 | California | LA NY | 2026-06-11 00:00 | 2026-06-11 16:00
Two zones over the weekend              | 09:00-20:00 w12345 | California | NY London | 2026-06-12 19:00 | 2026-06-15 13:00
Two zones that never overlap            | 09:00-20:00 | California | NY Tokyo | 2026-06-10 13:00 | never
Three zones that never overlap          | 09:00-20:00 | California | NY London Tokyo | 2026-06-10 13:00 | never
A holiday in one of two zones           | 00:00-24:00, 2026-06-11 | California | NY LA | 2026-06-11 05:00 | 2026-06-12 07:00
A holiday over in one of two zones      | 00:00-24:00, 2026-06-11 | California | NY LA | 2026-06-12 05:00 | 2026-06-12 07:00

A number's one zone counts              | 09:00-20:00 | California | own | 2026-06-10 15:59:59 | 2026-06-10 16:00
Toll-free: Guam sleeps, so nowhere      | 09:00-20:00 | TollFree | own | 2026-06-10 18:00 | never
Toll-free: a window that holds in all   | 00:00-24:00 w12345 | TollFree | own | 2026-06-10 18:00 | open
Toll-free: Saturday has begun in Guam   | 00:00-24:00 w12345 | TollFree | own | 2026-06-12 15:00 | 2026-06-15 11:00
Toll-free, but its zone is stated       | 09:00-20:00 | TollFree | NY | 2026-06-10 18:00 | open
A toll-free prefix's own rule           | 09:00-20:00, +1800 00:00-24:00 | TollFree | own | 2026-06-10 18:00 | open
A mobile: Perth is closed               | 09:00-20:00 | AustralianMobile | own | 2026-06-10 00:30 | 2026-06-10 02:30
A mobile: from the Cocos to Lord Howe   | 09:00-20:00 | AustralianMobile | own | 2026-06-10 02:30 | open
A mobile: Lord Howe closes              | 09:00-20:00 | AustralianMobile | own | 2026-06-10 09:30 | 2026-06-11 02:30
No zone at all: the default, UTC        | 09:00-20:00 | Satellite | own | 2026-06-10 08:59:59 | 2026-06-10 09:00
No zone at all: the default's evening   | 09:00-20:00 | Satellite | own | 2026-06-10 19:59:59 | open

A country beats everywhere: longer      | 09:00-18:00, US 08:00-21:00 | California | NY | 2026-06-11 00:30 | open
A country beats everywhere: shorter     | 00:00-24:00, US 10:00-12:00 | California | NY | 2026-06-10 13:00 | 2026-06-10 14:00
Everywhere counts in other countries    | 09:00-18:00, US 00:00-24:00 | India | Kolkata | 2026-06-10 12:30 | 2026-06-11 03:30
A prefix beats its country              | US 08:00-21:00, +1305 08:00-20:00 | Florida | NY | 2026-06-11 00:30 | 2026-06-11 12:00
Another prefix, so the country          | US 08:00-21:00, +1305 08:00-20:00 | California | NY | 2026-06-11 00:30 | open
A prefix beats everywhere               | 09:00-18:00, +1 08:00-21:00 | California | NY | 2026-06-11 00:30 | open
A longer prefix beats a shorter one     | +1305 08:00-20:00, +1305555 10:00-12:00 | Florida | NY | 2026-06-10 13:00 | 2026-06-10 14:00
The longest beats all                   | 00:00-24:00, US 00:00-24:00, +1 00:00-24:00, +1305 10:00-12:00 | Florida | NY | 2026-06-10 13:00 | 2026-06-10 14:00
A longer prefix of others               | +1305 08:00-20:00, +1305999 10:00-12:00 | Florida | NY | 2026-06-10 13:00 | open

No rule at all, at night                |  | California | NY | 2026-06-10 07:00 | open
Only another country's rule, at night   | IN 10:00-19:00 | California | NY | 2026-06-10 07:00 | open
Only another prefix's rule, at night    | +1305 08:00-20:00 | California | NY | 2026-06-10 07:00 | open
No number, a rule for everywhere        | 09:00-20:00 | none | NY | 2026-06-10 12:00 | 2026-06-10 13:00
No number, other rules                  | US 09:00-20:00, +1 09:00-20:00 | none | NY | 2026-06-10 12:00 | open
No number, a holiday everywhere         | 09:00-20:00, 2026-06-10 | none | NY | 2026-06-10 15:00 | 2026-06-11 13:00

A holiday everywhere                    | 09:00-20:00, 2026-06-10 | California | NY | 2026-06-10 15:00 | 2026-06-11 13:00
The evening before a holiday            | 09:00-20:00, 2026-06-11 | California | NY | 2026-06-11 00:30 | 2026-06-12 13:00
A country's holiday                     | 09:00-20:00, US 2026-06-10 | California | NY | 2026-06-10 15:00 | 2026-06-11 13:00
Another country's holiday               | 09:00-20:00, IN 2026-06-10 | California | NY | 2026-06-10 15:00 | open
A prefix's holiday                      | 09:00-20:00, +1305 2026-06-10 | Florida | NY | 2026-06-10 15:00 | 2026-06-11 13:00
Another prefix's holiday                | 09:00-20:00, +1305 2026-06-10 | California | NY | 2026-06-10 15:00 | open
All holidays count, whatever the rule   | +1305 09:00-20:00, 2026-06-10, US 2026-06-11, +1 2026-06-12 | Florida | NY | 2026-06-10 15:00 | 2026-06-13 13:00
A holiday until midnight on their wall  | 00:00-24:00, 2026-06-10 | California | NY | 2026-06-11 03:59:59 | 2026-06-11 04:00
A holiday from midnight on their wall   | 00:00-24:00, 2026-06-11 | California | Tokyo | 2026-06-10 15:00 | 2026-06-11 15:00
Christmas and a weekend                 | 09:00-20:00 w12345, 2026-12-25 | California | NY | 2026-12-25 15:00 | 2026-12-28 14:00
A holiday without any hours             | 2026-06-10 | California | NY | 2026-06-10 15:00 | 2026-06-11 04:00
No holiday, and no hours                | 2026-06-10 | California | NY | 2026-06-11 04:00 | open
A holiday, and hours of others          | IN 10:00-19:00, 2026-06-10 | California | NY | 2026-06-10 15:00 | 2026-06-11 04:00

A rule on its last day                  | 09:00-20:00 ..2026-06-10, 10:00-18:00 2026-06-11.. | California | NY | 2026-06-10 13:00 | open
The rule that follows it                | 09:00-20:00 ..2026-06-10, 10:00-18:00 2026-06-11.. | California | NY | 2026-06-11 13:00 | 2026-06-11 14:00
A closer rule that does not hold yet    | US 08:00-21:00, +1305 10:00-12:00 2026-06-20.. | Florida | NY | 2026-06-10 13:00 | open
A closer rule that holds no more        | US 08:00-21:00, +1305 10:00-12:00 ..2026-06-09 | Florida | NY | 2026-06-10 13:00 | open
From the day on which it holds          | US 08:00-21:00, +1305 10:00-12:00 2026-06-11.. | Florida | NY | 2026-06-11 01:00 | 2026-06-11 14:00
On the last day on which it holds       | US 08:00-21:00, +1305 10:00-12:00 ..2026-06-10 | Florida | NY | 2026-06-10 16:00 | 2026-06-11 12:00
The wider rule begins at midnight       | US 00:00-24:00, +1305 10:00-12:00 ..2026-06-10 | Florida | NY | 2026-06-10 16:00 | 2026-06-11 04:00
The closest of those that hold          | 00:00-24:00, US 08:00-21:00, +1305 10:00-12:00 2026-06-20.. | Florida | NY | 2026-06-10 07:00 | 2026-06-10 12:00
A wider rule's night, then a closer day | US 22:00-02:00, +1305 10:00-12:00 2026-06-11.. | Florida | NY | 2026-06-11 05:00 | open
From the one to the other               | 09:00-20:00 ..2026-06-10, 10:00-18:00 2026-06-11.. | California | NY | 2026-06-11 00:00 | 2026-06-11 14:00
The last night goes on after midnight   | 22:00-02:00 2026-06-01..2026-06-10 | California | NY | 2026-06-11 05:00 | open
The only rule does not hold yet         | 09:00-20:00 2026-06-20.. | California | NY | 2026-06-10 15:00 | 2026-06-20 13:00
The only rule holds no more             | 09:00-20:00 ..2026-06-09 | California | NY | 2026-06-10 15:00 | never
Within 16 days                          | 09:00-20:00 2026-06-26.. | California | NY | 2026-06-10 15:00 | 2026-06-26 13:00
Not within 16 days                      | 09:00-20:00 2026-06-28.. | California | NY | 2026-06-10 15:00 | never
`;

interface Case {
  name: string;
  rules: string[];
  number: string | null;
  /** Null: none is stated, and nobody says which they are. */
  zones: string[] | null;
  moment: Date;
  /** Null = not within 16 days; the moment itself = they are open. */
  next: Date | null;
}

function parseCase(line: string): Case {
  const [name, rules, number, zones, moment, next] = line.split("|").map((part) => part.trim());
  assert.ok(number! in NUMBERS, line);
  const at = utc(moment!);
  return {
    name: name!,
    rules: rules === "" ? [] : rules!.split(", "),
    number: NUMBERS[number!]!,
    zones: zones === OWN ? null : zones!.split(" ").map((zone) => ZONES[zone] ?? assert.fail(line)),
    moment: at,
    next: next === "open" ? at : next === "never" ? null : utc(next!),
  };
}

const utc = (text: string) => new Date(`${text.replace(" ", "T")}Z`);

async function addRule(sql: Sql, text: string): Promise<void> {
  const { region = "everywhere", day, opens, closes, weekdays = "1234567", from, until } =
    text.match(
      /^((?<region>[A-Z]{2}|\+\d+) )?((?<day>[\d-]{10})|(?<opens>[\d:]+)-(?<closes>[\d:]+)( w(?<weekdays>\d+))?( (?<from>[\d-]*)\.\.(?<until>[\d-]*))?)$/,
    )?.groups ?? assert.fail(text);
  await (day
    ? sql`insert into public.calling_holidays (region, day) values (${region!}, ${day})`
    : sql`
      insert into public.calling_hours (region, weekdays, opens, closes, valid_from, valid_until)
      values (
        ${region!}, ${[...weekdays].map(Number)}::integer[], ${opens!}, ${closes!},
        ${from || null}, ${until || null}
      )`);
}

async function zonesOf(sql: Sql, { number, zones }: Case): Promise<string[]> {
  if (zones !== null) return zones;
  const [row] = await sql<{ zones: string[] }[]>`
    select public.call_zones(null, public.number_time_zones(${number})) as zones`;
  return row!.zones;
}

async function nextMoment(sql: Sql, one: Case): Promise<Date | null> {
  const { number, moment } = one;
  const zones = await zonesOf(sql, one);
  const [row] = await sql<{ next: Date | null }[]>`
    select public.next_calling_moment(
      ${number}, public.number_country(${number}), ${zones}, ${moment}
    ) as next`;
  return row!.next;
}

async function isCallingHour(sql: Sql, one: Case, moment = one.moment): Promise<boolean> {
  const [row] = await sql<{ open: boolean }[]>`
    select public.is_calling_hour(
      ${one.number}, public.number_country(${one.number}), ${await zonesOf(sql, one)}, ${moment}
    ) as open`;
  return row!.open;
}

/**
 * A lead with this number and zone, whose follow-up has been due for a minute at that moment. A number
 * that is not known is one that is written without its country.
 */
async function waitingLead(sql: Sql, { number, zones, moment }: Case): Promise<string> {
  const lead_id = await insertLead(sql, {
    phone: number ?? "415 555 0100",
    time_zone: zones?.length === 1 ? zones[0]! : null,
  });
  return await insertFollowUp(sql, { lead_id, due_at: new Date(moment.getTime() - 60_000) });
}

/** Makes several zones those of the number, as the shipped data would have them. */
async function giveZones(sql: Sql, { number, zones }: Case): Promise<void> {
  if (zones === null || zones.length < 2) return;
  await sql`
    insert into public.number_prefixes (prefix, country, time_zones)
    values (${number!.slice(1, 10)}, public.number_country(${number}), ${zones})`;
}

/** What the dry run says of the follow-up, and then what the claim does with it. */
async function foretellAndClaim(sql: Sql, id: string, moment: Date) {
  const [foretold] = await sql<{ refusal: string | null }[]>`
    select refusal from public.preview_dispatch(as_of => ${moment}) where follow_up_id = ${id}`;
  const claimed = await sql<{ follow_up_id: string }[]>`
    select follow_up_id from public.claim_due_follow_ups(as_of => ${moment})`;
  return {
    refusal: foretold!.refusal,
    claimed: claimed.some(({ follow_up_id }) => follow_up_id === id),
    ...await followUp(sql, id),
  };
}

async function memory(sql: Sql) {
  return [
    ...await sql<{ closed_from: Date; opens_at: Date }[]>`select * from public.calling_openings`,
  ];
}

for (const one of CASES.split("\n").filter((line) => line.trim() !== "").map(parseCase)) {
  Deno.test(`hours: ${one.name}`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    for (const rule of one.rules) await addRule(sql, rule);
    const isOpen = one.next === one.moment;
    assert.deepEqual(
      [await isCallingHour(sql, one), await nextMoment(sql, one)],
      [isOpen, one.next],
    );
    if (one.next !== null) assert.ok(await isCallingHour(sql, one, one.next));

    await giveZones(sql, one);
    // The second time it is answered from memory.
    for (const time of ["first", "second"]) {
      const id = await waitingLead(sql, one);
      const { refusal, claimed, reason, due_at } = await foretellAndClaim(sql, id, one.moment);
      assert.deepEqual(
        [refusal, claimed],
        isOpen ? [null, true] : [
          "Outside the calling hours",
          false,
        ],
        time,
      );
      if (isOpen) continue;
      const until = one.next ?? new Date(one.moment.getTime() + 86_400_000);
      assert.equal(reason, refusal);
      const late = due_at.getTime() - until.getTime();
      assert.ok(late >= 0 && late <= JITTER, `${time}: ${due_at.toISOString()}`);
      assert.deepEqual(
        (await memory(sql)).map(({ closed_from, opens_at }) => [closed_from, opens_at]),
        [[one.moment, until]],
      );
    }
    if (isOpen) assert.deepEqual(await memory(sql), []);
  });
}

const closed = (at: string, number = "California") =>
  parseCase(`closed | | ${number} | NY | ${at} | never`);

Deno.test("hours: without jitter it waits for the very moment, and is claimed then and not before", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_settings set hours_jitter = '0'`;
  await addRule(sql, "09:00-20:00");
  const id = await waitingLead(sql, closed("2026-06-10 05:00"));
  for (
    const [at, claimed] of [
      ["2026-06-10 05:00", false],
      ["2026-06-10 12:59:59", false],
      ["2026-06-10 13:00", true],
    ] as const
  ) {
    const rows = await sql`
      select from public.claim_due_follow_ups(as_of => ${utc(at)})`;
    assert.equal(rows.length, claimed ? 1 : 0, at);
    assert.deepEqual((await followUp(sql, id)).due_at, utc("2026-06-10 13:00"), at);
  }
});

Deno.test("hours: what is remembered is answered from memory, only while it holds", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_settings set hours_jitter = '0'`;
  await addRule(sql, "09:00-20:00");
  await addRule(sql, "+1305 09:00-20:00");
  const first = await waitingLead(sql, closed("2026-06-10 05:00"));
  await foretellAndClaim(sql, first, utc("2026-06-10 05:00"));
  // Made to differ, so that it shows who answers.
  await sql`update public.calling_openings set opens_at = ${utc("2026-06-10 12:00")}`;
  for (
    const [at, number, due] of [
      ["2026-06-10 05:00", "California", "2026-06-10 12:00"],
      ["2026-06-10 11:59", "California", "2026-06-10 12:00"],
      ["2026-06-10 12:00", "California", "2026-06-10 13:00"],
      ["2026-06-10 04:59", "California", "2026-06-10 13:00"],
      ["2026-06-10 05:00", "Florida", "2026-06-10 13:00"],
    ] as const
  ) {
    const [row] = await sql`
      select refusal.until
      from public.follow_ups as follow_up
      join public.leads as lead on lead.id = follow_up.lead_id
      cross join lateral public.call_refusal(follow_up, lead, ${NUMBERS[number]!}, ${
      utc(at)
    }) as refusal
      where follow_up.id = ${first}`;
    assert.deepEqual(row!.until, utc(due), `${number} at ${at}`);
  }
});

Deno.test("hours: a memory that has run out is replaced by the next", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await addRule(sql, "09:00-20:00");
  for (const day of ["10", "11"]) {
    const at = `2026-06-${day} 05:00`;
    const id = await waitingLead(sql, closed(at));
    const { due_at } = await foretellAndClaim(sql, id, utc(at));
    assert.ok(due_at >= utc(`2026-06-${day} 13:00`));
    const [known, ...more] = await memory(sql);
    assert.deepEqual([known!.closed_from, more.length], [utc(at), 0]);
  }
});

for (
  const [what, change] of Object.entries({
    "a new rule": (sql: Sql) => addRule(sql, "00:00-24:00"),
    "a changed rule": (sql: Sql) =>
      sql`update public.calling_hours set opens = '00:00', closes = '24:00'`,
    "a deleted rule": (sql: Sql) => sql`delete from public.calling_hours`,
    "all rules gone": (sql: Sql) => sql`truncate public.calling_hours`,
  })
) {
  Deno.test(`hours: ${what} counts from the next claim on, whatever is remembered`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await addRule(sql, "09:00-20:00");
    const one = closed("2026-06-10 05:00");
    const first = await waitingLead(sql, one);
    assert.equal((await foretellAndClaim(sql, first, one.moment)).claimed, false);
    assert.equal((await memory(sql)).length, 1);
    await change(sql);
    assert.deepEqual(await memory(sql), []);
    const second = await waitingLead(sql, one);
    assert.equal((await foretellAndClaim(sql, second, one.moment)).claimed, true);
  });
}

Deno.test("hours: a holiday that comes, moves and goes counts from the next claim on", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await addRule(sql, "09:00-20:00");
  const one = closed("2026-06-10 05:00");
  const due = async () => {
    const id = await waitingLead(sql, one);
    return (await foretellAndClaim(sql, id, one.moment)).due_at.toISOString().slice(0, 13);
  };
  assert.equal(await due(), "2026-06-10T13");
  await addRule(sql, "US 2026-06-10");
  assert.equal(await due(), "2026-06-11T13");
  await sql`update public.calling_holidays set region = 'IN'`;
  assert.equal(await due(), "2026-06-10T13");
  await sql`update public.calling_holidays set region = '+1415'`;
  assert.equal(await due(), "2026-06-11T13");
  await sql`delete from public.calling_holidays`;
  assert.equal(await due(), "2026-06-10T13");
});

Deno.test("hours: numbers have the same key when the same rules and holidays fit them", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  for (const rule of ["09:00-20:00", "US 08:00-21:00", "+1305 08:00-20:00", "IN 2026-06-10"]) {
    await addRule(sql, rule);
  }
  const known = ["California", "Florida", "India", "none"].map((name) => NUMBERS[name]!);
  const rows = await sql<{ key: string }[]>`
    select public.hours_key(number, public.number_country(number)) as key
    from unnest(${known}::text[]) with ordinality as one (number, position)
    order by position`;
  assert.deepEqual(rows.map(({ key }) => key.split(" ").sort()), [
    ["US", "everywhere"],
    ["+1305", "US", "everywhere"],
    ["IN", "everywhere"],
    ["everywhere"],
  ]);
});

// Two ways to the same answer: the next moment, and a look at every quarter of an hour.
Deno.test("hours: no moment before the next one is within the hours, nights of a changing clock apart", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  for (
    const rule of [
      "09:15-12:00 w135",
      "13:30-20:45 w246",
      "22:00-01:00 w5",
      "2026-03-09",
      "US 2026-03-11",
    ]
  ) await addRule(sql, rule);
  const wrong = await sql`
    select zones.names, asked.moment, found.next, step.moment as open
    from (
      values ('{America/New_York}'::text[]), ('{Asia/Kathmandu}'),
        ('{America/New_York,America/Los_Angeles}'), ('{Europe/London,Asia/Kolkata}')
    ) as zones (names)
    cross join generate_series(
      '2026-03-05T00:00Z'::timestamptz, '2026-03-14', '29 hours 15 minutes'
    ) as asked (moment)
    cross join lateral (
      select public.next_calling_moment('+912212345678', 'IN', zones.names, asked.moment) as next
    ) as found
    cross join lateral generate_series(
      asked.moment, coalesce(found.next, asked.moment + interval '16 days'), '15 minutes'
    ) as step (moment)
    where public.is_calling_hour('+912212345678', 'IN', zones.names, step.moment)
      is distinct from (step.moment = found.next)
    limit 5`;
  assert.deepEqual([...wrong], []);
});

for (
  const [name, insert] of Object.entries<[RegExp, (sql: Sql) => Promise<unknown>]>({
    "a region of three letters": [
      /region_is_a_country_a_prefix_or_everywhere/,
      (sql) =>
        sql`insert into public.calling_hours (region, opens, closes) values ('usa', '9:00', '20:00')`,
    ],
    "a prefix without +": [
      /region_is_a_country_a_prefix_or_everywhere/,
      (sql) =>
        sql`insert into public.calling_hours (region, opens, closes) values ('1305', '9:00', '20:00')`,
    ],
    "a holiday of a region in small letters": [
      /region_is_a_country_a_prefix_or_everywhere/,
      (sql) => sql`insert into public.calling_holidays (region, day) values ('us', '2026-12-25')`,
    ],
    "an eighth weekday": [
      /weekdays_are_from_monday_1_to_sunday_7/,
      (sql) =>
        sql`insert into public.calling_hours (weekdays, opens, closes) values ('{8}', '9:00', '20:00')`,
    ],
    "no weekday": [
      /weekdays_are_from_monday_1_to_sunday_7/,
      (sql) =>
        sql`insert into public.calling_hours (weekdays, opens, closes) values ('{}', '9:00', '20:00')`,
    ],
    "a weekday that is null": [
      /weekdays_are_from_monday_1_to_sunday_7/,
      (sql) =>
        sql`insert into public.calling_hours (weekdays, opens, closes) values ('{1,null}', '9:00', '20:00')`,
    ],
    "hours that close when they open": [
      /hours_are_not_empty/,
      (sql) => sql`insert into public.calling_hours (opens, closes) values ('09:00', '09:00')`,
    ],
    "an end before the beginning": [
      /valid_until_is_not_before_valid_from/,
      (sql) =>
        sql`insert into public.calling_hours (opens, closes, valid_from, valid_until)
          values ('09:00', '20:00', '2026-06-02', '2026-06-01')`,
    ],
    "the same holiday twice": [
      /calling_holidays_pkey/,
      (sql) => sql`insert into public.calling_holidays (day) values ('2026-12-25'), ('2026-12-25')`,
    ],
  })
) {
  Deno.test(`hours: ${name} is refused`, async () => {
    await using database = await freshDatabase();
    const [message, attempt] = insert;
    await assert.rejects(attempt(database.sql), message);
    assert.equal((await database.sql`select from public.calling_hours`).length, 0);
    assert.equal((await database.sql`select from public.calling_holidays`).length, 0);
  });
}

// The random rules of call_rules_test.ts are worth something only if they find faults: each of these is
// planted in the SQL, and has to be found.
import assert from "node:assert/strict";
import fc from "fast-check";
import { connect, type Sql } from "../../supabase/local/postgres/connect.ts";
import { rulesCase } from "../migrations/call_rules/arbitrary_rules_case.ts";
import { RulesWorld } from "../migrations/call_rules/rules_world.ts";
import { freshDatabase } from "../support/fresh_database.ts";

const SEED = 20_261_124;
const MOST_RUNS = 150;

/** what is wrong: function, what stands there, what is put in its place, how it shows. */
const FAULTS: Record<string, [string, string, string, RegExp]> = {
  "the stop list's numbers are not looked at": [
    "is_on_stop_list",
    "where stopped.number = is_on_stop_list.number",
    "where false",
    /stop list/,
  ],
  "its prefixes are not": ["is_on_stop_list", "|| '*'", "|| '-'", /stop list/],
  "its hashes are not": [
    "is_on_stop_list",
    "or public.is_erased_number(is_on_stop_list.number)",
    "",
    /stop list/,
  ],
  "the hours are asked in one zone of several": [
    "is_calling_hour",
    "unnest(is_calling_hour.zones)",
    "unnest(is_calling_hour.zones[1:1])",
    /outside the hours/,
  ],
  "a holiday is none": [
    "is_calling_hour",
    "holiday.day = here.local::date",
    "false",
    /outside the hours/,
  ],
  "all rules that fit count, not the closest": [
    "is_calling_hour",
    "where holding.closeness = holding.closest",
    "where true",
    /outside the hours/,
  ],
  "the weekday is not asked": [
    "is_calling_hour",
    "extract(isodow from began.day)::integer = any (holding.weekdays)",
    "true",
    /outside the hours/,
  ],
  "a window over midnight ends there": [
    "is_calling_hour",
    "union select here.local::date - 1 from here",
    "",
    /could be called since|given up/,
  ],
  "hours open at the last of all moments": [
    "next_calling_moment",
    "order by found.moment",
    "order by found.moment desc",
    /could be called since|given up/,
  ],
  "who was called often enough today waits until the day after tomorrow": [
    "call_refusal",
    "greatest(until, tomorrow)",
    "greatest(until, tomorrow + interval '1 day')",
    /could be called since|given up/,
  ],
  "one call too many within 24 hours": [
    "call_refusal",
    "calls_in_24_hours >= settings",
    "calls_in_24_hours > settings",
    /most calls in 24 hours/,
  ],
  "the day of the first zone counts": [
    "call_refusal",
    "unnest(possible_zones)",
    "unnest(possible_zones[1:1])",
    /most calls a day/,
  ],
  "one call too many ever": [
    "call_refusal",
    "calls >= settings.max_calls_per_number",
    "calls > settings.max_calls_per_number",
    /most calls ever/,
  ],
  "there is no gap": [
    "call_refusal",
    "last_call + settings.smallest_gap_per_number > as_of",
    "false",
    /too soon/,
  ],
  "the pause of a lead is not looked at": [
    "call_refusal",
    "pause.lead_id = lead.id or",
    "",
    /paused/,
  ],
  "nothing expires": [
    "call_refusal",
    "first_due < as_of - settings.expire_after",
    "false",
    /expired/,
  ],
};

for (const [what, [name, there, instead, shown]] of Object.entries(FAULTS)) {
  Deno.test(`planted in ${name}: ${what}`, async () => {
    await using database = await freshDatabase();
    const sql = connect(database.url, { max: 1 });
    try {
      await plant(sql, name, there, instead);
      const property = fc.asyncProperty(rulesCase, async (drawn) => {
        await RulesWorld.live(sql, drawn);
      });
      const details = await fc.check(property, {
        seed: SEED,
        numRuns: MOST_RUNS,
        endOnFailure: true,
      });
      assert.ok(details.failed, `not found in ${MOST_RUNS} cases`);
      assert.match(String(details.errorInstance), shown);
    } finally {
      await sql.end();
    }
  });
}

async function plant(sql: Sql, name: string, there: string, instead: string): Promise<void> {
  const [found] = await sql<{ definition: string }[]>`
    select pg_get_functiondef(('public.' || ${name})::regproc) as definition`;
  const parts = found!.definition.split(there);
  assert.equal(parts.length, 2, `"${there}" stands ${parts.length - 1} times in ${name}`);
  await sql.unsafe(parts.join(instead));
}

import assert from "node:assert/strict";
import {
  type CountryCode,
  getCountries,
  getExampleNumber,
  parsePhoneNumberFromString,
  type PhoneNumber,
} from "libphonenumber-js/max";
import examples from "libphonenumber-js/mobile/examples";
import { timezones } from "../../supabase/local/commands/prefixes/geo_carrier.ts";
import { ianaName } from "../../supabase/local/commands/prefixes/iana_name.ts";
import type { Sql } from "../../supabase/local/postgres/connect.ts";
import { freshDatabase } from "../support/fresh_database.ts";

const DIGITS = [..."0123456789"];

interface Answer {
  number: string;
  country: string | null;
  zones: string[];
}

async function ask(sql: Sql, numbers: readonly string[]): Promise<Map<string, Answer>> {
  const answers = await sql<Answer[]>`
    select number, public.number_country(number) as country, public.number_time_zones(number) as zones
    from unnest(${numbers as string[]}::text[]) as asked (number)`;
  return new Map(answers.map((answer) => [answer.number, answer]));
}

async function askOne(sql: Sql, number: string): Promise<Answer> {
  return (await ask(sql, [number])).get(number)!;
}

/** What the library itself says, by today's names. */
async function libraryAnswer(number: PhoneNumber): Promise<string[]> {
  const zones = await timezones(number) ?? [];
  return [...new Set(zones.filter((zone) => !zone.startsWith("Etc/")).map(ianaName))].sort();
}

/** Valid numbers of all countries: their examples, with one or two of the first digits replaced. */
function sampleOfCountries(): PhoneNumber[] {
  const sample = getCountries().flatMap((country: CountryCode) => {
    const example = getExampleNumber(country, examples)!;
    const national = String(example.nationalNumber);
    const heads = DIGITS.flatMap((one) => DIGITS.map((two) => one + two));
    return [
      national,
      ...heads.flatMap((head) => [head + national.slice(2), head + national.slice(3)]),
    ].map((digits) => parsePhoneNumberFromString(`+${example.countryCallingCode}${digits}`));
  });
  return valid(sample);
}

/** Two valid numbers of each area code of North America. */
function sampleOfAreaCodes(): PhoneNumber[] {
  const codes = Array.from({ length: 800 }, (_, index) => String(index + 200));
  return valid(
    codes.flatMap((code) =>
      ["2345678", "5550123"].map((rest) => parsePhoneNumberFromString(`+1${code}${rest}`))
    ),
  );
}

function valid(numbers: (PhoneNumber | undefined)[]): PhoneNumber[] {
  return numbers.filter((number) => number !== undefined).filter((number) => number.isValid());
}

Deno.test("number prefixes: no number is given fewer zones than the library gives it", async () => {
  await using database = await freshDatabase();
  const sample = [...sampleOfCountries(), ...sampleOfAreaCodes()];
  assert.ok(sample.length > 3000, `only ${sample.length} numbers`);
  const answers = await ask(database.sql, sample.map(({ number }) => number));
  for (const number of sample) {
    const answer = answers.get(number.number)!;
    const missing = (await libraryAnswer(number)).filter((zone) => !answer.zones.includes(zone));
    assert.deepEqual(missing, [], `${number.number} lacks ${missing}`);
  }
});

Deno.test("number prefixes: a fixed line has the library's zones, neither more nor fewer", async () => {
  await using database = await freshDatabase();
  const sample = sampleOfCountries().filter((number) => number.getType() === "FIXED_LINE");
  assert.ok(sample.length > 1000, `only ${sample.length} numbers`);
  const answers = await ask(database.sql, sample.map(({ number }) => number));
  for (const number of sample) {
    const { zones } = answers.get(number.number)!;
    assert.deepEqual(zones, await libraryAnswer(number), number.number);
  }
});

Deno.test("number prefixes: the country is the library's, and known but for few numbers", async () => {
  await using database = await freshDatabase();
  const sample = [...sampleOfCountries(), ...sampleOfAreaCodes()];
  const answers = await ask(database.sql, sample.map(({ number }) => number));
  let unknown = 0;
  for (const number of sample) {
    const { country } = answers.get(number.number)!;
    if (country === null) unknown++;
    else assert.equal(country, number.country, number.number);
  }
  assert.ok(unknown < sample.length / 500, `${unknown} of ${sample.length} have no country`);
});

Deno.test("number prefixes: an area code has the zones of all its exchanges", async () => {
  await using database = await freshDatabase();
  const cases: [string, string, string[]][] = [
    ["+13055551234", "US", ["America/New_York"]],
    ["+12125550100", "US", ["America/New_York"]],
    ["+14165550100", "CA", ["America/Toronto"]],
    ["+18765551234", "JM", ["America/Jamaica"]],
    ["+13105551234", "US", ["America/Los_Angeles"]],
    ["+12705551234", "US", ["America/Chicago", "America/New_York"]],
    ["+18502345678", "US", ["America/Chicago", "America/New_York"]],
  ];
  for (const [number, country, zones] of cases) {
    assert.deepEqual(await askOne(database.sql, number), { number, country, zones });
  }
});

Deno.test("number prefixes: other countries", async () => {
  await using database = await freshDatabase();
  const cases: [string, string, string[]][] = [
    ["+919812345678", "IN", ["Asia/Kolkata"]],
    ["+9779841234567", "NP", ["Asia/Kathmandu"]],
    ["+442071838750", "GB", ["Europe/London"]],
    ["+441534500000", "JE", ["Europe/Jersey"]],
    ["+441481700000", "GG", ["Europe/Guernsey"]],
    ["+441624700000", "IM", ["Europe/Isle_of_Man"]],
    ["+77012345678", "KZ", ["Asia/Almaty", "Asia/Aqtobe"]],
  ];
  for (const [number, country, zones] of cases) {
    assert.deepEqual(await askOne(database.sql, number), { number, country, zones });
  }
});

Deno.test("number prefixes: a mobile has the zones of its country, not those of its largest city", async () => {
  await using database = await freshDatabase();
  const cases: [string, string, string[]][] = [
    ["+61412345678", "AU", ["Australia/Perth", "Australia/Adelaide", "Australia/Sydney"]],
    ["+79161234567", "RU", ["Europe/Moscow", "Asia/Yekaterinburg", "Asia/Kamchatka"]],
    ["+5592991234567", "BR", ["America/Rio_Branco", "America/Manaus", "America/Sao_Paulo"]],
    ["+628123456789", "ID", ["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"]],
    ["+34612345678", "ES", ["Atlantic/Canary", "Europe/Madrid"]],
  ];
  for (const [number, country, zones] of cases) {
    const answer = await askOne(database.sql, number);
    assert.equal(answer.country, country);
    assert.deepEqual(zones.filter((zone) => !answer.zones.includes(zone)), [], number);
  }
});

Deno.test("number prefixes: a toll-free number of North America can be anywhere in it", async () => {
  await using database = await freshDatabase();
  for (const code of ["800", "833", "844", "855", "866", "877", "888"]) {
    const { country, zones } = await askOne(database.sql, `+1${code}2345678`);
    assert.equal(country, "US");
    const far = ["Pacific/Guam", "Pacific/Honolulu", "America/New_York", "America/St_Johns"];
    assert.deepEqual(far.filter((zone) => !zones.includes(zone)), []);
  }
});

Deno.test("number prefixes: nothing is known of an unassigned code and of what is not E.164", async () => {
  await using database = await freshDatabase();
  for (const number of ["+2101234567", "+9991234567", "", "+", "13055551234", "+1 305 555 1234"]) {
    assert.deepEqual(await askOne(database.sql, number), { number, country: null, zones: [] });
    const [row] = await database.sql`select public.number_prefix(${number}) is null as is_null`;
    assert.equal(row!.is_null, true);
  }
  const [row] = await database.sql`select public.number_time_zones(null) as zones`;
  assert.deepEqual(row!.zones, []);
});

Deno.test("number prefixes: all numbers of a calling code begin with a row of that code", async () => {
  await using database = await freshDatabase();
  const codes = getCountries().map((country) =>
    getExampleNumber(country, examples)!.countryCallingCode
  );
  const rows = await database.sql`
    select code from unnest(${[...codes] as string[]}::text[]) as calling (code)
    where not exists (
      select from public.number_prefixes where prefix = code and cardinality(time_zones) > 0
    )`;
  assert.deepEqual([...rows], []);
  const shared = await database.sql`
    select prefix from public.number_prefixes where prefix in ('1', '7', '44') and country is null`;
  assert.equal(shared.length, 3);
});

Deno.test("number prefixes: the row of a calling code has the zones of all rows below it", async () => {
  await using database = await freshDatabase();
  const rows = await database.sql`
    select longer.prefix from public.number_prefixes as longer
    join public.number_prefixes as code
      on length(code.prefix) < length(longer.prefix)
      and longer.prefix like code.prefix || '%'
      and not exists (
        select from public.number_prefixes as shorter
        where length(shorter.prefix) < length(code.prefix)
          and code.prefix like shorter.prefix || '%'
      )
    where not longer.time_zones <@ code.time_zones`;
  assert.deepEqual([...rows], []);
});

Deno.test("number prefixes: PostgreSQL knows all zones", async () => {
  await using database = await freshDatabase();
  const rows = await database.sql`
    select distinct zone from public.number_prefixes, unnest(time_zones) as zone
    where not public.is_time_zone(zone) or zone not like '%/%'`;
  assert.deepEqual([...rows], []);
});

Deno.test("number prefixes: service_role may ask, and is answered in less than a millisecond", async () => {
  await using database = await freshDatabase();
  const answer = await database.asServiceRole((sql) =>
    sql`select (public.number_prefix('+13055551234')).prefix as prefix`
  );
  assert.equal(answer[0]!.prefix, "1305");
  const started = performance.now();
  await database.sql`
    select count(public.number_prefix('+1305555' || lpad(n::text, 4, '0')))
    from generate_series(1, 2000) as n`;
  const spent = performance.now() - started;
  assert.ok(spent < 2000, `2000 numbers took ${Math.round(spent)} ms`);
});

import assert from "node:assert/strict";
import { freshDatabase } from "../support/fresh_database.ts";

const NAMES = [
  "Asia/Kolkata",
  "America/Port-au-Prince",
  "America/Argentina/Ushuaia",
  "Etc/GMT-14",
  "UTC",
];
// PostgreSQL takes the second kind, and reads the sign the other way round than people do.
const NO_NAMES = [
  "IST",
  "Nowhere/City",
  "UTC/GMT+5",
  "Asia/Kolkatta+5",
  "Etc/UTC+5",
  "Foo/Bar+3",
  "Etc/GMT+99",
];

Deno.test("time zones: places and their offsets' own names are known, made-up ones with an offset are not", async () => {
  await using database = await freshDatabase();
  const known = async (name: string) =>
    (await database.sql`select public.is_time_zone(${name}) as known`)[0]!.known;
  for (const name of NAMES) assert.equal(await known(name), true, name);
  for (const name of NO_NAMES) assert.equal(await known(name), false, name);
});

Deno.test("time zones: a lead's is read without the spaces around it, as for its hours", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const [zone] = await sql`select public.lead_time_zone(' America/New_York ') as name`;
  assert.equal(zone!.name, "America/New_York");
});

import assert from "node:assert/strict";
import { loadSampleLeads } from "../../../../supabase/local/commands/start/load_sample_leads.ts";
import { readPhoneNumber } from "../../../../supabase/functions/call-dispatch/phone_number.ts";
import { freshDatabase } from "../../../support/fresh_database.ts";
import { insertLead } from "../../../support/insert_lead.ts";
import { askedForRuns, letRunsStart } from "../asked_for_runs.ts";

const SEED = new URL("../../../../supabase/seed.sql", import.meta.url);

Deno.test("loadSampleLeads: once, into a database in which nothing has ever been", async () => {
  await using database = await freshDatabase();
  assert.equal(await loadSampleLeads(database.sql), true);
  assert.equal(await loadSampleLeads(database.sql), false);
  await database.sql`insert into public.dispatch_runs (source) values ('manual')`;
  await database.sql`delete from public.leads`;
  assert.equal(await loadSampleLeads(database.sql), false);
  assert.equal((await database.sql`select from public.leads`).length, 0);
});

Deno.test("loadSampleLeads: starts no run by itself, as any other new lead does", async () => {
  await using database = await freshDatabase();
  await letRunsStart(database.sql);
  await loadSampleLeads(database.sql);
  assert.deepEqual(await askedForRuns(database.sql), { runs: 0, requests: 0 });
  await insertLead(database.sql);
  assert.deepEqual(await askedForRuns(database.sql), { runs: 1, requests: 1 });
});

Deno.test("seed.sql: applying it again changes nothing", async () => {
  await using database = await freshDatabase();
  const seed = await Deno.readTextFile(SEED);
  const rows = () =>
    database.sql`
      select lead.id, lead.xmin::text, follow_up.id, follow_up.xmin::text
      from public.leads as lead
      left join public.follow_ups as follow_up on follow_up.lead_id = lead.id
      order by lead.id, follow_up.id`;
  await database.sql.unsafe(seed).simple();
  const before = await rows();
  await database.sql.unsafe(seed).simple();
  assert.deepEqual([...await rows()], [...before]);
});

Deno.test("seed.sql: of its numbers one is bad, and one stands there in two spellings", async () => {
  await using database = await freshDatabase();
  await loadSampleLeads(database.sql);
  const [settings] = await database.sql`select default_country from public.dispatch_settings`;
  assert.equal(settings?.default_country, "US");
  const leads = await database.sql<{ phone: string }[]>`
    select phone from public.leads where btrim(phone) <> ''`;
  const read = leads.map(({ phone }) => readPhoneNumber(phone, "US"));
  const good = read.flatMap((number) => "e164" in number ? [number.e164] : []);
  assert.equal(read.length - good.length, 1);
  assert.equal(good.length - new Set(good).size, 1);
  assert.ok(leads.some(({ phone }) => !/^(\+|00)/.test(phone)), "none needs default_country");
});

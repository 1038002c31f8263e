import assert from "node:assert/strict";
import { join } from "node:path";
import { loadLeads } from "../../../../supabase/local/commands/leads/load_leads.ts";
import { readLeadsFile } from "../../../../supabase/local/commands/leads/read_leads_file.ts";
import { freshDatabase } from "../../../support/fresh_database.ts";
import type { Sql } from "../../../../supabase/local/postgres/connect.ts";
import { askedForRuns, letRunsStart } from "../asked_for_runs.ts";
import { temporaryFolder } from "../temporary_folder.ts";

async function load(sql: Sql, text: string) {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "fair.csv");
  await Deno.writeTextFile(path, text);
  const warned: string[] = [];
  const terminal = { warn: (line: string) => void warned.push(line), count: () => {} };
  const counts = await loadLeads(await readLeadsFile(path), { sql, terminal });
  return { ...counts, warned };
}

Deno.test("loadLeads: loads the good rows and reports the others by line", async () => {
  await using database = await freshDatabase();
  const result = await load(
    database.sql,
    "phone,customer_name,colour\n+12125550142,Ann,red\nno,Bob,blue\n",
  );
  assert.deepEqual([result.loaded, result.rejected], [1, 1]);
  assert.match(result.warned[0] ?? "", /^fair.csv: columns that are not used: "colour"$/);
  assert.match(result.warned[1] ?? "", /^fair.csv, line 3: phone "no": /);
  assert.deepEqual(
    [
      ...await database
        .sql`select customer_name, phone, stage, time_zone, source from public.leads`,
    ],
    [{
      customer_name: "Ann",
      phone: "+12125550142",
      stage: "new",
      time_zone: null,
      source: "fair.csv",
    }],
  );
});

Deno.test("loadLeads: the same file again adds nothing, whatever the spelling", async () => {
  await using database = await freshDatabase();
  await database.sql`update public.dispatch_settings set default_country = 'US'`;
  await database.sql`insert into public.leads (phone) values ('(415) 555-0132')`;
  const text = "phone\n+12125550142\n+1 415 555 0132\n";
  assert.deepEqual(await load(database.sql, text).then(({ loaded }) => loaded), 1);
  const again = await load(database.sql, text);
  assert.deepEqual([again.loaded, again.rejected], [0, 2]);
  assert.deepEqual(again.warned.map((line) => line.includes("already there")), [true, true]);
  assert.equal((await database.sql`select from public.leads`).length, 2);
});

Deno.test("loadLeads: starts no run by itself", async () => {
  await using database = await freshDatabase();
  await letRunsStart(database.sql);
  const { loaded } = await load(database.sql, "phone\n+12125550142\n+14155550132\n");
  assert.equal(loaded, 2);
  assert.deepEqual(await askedForRuns(database.sql), { runs: 0, requests: 0 });
});

Deno.test("loadLeads: an open quote is reported by its line, the rows before it are loaded", async () => {
  await using database = await freshDatabase();
  const result = await load(database.sql, 'phone,customer_name\n+12125550142,Ann\n1,"Bob\n');
  assert.deepEqual([result.loaded, result.rejected], [1, 1]);
  assert.match(result.warned[0] ?? "", /line 3: row: a quote is opened and never closed/);
});

Deno.test("loadLeads: many rows go in batches", async () => {
  await using database = await freshDatabase();
  const numbers = Array.from(
    { length: 7_000 },
    (_, at) => `+1212555${String(at).padStart(4, "0")}`,
  );
  const { loaded } = await load(database.sql, `phone\n${numbers.join("\n")}\n`);
  assert.equal(loaded, 7_000);
  assert.equal((await database.sql`select from public.leads`).length, 7_000);
});

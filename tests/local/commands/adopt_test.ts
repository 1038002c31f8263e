// adopt --check on the tables of a living app, held against what the push and the first run then do.
import assert from "node:assert/strict";
import type { Findings } from "../../../supabase/local/commands/adopt/find_out.ts";
import { pushMigrations } from "../../../supabase/local/push_migrations.ts";
import { APP_SCHEMA } from "../../migrations/adopted_app.ts";
import type { TestDatabase } from "../../support/clone_database.ts";
import { freshEmptyDatabase } from "../../support/fresh_empty_database.ts";
import { freshDatabase } from "../../support/fresh_database.ts";
import { insertFollowUp } from "../../support/insert_follow_up.ts";
import { insertLead } from "../../support/insert_lead.ts";
import { claim } from "../../support/sql_contract.ts";
import { spawnCommand } from "./spawn_command.ts";

async function adopt({ url }: TestDatabase, ...args: string[]) {
  return await spawnCommand("adopt", ["--check", ...args], { DATABASE_URL: url }).ended;
}

async function check(database: TestDatabase): Promise<Findings & { code: number }> {
  const { code, stdout, stderr } = await adopt(database, "--json");
  assert.ok(stdout.startsWith("{"), stderr);
  return { code, ...JSON.parse(stdout) };
}

/** Every stage, with and without a number and a date, beside every kind of follow-up, and none. */
const MANY_LEADS = `
  insert into public.leads (customer_name, phone, stage, call_date, updated_at)
  select kind, phone.number, stage::public.lead_stage, called, now()
  from unnest(enum_range(null::public.lead_stage)) as stage,
    (values (null), (' '), ('+1415' || 2000000)) as phone (number),
    (values (null::timestamp), (localtimestamp)) as date (called),
    (values ('none'), ('due'), ('later'), ('old'), ('done'), ('snoozed'), ('whatsapp'), ('both'))
      as follow_up (kind);
  update public.leads as lead set phone = '+1415' || (2000000 + numbered.row)
  from (select id, row_number() over () as row from public.leads) as numbered
  where numbered.id = lead.id and lead.phone like '+%';
  insert into public.follow_ups (lead_id, due_at, channel, status, created_at, updated_at)
  select lead.id, localtimestamp + own.after::interval, own.channel::public.follow_up_channel,
    own.status::public.follow_up_status, now(), now()
  from public.leads as lead
  join (values
    ('due', '-1 hour', 'voice_call', 'pending'), ('later', '1 day', 'voice_call', 'pending'),
    ('old', '-40 days', 'voice_call', 'pending'), ('done', '-1 day', 'voice_call', 'completed'),
    ('snoozed', '-1 day', 'voice_call', 'snoozed'), ('whatsapp', '-1 hour', 'whatsapp', 'pending'),
    ('both', '-1 hour', 'voice_call', 'pending'), ('both', '-1 hour', 'whatsapp', 'pending')
  ) as own (kind, after, channel, status) on own.kind = lead.customer_name;
`;

Deno.test("adopt: what it foretells of a push and of the first run is what happens", async () => {
  await using database = await freshEmptyDatabase();
  const { sql } = database;
  await sql.unsafe(APP_SCHEMA);
  await sql.unsafe(MANY_LEADS);
  const before = await catalogue(database);
  const found = await check(database);
  assert.deepEqual(await catalogue(database), before, "nothing was changed");
  assert.deepEqual([found.code, found.ok, found.problems], [0, true, []]);
  const run = found.first_run!;
  assert.ok(run.seeded > 0 && run.due > 0 && run.expired > 0 && run.left_to_other_channels > 0);

  await pushMigrations({ databaseUrl: database.url });
  const after = await catalogue(database);
  const added = (kind: keyof typeof after) =>
    after[kind].filter((name) => !before[kind].includes(name)).sort();
  assert.deepEqual(found.adds.columns.toSorted(), added("columns"));
  assert.deepEqual(found.adds.words.toSorted(), added("words"));
  assert.deepEqual(found.adds.triggers.toSorted(), added("triggers"));
  assert.deepEqual(found.adds.indexes.toSorted(), added("indexes"));
  assert.deepEqual(found.adds.tables.toSorted(), added("tables"));
  assert.deepEqual(found.tables.map(({ name }) => name), ["leads", "follow_ups"]);

  const [seeded] = await sql`select public.seed_follow_ups() as n`;
  assert.equal(seeded!.n, run.seeded);
  const claimed = await claim(sql, 500);
  assert.equal(claimed.length, run.seeded + run.due);
  assert.equal(new Set(claimed.map(({ phone }) => phone)).size, run.phones);
  const expired = await sql`select from public.follow_ups where reason like 'Expired%'`;
  assert.equal(expired.length, run.expired);
  const [others] = await sql`
    select count(*)::int as n from public.leads as lead
    where public.is_seedable_lead(stage::text, phone, call_date)
      and not exists (
        select from public.follow_ups
        where lead_id = lead.id and channel = 'voice_call'
      )`;
  assert.equal(others!.n, run.left_to_other_channels);
});

Deno.test("adopt: in words, with what is there, what comes, and what it does not touch", async () => {
  await using database = await freshEmptyDatabase();
  await database.sql.unsafe(APP_SCHEMA);
  await database.sql.unsafe(MANY_LEADS);
  const { code, stdout, stderr } = await adopt(database);
  assert.equal(code, 0, stderr);
  for (
    const words of [
      /public\.leads: .*row level security on, 1 policies/,
      /stage .* lead_stage .* new, contacted, visit_scheduled, visit_done, negotiation, closed, lost/,
      /Triggers: audit_row; touch/,
      /Foreign keys: follow_ups_lead_id_fkey FOREIGN KEY \(lead_id\) REFERENCES leads/,
      /In use, follow_ups\.channel: voice_call \d+, whatsapp \d+/,
      /- words: .*follow_ups\.status: skipped/,
      /Never read, never written: leads\.owner, leads\.budget, follow_ups\.note/,
      /The first run would call about \d+ phones/,
      /due_at: a timestamp without time zone, read in the database's zone/,
      /Nothing has to be mended/,
    ]
  ) assert.match(stdout, words);
});

const broken: [string, string, RegExp, RegExp][] = [
  [
    "ids that are no uuids",
    "create table public.leads (id bigint primary key)",
    /public\.leads\.id is int8 and has to be uuid/,
    /./,
  ],
  [
    "a column of the app's that seeds cannot fill",
    "create table public.follow_ups (id uuid primary key, lead_id uuid, title text not null)",
    /follow_ups\.title is not null and has no default/,
    /alter column title set default/,
  ],
  [
    "a column that is too short",
    "create table public.follow_ups (id uuid primary key, lead_id uuid, status varchar(7))",
    /status holds 7 characters, too few for "completed"/,
    /type text/,
  ],
  [
    "a name that is taken",
    "create table public.call_attempts (id int)",
    /public\.call_attempts is there already/,
    /Rename it/,
  ],
  [
    "a check that forbids a word",
    `create table public.follow_ups (id uuid primary key, lead_id uuid,
      status text constraint two_words check (status in ('pending', 'completed')))`,
    /two_words on public\.follow_ups does not allow/,
    /Let the check constraint allow these words/,
  ],
  [
    "a check that forbids the channel of calls",
    `create table public.follow_ups (id uuid primary key, lead_id uuid,
      channel text constraint other_channels check (channel in ('whatsapp', 'email')))`,
    /other_channels on public\.follow_ups does not allow voice_call/,
    /Let the check constraint allow this word/,
  ],
  [
    "a check that forbids the source of seeds",
    `create table public.follow_ups (id uuid primary key, lead_id uuid,
      source varchar(20) constraint by_hand check (source <> 'seed' and length(source) > 2))`,
    /by_hand on public\.follow_ups does not allow seed/,
    /Let the check constraint allow this word/,
  ],
  [
    "a function's name that is taken",
    "create function public.merge_payload(text) returns text language sql as 'select $1'",
    /public\.merge_payload is there already/,
    /Rename it: alter function/,
  ],
  [
    "a flag of ours that the app has, and that may be empty",
    "create table public.follow_ups (id uuid primary key, lead_id uuid, is_callback boolean)",
    /follow_ups\.is_callback may be empty/,
    /alter column is_callback set not null/,
  ],
];

for (const [name, tables, problem, mend] of broken) {
  Deno.test(`adopt: ${name} has to be mended first, and it says how`, async () => {
    await using database = await freshEmptyDatabase();
    await database.sql.unsafe(tables);
    const found = await check(database);
    assert.deepEqual([found.code, found.ok], [1, false]);
    assert.ok(
      found.problems.some((one) => problem.test(one.problem) && mend.test(one.mend)),
      JSON.stringify(found.problems),
    );
  });
}

Deno.test("adopt: a check that takes what the engine writes, or cannot be asked, is no problem", async () => {
  await using database = await freshEmptyDatabase();
  await database.sql.unsafe(`
    create function public.fails(text) returns boolean language plpgsql
      as 'begin raise exception ''no''; end';
    create table public.follow_ups (id uuid primary key, lead_id uuid,
      channel text check (length(channel) < 20) check (public.fails(channel)))`);
  assert.deepEqual((await check(database)).problems, []);
});

Deno.test("adopt: rules and triggers of the app's that may surprise are told", async () => {
  await using database = await freshEmptyDatabase();
  await database.sql.unsafe(`
    create table public.leads (id uuid primary key);
    create table public.follow_ups (id uuid primary key, lead_id uuid, channel text,
      due_at timestamptz, constraint one_of_a_channel unique (lead_id, channel))`);
  const { ok, warnings } = await check(database);
  assert.equal(ok, true);
  assert.match(warnings.join("\n"), /one_of_a_channel is unique: a seed or a recall/);
  assert.match(warnings.join("\n"), /follow_ups\.due_at may be empty: .* never called/);
  assert.match(warnings.join("\n"), /leads\.stage, leads\.call_date, .*the engine starts paused/);
});

Deno.test("adopt: waits for nobody: with the tables locked it says that it could not count", async () => {
  await using database = await freshEmptyDatabase();
  await database.sql.unsafe(APP_SCHEMA);
  await database.sql.begin(async (transaction) => {
    await transaction`lock table public.leads in access exclusive mode`;
    const found = await check(database);
    assert.equal(found.first_run, null);
    assert.equal(found.words_in_use[0]!.counts, null);
  });
});

Deno.test("adopt: an empty project, and one that has all migrations", async () => {
  await using database = await freshEmptyDatabase();
  const empty = await check(database);
  assert.deepEqual([empty.ok, empty.tables, empty.migrations.applied], [true, [], 0]);
  await pushMigrations({ databaseUrl: database.url });
  const pushed = await check(database);
  assert.deepEqual([pushed.ok, pushed.problems, pushed.migrations.pending], [true, [], 0]);
  assert.deepEqual(pushed.adds, { columns: [], words: [], triggers: [], indexes: [], tables: [] });
});

for (const args of [[], ["--check", "--shadow-report"]]) {
  Deno.test(`adopt: ${args.join(" ") || "nothing"} is not one question`, async () => {
    const { code, stderr } = await spawnCommand("adopt", args).ended;
    assert.equal(code, 2);
    assert.match(stderr, /give --check or --shadow-report/);
  });
}

for (const question of ["--check", "--shadow-report"]) {
  Deno.test(`adopt: ${question} of a database that is away could not look, and finds nothing wrong`, async () => {
    const url = "postgres://postgres:secret-word@127.0.0.1:1/postgres";
    const { code, stderr } = await spawnCommand("adopt", [question, "--database-url", url]).ended;
    assert.equal(code, 2, stderr);
    assert.match(stderr, /Cannot reach the database/);
    assert.doesNotMatch(stderr, /secret-word/);
  });
}

Deno.test("adopt: the shadow report compares with what the other dispatcher did", async () => {
  await using database = await freshDatabase();
  const { sql, url } = database;
  const ask = (...args: string[]) =>
    spawnCommand("adopt", ["--shadow-report", ...args], { DATABASE_URL: url }).ended;
  const never = await ask();
  assert.equal(never.code, 2);
  assert.match(never.stderr, /use_shadow_mode\(true\)/);

  await sql`select public.use_shadow_mode(true)`;
  const called = await insertFollowUp(sql);
  const lead = await insertLead(sql, { raw_payload: { dispatch: { by: "n8n" } } });
  await sql`select public.note_shadow_decisions()`;
  await sql`
    update public.follow_ups set status = 'completed', completed_at = now() where id = ${called}`;
  await sql`
    update public.shadow_decisions set decided_at = decided_at - interval '1 hour' where true`;
  const { code, stdout } = await ask("--json");
  assert.equal(code, 0);
  const report = JSON.parse(stdout);
  assert.deepEqual([report.is_on, report.verdicts, report.might_call_again], [
    true,
    { both: 1, only_us: 1 },
    1,
  ]);
  assert.deepEqual(report.differences.map((one: { lead_id: string }) => one.lead_id), [lead]);
  const words = (await ask()).stdout;
  assert.match(words, /only_us .* 1 .* We would have called, the other did not/);
  assert.match(words, /may be called a second time/);
  assert.doesNotMatch(words, /\+1415/);
});

async function catalogue({ sql }: TestDatabase) {
  const names = async (query: string) => (await sql.unsafe(query)).map((row) => String(row.name));
  return {
    columns: await names(`select table_name || '.' || column_name as name
      from information_schema.columns where table_name in ('leads', 'follow_ups')`),
    words: await names(`select c.relname || '.' || a.attname || ': ' || e.enumlabel as name
      from pg_enum e join pg_attribute a on a.atttypid = e.enumtypid
      join pg_class c on c.oid = a.attrelid where c.relname in ('leads', 'follow_ups')`),
    triggers: await names(`select tgname || ' on ' || relname as name
      from pg_trigger join pg_class on pg_class.oid = tgrelid
      where not tgisinternal and relname in ('leads', 'follow_ups')`),
    indexes: await names(`select indexname || ' on ' || tablename as name
      from pg_indexes where tablename in ('leads', 'follow_ups')`),
    tables: await names(`select relname as name from pg_class
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'v')`),
  };
}

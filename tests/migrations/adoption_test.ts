import assert from "node:assert/strict";
import { pushMigrations } from "../../supabase/local/push_migrations.ts";
import { freshEmptyDatabase } from "../support/fresh_empty_database.ts";
import { claim, open, record } from "../support/sql_contract.ts";
import { APP_SCHEMA } from "./adopted_app.ts";

/** Tables as a team may have made them before, with less, more, and otherwise named things. */
const OWN_TABLES = `
  create type public.lead_stage as enum
    ('new', 'contacted', 'visit_scheduled', 'visit_done', 'closed', 'lost');
  create table public.leads (
    id uuid primary key default gen_random_uuid(),
    customer_name varchar(80) not null,
    phone varchar(20),
    stage public.lead_stage not null default 'new',
    call_date timestamp,
    budget numeric,
    raw_payload jsonb
  );
  create table public.follow_ups (
    id uuid primary key default gen_random_uuid(),
    lead_id uuid not null references public.leads on delete cascade,
    due_at timestamp not null,
    channel text not null,
    status text not null default 'pending',
    updated_at timestamptz not null
  );
  grant select, insert, update on public.leads, public.follow_ups to authenticated;
  insert into public.leads (customer_name, phone, stage, raw_payload, budget) values
    ('never called', '+14152000001', 'new', null, 5),
    ('planned', '+14152000002', 'contacted', '{"crm": 1}', 6),
    ('closed', '+14152000003', 'closed', null, 7);
  insert into public.follow_ups (lead_id, due_at, channel, status, updated_at)
  select id, now() at time zone 'utc' - interval '1 hour', channel, status, now()
  from public.leads, (values ('voice_call', 'pending'), ('whatsapp', 'pending')) as own (channel, status)
  where customer_name <> 'never called';
`;

Deno.test("adoption: an existing project keeps its rows, types and grants, and both phases work", async () => {
  await using database = await freshEmptyDatabase();
  const { sql } = database;
  await sql.unsafe(OWN_TABLES);
  const own = () =>
    sql`
    select l.customer_name, l.phone, l.stage, l.budget, l.raw_payload, f.channel, f.status, f.due_at
    from public.leads l left join public.follow_ups f on f.lead_id = l.id
    order by l.customer_name, f.channel`;
  const before = JSON.stringify(await own());
  await pushMigrations({ databaseUrl: database.url });
  assert.equal(JSON.stringify(await own()), before);
  const types = await sql`
    select column_name, udt_name from information_schema.columns
    where table_name in ('leads', 'follow_ups') and column_name in ('stage', 'due_at', 'call_date')
    order by column_name`;
  assert.deepEqual(types.map((row) => row.udt_name), ["timestamp", "timestamp", "lead_stage"]);
  const [grant] =
    await sql`select has_table_privilege('authenticated', 'public.leads', 'insert') as kept,
    (select relrowsecurity from pg_class where oid = 'public.leads'::regclass) as rls`;
  assert.deepEqual({ ...grant }, { kept: true, rls: false });

  const [seeded] = await sql`select public.seed_follow_ups() as n`;
  assert.equal(seeded!.n, 1);
  const claimed = await claim(sql);
  assert.deepEqual(claimed.map((row) => row.phone).sort(), ["+14152000001", "+14152000002"]);
  await record(sql, await open(sql, claimed), { status: "accepted" });
  const after = await sql`
    select l.customer_name, l.stage::text, f.channel, f.status, l.raw_payload -> 'crm' as crm,
      l.raw_payload #>> '{dispatch,status}' as dispatched
    from public.leads l join public.follow_ups f on f.lead_id = l.id
    order by l.customer_name, f.channel`;
  assert.deepEqual(after.map((row) => Object.values(row)), [
    ["closed", "closed", "voice_call", "skipped", null, null],
    ["closed", "closed", "whatsapp", "pending", null, null],
    ["never called", "contacted", "voice_call", "completed", null, "accepted"],
    ["planned", "contacted", "voice_call", "completed", 1, "accepted"],
    ["planned", "contacted", "whatsapp", "pending", 1, "accepted"],
  ]);
});

Deno.test("adoption: the views read enums and plain timestamps, in the order of their index", async () => {
  await using database = await freshEmptyDatabase();
  const { sql } = database;
  await sql.unsafe(APP_SCHEMA);
  await sql`
    with lead as (
      insert into public.leads (customer_name, phone, updated_at)
      select 'Lead ' || n, '+1415' || 2000000 + n, now() from generate_series(1, 3) as n
      returning id, customer_name
    )
    insert into public.follow_ups (lead_id, due_at, channel, created_at, updated_at)
    select id, (now() at time zone 'utc') - right(customer_name, 1)::int * interval '1 minute',
      'voice_call', now(), now()
    from lead`;
  await pushMigrations({ databaseUrl: database.url });
  const queue = () =>
    sql`select customer_name, waits_for, due_at > now() - interval '4 minutes' as is_recent
      from public.call_queue`;
  const due = (n: number) => ({ customer_name: `Lead ${n}`, waits_for: "Due", is_recent: true });
  assert.deepEqual((await queue()).map((row) => ({ ...row })), [3, 2, 1].map(due));
  const plan = await sql.begin(async (transaction) => {
    await transaction`set local enable_sort = off`;
    await transaction`set local enable_seqscan = off`;
    return await transaction`explain select * from public.call_queue limit 1`;
  });
  assert.match(JSON.stringify(plan), /follow_ups_in_order_of_the_claim/);

  await sql`update public.follow_ups set status = 'failed' where lead_id in (
    select id from public.leads where customer_name = 'Lead 2')`;
  const [status] = await sql`select due_now, failed_today from public.call_status`;
  assert.deepEqual({ ...status }, { due_now: 2, failed_today: 1 });
  assert.deepEqual((await queue()).map((row) => ({ ...row })), [3, 1].map(due));
});

Deno.test("adoption: pushing the migrations twice changes nothing", async () => {
  await using database = await freshEmptyDatabase();
  await pushMigrations({ databaseUrl: database.url });
  const applied = () => database.sql`select version from supabase_migrations.schema_migrations`;
  const before = (await applied()).length;
  await pushMigrations({ databaseUrl: database.url });
  assert.equal((await applied()).length, before);
});

const refused: Record<string, [string, RegExp]> = {
  "ids that are no uuids": [
    "create table public.leads (id bigint primary key)",
    /public\.leads\.id is int8 and has to be uuid/,
  ],
  "a view in place of a table": [
    "create view public.leads as select gen_random_uuid() as id",
    /public\.leads: it has to be a table/,
  ],
  "a check that forbids what the engine has to write": [
    `create table public.follow_ups (id uuid primary key, lead_id uuid,
      status text constraint two_words check (status in ('pending', 'completed')))`,
    /two_words on public\.follow_ups does not allow (skipped|failed)/,
  ],
};

for (const [name, [tables, expected]] of Object.entries(refused)) {
  Deno.test(`adoption: ${name} is refused before anything is added, in plain words`, async () => {
    await using database = await freshEmptyDatabase();
    await database.sql.unsafe(tables);
    await assert.rejects(pushMigrations({ databaseUrl: database.url }), expected);
  });
}

Deno.test("adoption: an enum is given the words that it lacks", async () => {
  await using database = await freshEmptyDatabase();
  const { sql } = database;
  await sql.unsafe(`
    create type public.follow_up_status as enum ('pending', 'completed');
    create table public.leads (id uuid primary key default gen_random_uuid(), phone text,
      stage text default 'new', call_date timestamptz);
    create table public.follow_ups (
      id uuid primary key default gen_random_uuid(), lead_id uuid, due_at timestamptz,
      channel text, status public.follow_up_status not null default 'pending');
    insert into public.leads (phone, stage) values ('+14152000001', 'closed');
    insert into public.follow_ups (lead_id, due_at, channel) select id, now(), 'voice_call' from public.leads;
  `);
  await pushMigrations({ databaseUrl: database.url });
  assert.deepEqual(await claim(sql), []);
  const [row] = await sql`select status::text, reason from public.follow_ups`;
  assert.deepEqual({ ...row }, { status: "skipped", reason: "Lead is closed" });
});

Deno.test("adoption: an app that makes its ids itself gets seeds all the same", async () => {
  await using database = await freshEmptyDatabase();
  const { sql } = database;
  await sql.unsafe(`
    create table public.leads (id uuid primary key, phone text, stage text default 'new',
      call_date timestamptz);
    create table public.follow_ups (id uuid primary key, lead_id uuid not null, status text not null,
      due_at timestamptz not null, channel text not null);
    insert into public.leads (id, phone) values (gen_random_uuid(), '+14152000001');
  `);
  await pushMigrations({ databaseUrl: database.url });
  const [seeded] = await sql`select public.seed_follow_ups() as n`;
  assert.equal(seeded!.n, 1);
  assert.deepEqual((await claim(sql)).map((row) => row.phone), ["+14152000001"]);
});

Deno.test("adoption: rows without the column that says how to call start paused", async () => {
  await using database = await freshEmptyDatabase();
  const { sql } = database;
  await sql.unsafe(`
    create table public.leads (id uuid primary key default gen_random_uuid(), phone text,
      stage text default 'new', call_date timestamptz);
    create table public.follow_ups (id uuid primary key, lead_id uuid, status text, type text);
    insert into public.leads (phone) values ('+14152000001');
    insert into public.follow_ups select gen_random_uuid(), id, 'pending', 'email' from public.leads;
  `);
  await pushMigrations({ databaseUrl: database.url });
  assert.deepEqual(await claim(sql), []);
  const [row] = await sql`select paused from public.dispatch_settings`;
  assert.equal(row!.paused, true);
});

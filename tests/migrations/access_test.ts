import assert from "node:assert/strict";
import { freshDatabase } from "../support/fresh_database.ts";

/** Only triggers run with the owner's rights: see 20261122100600_seed_candidates.sql. */
const SECURITY_DEFINERS = [
  "answer_dispatch_request",
  "note_all_leads",
  "note_freed_lead",
  "note_inserted_leads",
  "note_updated_lead",
];

Deno.test("access: no table or view is reachable by public, anon or authenticated", async () => {
  await using database = await freshDatabase();
  const reachable = await database.sql`
    select relation.relname, grantee.name, privilege.name as privilege
    from pg_class relation
    cross join (values ('anon'), ('authenticated')) as grantee (name)
    cross join unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger'])
      as privilege (name)
    where relation.relnamespace = 'public'::regnamespace
      and relation.relkind in ('r', 'v', 'm', 'p', 'f')
      and has_table_privilege(grantee.name, relation.oid, privilege.name)`;
  assert.deepEqual([...reachable], []);
});

Deno.test("access: no function may be executed by public, anon or authenticated", async () => {
  await using database = await freshDatabase();
  const functions = await database.sql`
    select proname as name,
      has_function_privilege('anon', oid, 'execute') as anon,
      has_function_privilege('authenticated', oid, 'execute') as authenticated,
      has_function_privilege('service_role', oid, 'execute') as service_role,
      coalesce(array_to_string(proacl, ' '), 'default') as acl
    from pg_proc where pronamespace = 'public'::regnamespace`;
  assert.ok(functions.length > 15);
  for (const { name, anon, authenticated, service_role, acl } of functions) {
    assert.deepEqual([anon, authenticated, service_role], [false, false, true], name);
    assert.doesNotMatch(acl, /(^|\s)=X/, `${name} is open to public`);
  }
});

Deno.test("access: no function that is planned without table scans is compiled for it", async () => {
  await using database = await freshDatabase();
  const compiled = await database.sql`
    select proname from pg_proc
    where pronamespace = 'public'::regnamespace
      and proconfig @> array['enable_seqscan=off']
      and not proconfig @> array['jit=off']`;
  assert.deepEqual([...compiled], []);
});

Deno.test("access: every function pins its search path, and only triggers are security definer", async () => {
  await using database = await freshDatabase();
  const functions = await database.sql`
    select proname as name, proconfig as config, prosecdef as definer
    from pg_proc where pronamespace = 'public'::regnamespace order by proname`;
  for (const { name, config } of functions) assert.ok(config.includes('search_path=""'), name);
  const definers = functions.filter((row) => row.definer).map((row) => row.name);
  assert.deepEqual(definers, SECURITY_DEFINERS);
});

Deno.test("access: every table has row level security and a policy for service_role alone", async () => {
  await using database = await freshDatabase();
  const tables = await database.sql`
    select relation.relname as name, relation.relrowsecurity as rls,
      (select array_agg(distinct roles::text) from pg_policies where tablename = relname) as roles
    from pg_class relation
    where relnamespace = 'public'::regnamespace and relkind = 'r'`;
  assert.ok(tables.length >= 7);
  for (const { name, rls, roles } of tables) {
    assert.deepEqual([rls, roles], [true, ["{service_role}"]], name);
  }
});

Deno.test("access: every view runs with the rights of who reads it", async () => {
  await using database = await freshDatabase();
  const views = await database.sql`
    select relname as name, coalesce(array_to_string(reloptions, ','), '') as options
    from pg_class where relnamespace = 'public'::regnamespace and relkind = 'v'`;
  for (const { name, options } of views) assert.match(options, /security_invoker=(on|true)/, name);
});

Deno.test("documentation: every table, view, column and function says what it is", async () => {
  await using database = await freshDatabase();
  const silent = await database.sql`
    select relname || '.' || attname as name
    from pg_class join pg_attribute on attrelid = pg_class.oid
    where relnamespace = 'public'::regnamespace and relkind = 'r' and attnum > 0
      and not attisdropped and col_description(pg_class.oid, attnum) is null
    union all
    select relname from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'v')
      and obj_description(oid, 'pg_class') is null
    union all
    select proname from pg_proc
    where pronamespace = 'public'::regnamespace and obj_description(oid, 'pg_proc') is null`;
  assert.deepEqual(silent.map((row) => row.name), []);
});

// The platform loads safeupdate, which this Postgres does not have: a statement without WHERE would
// fail there, inside functions too.
Deno.test("access: no function updates or deletes without a where", async () => {
  await using database = await freshDatabase();
  const functions = await database.sql`
    select proname as name, prosrc as source from pg_proc where pronamespace = 'public'::regnamespace`;
  for (const { name, source } of functions) {
    const plain = String(source).replace(/--[^\n]*/g, "");
    for (const statement of plain.match(/\b(update public|delete from)\b[^;]*/gi) ?? []) {
      assert.match(statement, /\bwhere\b/i, name);
    }
  }
});

Deno.test("schedule: each job calls one function, every five minutes, in between and daily, without a secret", async () => {
  await using database = await freshDatabase();
  const jobs = await database.sql`select jobname, schedule, command from cron.job order by jobname`;
  assert.deepEqual(jobs.map((job) => ({ ...job })), [
    {
      jobname: "call-dispatch",
      schedule: "*/5 * * * *",
      command: "select public.invoke_call_dispatch()",
    },
    {
      jobname: "call-dispatch-alarm",
      schedule: "2-59/5 * * * *",
      command: "select public.watch_dispatch()",
    },
    {
      jobname: "call-dispatch-purge",
      schedule: "17 3 * * *",
      command: "select public.purge_dispatch_history()",
    },
  ]);
});

Deno.test("schedule: jobs that were changed, switched off or deleted are put right, others left alone", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`select cron.schedule('another', '7 * * * *', 'select 7')`;
  const jobs = () => sql`select jobname, schedule, command, active from cron.job order by jobname`;
  const before = [...await jobs()];
  await sql`select cron.schedule('call-dispatch', '0 0 1 1 *', 'select 1')`;
  await sql`select cron.alter_job(jobid, active => false) from cron.job
    where jobname = 'call-dispatch-alarm'`;
  await sql`select cron.unschedule('call-dispatch-purge')`;
  await sql`select public.schedule_call_dispatch()`;
  assert.deepEqual([...await jobs()], before);
});

Deno.test("purge: old runs go, also those that never told their end; attempts stay", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`insert into public.dispatch_runs (source, started_at, finished_at, stop_reason) values
    ('manual', now() - interval '91 days', now(), 'drained'),
    ('manual', now() - interval '89 days', now(), 'drained'),
    ('manual', now() - interval '91 days', null, null)`;
  await sql`insert into public.call_attempts
    (follow_up_id, lead_id, lease_token, to_number, status, opened_at, sending_until)
    values (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), '+14152000000', 'refused',
      now() - interval '5 years', now())`;
  const [row] = await sql`select public.purge_dispatch_history() as purged`;
  assert.equal(row!.purged, 2);
  assert.equal((await sql`select from public.dispatch_runs`).length, 1);
  assert.equal((await sql`select from public.call_attempts`).length, 1);
});

import assert from "node:assert/strict";
import { connect } from "../../../supabase/local/postgres/connect.ts";
import { freshEmptyDatabase } from "../../support/fresh_empty_database.ts";

const POST = "select net.http_post(url => $1, headers => $2::text::jsonb)";

Deno.test("roles have Supabase's powers, and postgres is no superuser", async () => {
  await using database = await freshEmptyDatabase();
  const roles = await database.sql`
    select rolname, rolsuper, rolbypassrls, rolcanlogin, rolinherit from pg_roles
    where rolname in ('postgres', 'anon', 'authenticated', 'service_role', 'authenticator')
    order by rolname`;
  assert.deepEqual([...roles].map(Object.values), [
    ["anon", false, false, false, false],
    ["authenticated", false, false, false, false],
    ["authenticator", false, false, true, false],
    ["postgres", false, true, true, true],
    ["service_role", false, true, false, false],
  ]);
});

Deno.test("new objects in public are granted to no API role", async () => {
  await using database = await freshEmptyDatabase();
  await database.sql`create table t (i int)`;
  await assert.rejects(
    database.asServiceRole((sql) => sql`select * from public.t`),
    /permission denied for table t/,
  );
});

Deno.test("the stand-ins pass for installed extensions", async () => {
  await using database = await freshEmptyDatabase();
  for (const name of ["pg_net", "pg_cron", "supabase_vault"]) {
    await database.sql.unsafe(`create extension if not exists ${name}`);
    const [row] = await database.sql`
      select count(*)::int as members from pg_depend join pg_extension e on refobjid = e.oid
      where refclassid = 'pg_extension'::regclass and deptype = 'e' and extname = ${name}`;
    assert.ok(row?.members > 3, `${name} has ${row?.members} members`);
  }
});

Deno.test("vault gives a secret back only under its decrypted name", async () => {
  await using database = await freshEmptyDatabase();
  const { sql } = database;
  const [made] = await sql`select vault.create_secret('first', 'name', 'what for') as id`;
  await sql`select vault.update_secret(${made?.id}, new_secret => 'second')`;
  const [row] = await sql`select name, secret, decrypted_secret from vault.decrypted_secrets`;
  assert.deepEqual([row?.name, row?.decrypted_secret], ["name", "second"]);
  assert.notEqual(row?.secret, "second");
  await assert.rejects(sql`select vault.create_secret('x', 'name')`, /duplicate key/);
  await assert.rejects(
    sql.begin(async (tx) => {
      await tx`set local role anon`;
      await tx`select * from vault.decrypted_secrets`;
    }),
    /permission denied for schema vault/,
  );
});

Deno.test("net shows the whole row, secret included, when the URL is null", async () => {
  await using database = await freshEmptyDatabase();
  const failed = await database.sql.unsafe(POST, [null, '{"x-cron-secret": "s3cret"}'])
    .then(() => null, (error) => error);
  assert.equal(failed?.code, "23502");
  assert.match(failed?.detail, /s3cret/);
});

Deno.test("net refuses what is no URL with its text in the error, and other methods and types", async () => {
  await using database = await freshEmptyDatabase();
  const { sql } = database;
  for (
    const url of ["/secret-path", "host:6666/secret-path", "http://", "http://a b/secret-path"]
  ) {
    await assert.rejects(sql.unsafe(POST, [url, "{}"]), (error: Error) => {
      assert.ok(error.message.startsWith(`invalid URL "${url}"`), error.message);
      return true;
    });
  }
  await assert.rejects(
    sql.unsafe(POST, ["http://127.0.0.1/", '{"content-type": "text/plain"}']),
    /Content-Type header must be "application\/json"/,
  );
  await assert.rejects(
    sql`insert into net.http_request_queue (method, url, timeout_milliseconds)
      values ('PUT', 'http://127.0.0.1/', 1)`,
    /http_method_check/,
  );
  assert.equal((await sql`select from net.http_request_queue`).length, 0);
});

Deno.test("cron replaces a job of the same name by the same user only", async () => {
  await using database = await freshEmptyDatabase();
  const { sql } = database;
  const [first] = await sql`select cron.schedule('a', '*/5 * * * *', 'select 1') as id`;
  const [again] = await sql`select cron.schedule('a', '1 * * * *', 'select 2') as id`;
  assert.equal(again?.id, first?.id);
  const admin = connect(database.adminUrl, { max: 1 });
  const [other] = await admin`select cron.schedule('a', '2 * * * *', 'select 3') as id`;
  await admin.end();
  assert.notEqual(other?.id, first?.id);
  const own = await sql`select schedule, command from cron.job where username = 'postgres'`;
  assert.deepEqual([...own], [{ schedule: "1 * * * *", command: "select 2" }]);
  await assert.rejects(sql`select cron.unschedule(${other?.id}::bigint)`, /permission denied/);
  await sql`select cron.unschedule('a')`;
  await assert.rejects(sql`select cron.unschedule('a')`, /could not find valid entry for job 'a'/);
});

Deno.test("cron shows a role that does not bypass row-level security its own jobs only", async () => {
  await using database = await freshEmptyDatabase();
  const { sql } = database;
  await sql`select cron.schedule('a', '* * * * *', 'select 1')`;
  await sql`grant usage on schema cron to authenticated`;
  const names = await sql.begin(async (tx) => {
    await tx`set local role authenticated`;
    await tx`select cron.schedule('b', '* * * * *', 'select 1')`;
    return await tx`select jobname from cron.job`;
  });
  assert.deepEqual([...names], [{ jobname: "b" }]);
});

Deno.test("cron refuses a schedule that is none, and writes to its table", async () => {
  await using database = await freshEmptyDatabase();
  const { sql } = database;
  await assert.rejects(sql`select cron.schedule('a', 'at noon', 'select 1')`, /invalid schedule/);
  await assert.rejects(sql`select cron.schedule('* * * *', 'select 1')`, /invalid schedule/);
  await assert.rejects(sql`delete from cron.job`, /permission denied/);
  await sql`select cron.schedule('* * * * *', 'select 1')`;
});

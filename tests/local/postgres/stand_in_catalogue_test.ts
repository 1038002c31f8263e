// What the stand-ins offer, held against what the sources of the real extensions declare, line by line:
// pg_net 0.20, supabase_vault 0.3.1 and, where this PostgreSQL has it, the installed pg_cron itself.
import assert from "node:assert/strict";
import type { TestDatabase } from "../../support/clone_database.ts";
import { freshDatabase } from "../../support/fresh_database.ts";
import { freshEmptyDatabase } from "../../support/fresh_empty_database.ts";
import { readCatalogue } from "../../support/read_catalogue.ts";
import { TEST_CLUSTER } from "../../support/test_cluster.ts";

const realCron = Deno.env.get(TEST_CLUSTER.realCronVariable) === "true";

/** Functions of pg_net that the stand-in goes without: they ask after, or wait for, a worker that is not in the server. */
const NOT_IN_THE_STAND_IN = [
  "_await_response",
  "_http_collect_response",
  "check_worker_is_up",
  "http_collect_response",
  "wait_until_running",
  "worker_restart",
];

Deno.test("net offers the tables and functions of pg_net, column by column and argument by argument", async () => {
  await using database = await freshEmptyDatabase();
  const all = "delete insert references select trigger truncate update";
  const catalogue = await readCatalogue(database.sql, "net");
  assert.deepEqual(catalogue, {
    columns: [
      "_http_response.content text",
      "_http_response.content_type text",
      "_http_response.created timestamp with time zone not null default now()",
      "_http_response.error_msg text",
      "_http_response.headers jsonb",
      "_http_response.id bigint",
      "_http_response.status_code integer",
      "_http_response.timed_out boolean",
      "http_request_queue.body bytea",
      "http_request_queue.headers jsonb",
      "http_request_queue.id bigint not null default nextval('net.http_request_queue_id_seq'::regclass)",
      "http_request_queue.method net.http_method not null",
      "http_request_queue.timeout_milliseconds integer not null",
      "http_request_queue.url text not null",
      "http_response.body text",
      "http_response.headers jsonb",
      "http_response.status_code integer",
      "http_response_result.message text",
      "http_response_result.response net.http_response",
      "http_response_result.status net.request_status",
    ],
    routines: [
      "_encode_url_with_params_array(url text, params_array text[]) returns text",
      "_urlencode_string(string character varying) returns text",
      "http_delete(url text, params jsonb DEFAULT '{}'::jsonb, headers jsonb DEFAULT '{}'::jsonb, timeout_milliseconds integer DEFAULT 5000, body jsonb DEFAULT NULL::jsonb) returns bigint",
      "http_get(url text, params jsonb DEFAULT '{}'::jsonb, headers jsonb DEFAULT '{}'::jsonb, timeout_milliseconds integer DEFAULT 5000) returns bigint",
      `http_post(url text, body jsonb DEFAULT '{}'::jsonb, params jsonb DEFAULT '{}'::jsonb, headers jsonb DEFAULT '{"Content-Type": "application/json"}'::jsonb, timeout_milliseconds integer DEFAULT 5000) returns bigint`,
      "wake() returns void",
    ],
    relations: [
      `_http_response: table, unlogged, public: ${all}`,
      `http_request_queue: table, unlogged, public: ${all}`,
      catalogue.relations[2],
    ],
  });
  // Before PostgreSQL 15 the sequence of an unlogged table was logged itself.
  assert.match(
    catalogue.relations[2]!,
    /^http_request_queue_id_seq: sequence(, unlogged)?, public: select update usage$/,
  );
  const indexed = await database.sql`
    select indexdef from pg_indexes where schemaname = 'net'`;
  assert.deepEqual(indexed.map((row) => row.indexdef), [
    "CREATE INDEX _http_response_created_idx ON net._http_response USING btree (created)",
  ]);
  for (const name of NOT_IN_THE_STAND_IN) {
    assert.ok(!catalogue.routines.some((line) => line.startsWith(`${name}(`)), name);
  }
});

Deno.test("vault offers the table, view and functions of supabase_vault, and the rights that the platform gives", async () => {
  await using database = await freshEmptyDatabase();
  assert.deepEqual(await readCatalogue(database.sql, "vault"), {
    columns: [
      "decrypted_secrets.created_at timestamp with time zone",
      "decrypted_secrets.decrypted_secret text",
      "decrypted_secrets.description text",
      "decrypted_secrets.id uuid",
      "decrypted_secrets.key_id uuid",
      "decrypted_secrets.name text",
      "decrypted_secrets.nonce bytea",
      "decrypted_secrets.secret text",
      "decrypted_secrets.updated_at timestamp with time zone",
      "secrets.created_at timestamp with time zone not null default CURRENT_TIMESTAMP",
      "secrets.description text not null default ''::text",
      "secrets.id uuid not null default gen_random_uuid()",
      "secrets.key_id uuid",
      "secrets.name text",
      "secrets.nonce bytea default vault._crypto_aead_det_noncegen()",
      "secrets.secret text not null",
      "secrets.updated_at timestamp with time zone not null default CURRENT_TIMESTAMP",
    ],
    routines: [
      "_crypto_aead_det_decrypt(message bytea, additional bytea, key_id bigint, context bytea DEFAULT '\\x7067736f6469756d'::bytea, nonce bytea DEFAULT NULL::bytea) returns bytea",
      "_crypto_aead_det_encrypt(message bytea, additional bytea, key_id bigint, context bytea DEFAULT '\\x7067736f6469756d'::bytea, nonce bytea DEFAULT NULL::bytea) returns bytea",
      "_crypto_aead_det_noncegen() returns bytea",
      "create_secret(new_secret text, new_name text DEFAULT NULL::text, new_description text DEFAULT ''::text, new_key_id uuid DEFAULT NULL::uuid) returns uuid security definer",
      "update_secret(secret_id uuid, new_secret text DEFAULT NULL::text, new_name text DEFAULT NULL::text, new_description text DEFAULT NULL::text, new_key_id uuid DEFAULT NULL::uuid) returns void security definer",
    ],
    relations: ["decrypted_secrets: view", "secrets: table"],
  });
  const rights = await database.sql`
    select role.name as role, relation.name as relation,
      has_table_privilege(role.name, 'vault.' || relation.name, 'select') as reads,
      has_table_privilege(role.name, 'vault.' || relation.name, 'insert') as writes,
      has_schema_privilege(role.name, 'vault', 'usage') as enters
    from (values ('postgres'), ('service_role'), ('anon'), ('authenticated')) as role (name)
    cross join (values ('secrets'), ('decrypted_secrets')) as relation (name)`;
  for (const { role, relation, reads, writes, enters } of rights) {
    const trusted = role === "postgres" || role === "service_role";
    assert.deepEqual([enters, reads, writes], [trusted, trusted, false], `${role}, ${relation}`);
  }
});

Deno.test(
  "cron offers what the installed pg_cron offers, column by column and argument by argument",
  {
    ignore: !realCron,
  },
  async () => {
    await using empty = await freshEmptyDatabase();
    await using migrated = await freshDatabase();
    const standIn = await readCatalogue(empty.sql, "cron");
    const real = await readCatalogue(migrated.sql, "cron");
    const isOurs = (line: string) => /^_/.test(line);
    assert.deepEqual({ ...standIn, routines: standIn.routines.filter((line) => !isOurs(line)) }, {
      ...real,
      columns: real.columns.map(asInNewerVersions),
      routines: real.routines.map(asInNewerVersions),
    });

    const rest = (sql: typeof empty.sql) =>
      sql`
      select 'constraint ' || conname || ' ' || pg_get_constraintdef(oid) as line
      from pg_constraint where connamespace = 'cron'::regnamespace
      union all
      select 'policy ' || policyname || ' ' || cmd || ' ' || array_to_string(roles, ',') || ' ' || qual
      from pg_policies where schemaname = 'cron'
      union all
      select 'trigger ' || pg_get_triggerdef(pg_trigger.oid) from pg_trigger
      join pg_class on pg_class.oid = tgrelid
      where relnamespace = 'cron'::regnamespace and not tgisinternal
      union all
      select 'right of ' || role || ' ' || relname || ' ' || privilege
      from (values ('postgres'), ('service_role'), ('anon')) as roles (role)
      cross join (values ('select'), ('insert'), ('update'), ('delete')) as privileges (privilege)
      cross join pg_class
      where relnamespace = 'cron'::regnamespace and relkind = 'r'
        and has_table_privilege(role, pg_class.oid, privilege)
      order by 1`;
    assert.deepEqual([...await rest(empty.sql)], [...await rest(migrated.sql)]);
  },
);

/** A job's name is of type \`name\` up to pg_cron 1.4, and text from 1.5 on, as on the platform. */
function asInNewerVersions(line: string): string {
  return line.replace("job.jobname name", "job.jobname text").replace(
    "(job_name name)",
    "(job_name text)",
  );
}

/** What somebody asks of cron, in one database after the other, and what comes of it. */
const QUESTIONS = [
  "select cron.schedule('a', '*/5 * * * *', 'select 1') > 0",
  "select cron.schedule('a', '1 * * * *', 'select 2') > 0",
  "select schedule, command, active, username from cron.job",
  "select cron.schedule(null, '1 * * * *', 'select 1')",
  "select cron.schedule(null, 'select 1')",
  "select cron.schedule('b', 'never', 'select 1')",
  "select cron.schedule('b', '61 * * * *', 'select 1')",
  "select cron.alter_job((select jobid from cron.job), active => false)",
  "select active from cron.job",
  "select cron.schedule('a', '2 * * * *', 'select 3') > 0",
  "select schedule, active from cron.job",
  "select cron.alter_job(-1, active => false)",
  "select cron.schedule_in_database('c', '3 * * * *', 'select 1', 'elsewhere') > 0",
  "select jobname::text, database from cron.job where database = 'elsewhere'",
  "insert into cron.job (schedule, command) values ('* * * * *', 'select 1')",
  "update cron.job set active = true",
  "delete from cron.job",
  "select cron.unschedule('a')",
  "select cron.unschedule('a')",
  "select cron.unschedule(-1)",
  "select cron.unschedule(null::bigint)",
  "select count(*)::int from cron.job",
];

Deno.test("cron answers and refuses as the installed pg_cron does", {
  ignore: !realCron,
}, async () => {
  await using empty = await freshEmptyDatabase();
  await using migrated = await freshDatabase();
  for (const job of await migrated.sql`select jobid from cron.job`) {
    await migrated.sql`select cron.unschedule(${job.jobid}::bigint)`;
  }
  const answers = async ({ sql }: TestDatabase) => {
    const given: [question: string, answer: unknown][] = [];
    for (const question of QUESTIONS) {
      const answer = await sql.unsafe(question).then(
        (rows) => rows.map((row) => Object.values(row)),
        (error) => `${error.code} ${error.message}`,
      );
      given.push([question, answer]);
    }
    return given;
  };
  assert.deepEqual(await answers(empty), await answers(migrated));
});

// What can be wrong in the database, each brought about in a real one, named by doctor, and mended.
import assert from "node:assert/strict";
import type { Check } from "../../../../supabase/local/commands/doctor/check.ts";
import { appColumnsCheck } from "../../../../supabase/local/commands/doctor/checks/app_columns_check.ts";
import { callingHoursCheck } from "../../../../supabase/local/commands/doctor/checks/calling_hours_check.ts";
import { clockCheck } from "../../../../supabase/local/commands/doctor/checks/clock_check.ts";
import { cronJobsCheck } from "../../../../supabase/local/commands/doctor/checks/cron_jobs_check.ts";
import { cronSecretCheck } from "../../../../supabase/local/commands/doctor/checks/cron_secret_check.ts";
import { extensionsCheck } from "../../../../supabase/local/commands/doctor/checks/extensions_check.ts";
import { grantsCheck } from "../../../../supabase/local/commands/doctor/checks/grants_check.ts";
import { migrationsCheck } from "../../../../supabase/local/commands/doctor/checks/migrations_check.ts";
import { repliesCheck } from "../../../../supabase/local/commands/doctor/checks/replies_check.ts";
import { settingsCheck } from "../../../../supabase/local/commands/doctor/checks/settings_check.ts";
import { tickCheck } from "../../../../supabase/local/commands/doctor/checks/tick_check.ts";
import { vaultCheck } from "../../../../supabase/local/commands/doctor/checks/vault_check.ts";
import type { Patient } from "../../../../supabase/local/commands/doctor/patient.ts";
import { connect, type Sql } from "../../../../supabase/local/postgres/connect.ts";
import { upsertVaultSecrets } from "../../../../supabase/local/upsert_vault_secrets.ts";
import { freshDatabase } from "../../../support/fresh_database.ts";
import { freshEmptyDatabase } from "../../../support/fresh_empty_database.ts";
import { scheduleJobs } from "../../../support/schedule_jobs.ts";
import { produce, verdictsOf, type WrongState } from "./wrong_state.ts";

const SECRET = "secret-of-the-schedule";
const PROJECT_URL = "https://abcd.supabase.co";
const DATABASE_CHECKS: Check[] = [
  migrationsCheck,
  appColumnsCheck,
  extensionsCheck,
  vaultCheck,
  cronSecretCheck,
  cronJobsCheck,
  tickCheck,
  repliesCheck,
  clockCheck,
  grantsCheck,
  callingHoursCheck,
  settingsCheck,
];

interface World {
  sql: Sql;
  admin: Sql;
  url: string;
  patient: Partial<Patient>;
}

async function openWorld() {
  const database = await freshDatabase();
  const { sql, url } = database;
  const admin = connect(database.adminUrl, { max: 1 });
  await sql`update public.dispatch_heartbeat
    set last_tick_at = now() - interval '2 minutes', last_tick_did = 'nothing to do'`;
  await sql`insert into public.calling_hours (opens, closes) values ('00:00', '24:00')`;
  await scheduleJobs(sql);
  await upsertVaultSecrets(url, { project_url: PROJECT_URL, cron_job_secret: SECRET });
  const patient: Partial<Patient> = {
    database: sql,
    project: { url: PROJECT_URL, cronJobSecret: SECRET, secretKey: null },
    cronJobSecrets: [SECRET],
    now: Date.now,
  };
  const close = async () => {
    await admin.end({ timeout: 1 });
    await database.drop();
  };
  return { sql, admin, url, patient, [Symbol.asyncDispose]: close };
}

const run = (statement: string) => ({ sql }: World) => sql.unsafe(statement);
const runAsAdmin = (statement: string) => ({ admin }: World) => admin.unsafe(statement);
const inVault = (name: string, value: string) => ({ url }: World) =>
  upsertVaultSecrets(url, { [name]: value });
const fromVault = (name: string) => runAsAdmin(`delete from vault.secrets where name = '${name}'`);

/** A state of the settings and back. */
function settings(change: string, back: string, says: RegExp): WrongState<World> {
  return {
    name: change,
    check: settingsCheck,
    cause: run(`update public.dispatch_settings set ${change} where id`),
    state: "warning",
    says,
    remedy: run(`update public.dispatch_settings set ${back} where id`),
  };
}

/** The reply of pg_net to the newest run. */
function reply(columns: string, values: string): (world: World) => Promise<unknown> {
  return async ({ sql, admin }) => {
    const id = Math.floor(Math.random() * 1e9);
    await sql`
      insert into public.dispatch_runs (source, started_at, net_request_id)
      values ('pg_cron', now(), ${id})`;
    await admin.unsafe(
      `insert into net._http_response (id, timed_out, ${columns}) values (${id}, false, ${values})`,
    );
  };
}

const forgetReplies = async ({ sql, admin }: World) => {
  await sql`delete from public.dispatch_runs where true`;
  await admin`delete from net._http_response where true`;
};

const STATES: WrongState<World>[] = [
  {
    name: "a migration is missing",
    check: migrationsCheck,
    cause: runAsAdmin(
      "update supabase_migrations.schema_migrations set version = 'x' where version = '20261122100000'",
    ),
    state: "fault",
    says: /1 of \d+ migrations are not applied, the first is 20261122100000: supabase db push/,
    remedy: runAsAdmin(
      "update supabase_migrations.schema_migrations set version = '20261122100000' where version = 'x'",
    ),
  },
  {
    name: "the app's follow_ups ask for more than is written",
    check: appColumnsCheck,
    cause: run("alter table public.follow_ups add column title text not null"),
    state: "fault",
    says:
      /public\.follow_ups\.title is not null and has no default: no follow-up could be seeded.*: alter table/,
    remedy: run("alter table public.follow_ups alter column title set default 'Call'"),
  },
  ...(["pg_cron", "pg_net", "supabase_vault"] as const).map((name): WrongState<World> => {
    const table = {
      pg_cron: "cron.job",
      pg_net: "net.http_request_queue",
      supabase_vault: "vault.decrypted_secrets",
    }[name];
    const kind = name === "supabase_vault" ? "view" : "table";
    return {
      name: `without ${name}`,
      check: extensionsCheck,
      cause: runAsAdmin(`set allow_system_table_mods = on; alter ${kind} ${table} rename to away`),
      state: "fault",
      says: new RegExp(`Without the extension ${name} .*Dashboard, Database, Extensions`),
      remedy: runAsAdmin(
        `alter ${kind} ${table.split(".")[0]}.away rename to ${table.split(".")[1]}`,
      ),
    };
  }),
  {
    name: "Vault has no project_url",
    check: vaultCheck,
    cause: fromVault("project_url"),
    state: "fault",
    says: /Vault has no secret project_url.*vault\.create_secret\('<value>', 'project_url'\)/,
    remedy: inVault("project_url", PROJECT_URL),
  },
  {
    name: "Vault has no cron_job_secret",
    check: vaultCheck,
    cause: fromVault("cron_job_secret"),
    state: "fault",
    says: /Vault has no secret cron_job_secret/,
    remedy: inVault("cron_job_secret", SECRET),
  },
  {
    name: "project_url is no address of a project",
    check: vaultCheck,
    cause: inVault("project_url", `${PROJECT_URL}/functions/v1`),
    state: "fault",
    says: /project_url is not the address of a project/,
    remedy: inVault("project_url", `${PROJECT_URL}/`),
  },
  {
    name: "project_url leads to another project",
    check: vaultCheck,
    cause: inVault("project_url", "https://efgh.supabase.co"),
    state: "fault",
    says: /sends its runs to https:\/\/efgh\.supabase\.co, and not to https:\/\/abcd\.supabase\.co/,
    remedy: inVault("project_url", PROJECT_URL),
  },
  {
    name: "the secret in Vault is another one",
    check: cronSecretCheck,
    cause: inVault("cron_job_secret", "another-secret"),
    state: "fault",
    says: /cron_job_secret is not among the values of CRON_JOB_SECRET/,
    remedy: inVault("cron_job_secret", SECRET),
  },
  {
    name: "only the second secret in Vault is right, which is not sent",
    check: cronSecretCheck,
    cause: inVault("cron_job_secret", `another-secret,${SECRET}`),
    state: "fault",
    says: /every run of the schedule is refused/,
    remedy: inVault("cron_job_secret", `${SECRET},another-secret`),
  },
  ...["call-dispatch", "call-dispatch-alarm", "call-dispatch-purge"].map((
    name,
  ): WrongState<World> => ({
    name: `no job ${name}`,
    check: cronJobsCheck,
    cause: run(`select cron.unschedule('${name}')`),
    state: "fault",
    says: new RegExp(`There is no job ${name}: select public.schedule_call_dispatch\\(\\)`),
    remedy: run("select public.schedule_call_dispatch()"),
  })),
  {
    name: "the job is switched off",
    check: cronJobsCheck,
    cause: run(
      "select cron.alter_job(jobid, active => false) from cron.job where jobname = 'call-dispatch'",
    ),
    state: "fault",
    says: /The job call-dispatch is switched off/,
    remedy: run("select public.schedule_call_dispatch()"),
  },
  {
    name: "the job does something else",
    check: cronJobsCheck,
    cause: run("select cron.schedule('call-dispatch', '*/5 * * * *', 'select 1')"),
    state: "fault",
    says: /The job call-dispatch does something else/,
    remedy: run("select public.schedule_call_dispatch()"),
  },
  {
    name: "the job is that of another database",
    check: cronJobsCheck,
    cause: runAsAdmin("update cron.job set database = 'other' where jobname = 'call-dispatch'"),
    state: "fault",
    says: /The job call-dispatch runs in another database: select cron\.unschedule/,
    remedy: run("select cron.unschedule('call-dispatch'); select public.schedule_call_dispatch()"),
  },
  {
    name: "two roles have the job",
    check: cronJobsCheck,
    cause: runAsAdmin(`
      insert into cron.job (jobname, schedule, command, username)
      values ('call-dispatch', '* * * * *', 'select 1', 'postgres_too');
      alter policy cron_job_policy on cron.job using (true)`),
    state: "fault",
    says: /There are two jobs call-dispatch/,
    remedy: runAsAdmin(`
      delete from cron.job where username = 'postgres_too';
      alter policy cron_job_policy on cron.job using (username = current_user)`),
  },
  {
    name: "the job comes too seldom",
    check: cronJobsCheck,
    cause: run(
      "select cron.schedule('call-dispatch', '*/5 9-17 * * *', 'select public.invoke_call_dispatch()')",
    ),
    state: "warning",
    says: /The job call-dispatch runs less often \(\*\/5 9-17 \* \* \*\) than it should/,
    remedy: run(
      "select cron.schedule('call-dispatch', '* * * * *', 'select public.invoke_call_dispatch()')",
    ),
  },
  {
    name: "the job failed",
    check: cronJobsCheck,
    cause: runAsAdmin(`
      insert into cron.job_run_details (jobid, status, return_message)
      select jobid, 'failed', E'ERROR:  Vault has no secret "project_url"\\nHINT:  Set it'
      from cron.job where jobname = 'call-dispatch'`),
    state: "fault",
    says:
      /The job call-dispatch failed when it ran last: ERROR: Vault has no secret "project_url"$/,
    remedy: runAsAdmin(`
      insert into cron.job_run_details (jobid, status, return_message)
      select jobid, 'succeeded', '1 row' from cron.job where jobname = 'call-dispatch'`),
  },
  {
    name: "no tick for long",
    check: tickCheck,
    cause: run(
      "update public.dispatch_heartbeat set last_tick_at = now() - interval '13 minutes' where id",
    ),
    state: "fault",
    says: /The schedule has not ticked for 13 minutes: is pg_cron running/,
    remedy: run("update public.dispatch_heartbeat set last_tick_at = now() where id"),
  },
  {
    name: "no tick yet",
    check: tickCheck,
    cause: run(
      "update public.dispatch_heartbeat set last_tick_at = null, installed_at = now() where id",
    ),
    state: "warning",
    says: /The schedule has never ticked: look again in five minutes/,
    remedy: run("update public.dispatch_heartbeat set last_tick_at = now() where id"),
  },
  {
    name: "the function refuses the secret",
    check: repliesCheck,
    cause: reply("status_code, content", `401, '{"error":"Unauthorized"}'`),
    state: "fault",
    says: /refuses the runs of the schedule \(status 401\): CRON_JOB_SECRET and the Vault secret/,
    remedy: forgetReplies,
  },
  {
    name: "the gateway refuses before the function",
    check: repliesCheck,
    cause: reply(
      "status_code, content",
      `401, '{"code":401,"message":"Missing authorization header"}'`,
    ),
    state: "fault",
    says: /refused before they reach the function.*verify_jwt is false/,
    remedy: forgetReplies,
  },
  {
    name: "the function is not there",
    check: repliesCheck,
    cause: reply("status_code", "404"),
    state: "fault",
    says: /is not found \(status 404\): deploy it/,
    remedy: forgetReplies,
  },
  {
    name: "the function is badly configured",
    check: repliesCheck,
    cause: reply(
      "status_code, content",
      `500, '{"ok":false,"error":"Bad configuration","faults":["OMNI_API_KEY is missing"]}'`,
    ),
    state: "fault",
    says: /status 500: see its log: Bad configuration: OMNI_API_KEY is missing/,
    remedy: forgetReplies,
  },
  {
    name: "the function does not answer in time",
    check: repliesCheck,
    cause: reply("error_msg", "'Timeout of 5000 ms reached'"),
    state: "fault",
    says: /cannot be reached: see net\._http_response.*pg_net: Timeout of 5000 ms reached/,
    remedy: forgetReplies,
  },
  {
    name: "some of the last runs were refused",
    check: repliesCheck,
    cause: async (world) => {
      await reply("status_code", "404")(world);
      await world.sql`update public.dispatch_runs set started_at = started_at - interval '5 minutes'
        where true`;
      await reply("status_code", "202")(world);
    },
    state: "warning",
    says: /1 of the last 2 runs were refused, but not the last one\..*status 404/,
    remedy: async (world) => {
      await forgetReplies(world);
      await reply("status_code", "202")(world);
    },
  },
  {
    name: "the clocks differ",
    check: clockCheck,
    cause: ({ patient }) => patient.now = () => Date.now() - 90_000,
    state: "warning",
    says: /The database's clock is 1 min ahead of this machine's/,
    remedy: ({ patient }) => patient.now = () => Date.now() + 55_000,
  },
  {
    name: "a table is open",
    check: grantsCheck,
    cause: run("grant select on public.call_attempts to anon, authenticated"),
    state: "fault",
    says:
      /Reachable by anon, authenticated: call_attempts\. Revoke it: revoke all on table public\.call_attempts from/,
    remedy: run("revoke all on public.call_attempts from anon, authenticated"),
  },
  {
    name: "a column is open",
    check: grantsCheck,
    cause: run("grant select (to_number) on public.call_attempts to authenticated"),
    state: "fault",
    says: /Reachable by authenticated: call_attempts/,
    remedy: run("revoke select (to_number) on public.call_attempts from authenticated"),
  },
  {
    name: "a view is open",
    check: grantsCheck,
    cause: run("grant select on public.call_queue to public"),
    state: "fault",
    says: /Reachable by anon, authenticated, public: call_queue/,
    remedy: run("revoke all on public.call_queue from public"),
  },
  {
    name: "a function is open",
    check: grantsCheck,
    cause: run("grant execute on function public.seed_follow_ups to public"),
    state: "fault",
    says: /: seed_follow_ups\(\)\. Revoke it: revoke all on function public\.seed_follow_ups from/,
    remedy: run("revoke execute on function public.seed_follow_ups from public"),
  },
  {
    name: "a table has no row level security",
    check: grantsCheck,
    cause: run("alter table public.do_not_call disable row level security"),
    state: "fault",
    says: /The table do_not_call has no row level security/,
    remedy: run("alter table public.do_not_call enable row level security"),
  },
  {
    name: "the leads lie open",
    check: grantsCheck,
    cause: run(`grant select on public.leads to anon;
      alter table public.leads disable row level security`),
    state: "fault",
    says: /Whoever has the public key reaches all of leads/,
    // What an app grants behind its own policies is its own affair.
    remedy: run("alter table public.leads enable row level security"),
  },
  {
    name: "no calling hours",
    check: callingHoursCheck,
    cause: run("update public.calling_hours set valid_until = '2000-01-01' where true"),
    state: "warning",
    says: /No calling hours are set, so that people are called at any time, at night too/,
    remedy: run("update public.calling_hours set valid_until = null where true"),
  },
  {
    name: "calling hours for one country only",
    check: callingHoursCheck,
    cause: run("update public.calling_hours set region = 'US' where true"),
    state: "warning",
    says: /Numbers of countries without calling hours are called at any time/,
    remedy: run("select public.use_calling_hours_pack('everywhere')"),
  },
  settings("paused = true", "paused = false", /Paused: nobody is called\. deno task resume/),
  settings("paused = true, shadow = true", "paused = false, shadow = false", /Shadow mode: nobody/),
  settings("max_calls_per_day = 0", "max_calls_per_day = null", /is 0, so that nobody is called/),
  settings(
    "max_calls_per_day = 90, max_calls_per_month = 60",
    "max_calls_per_day = 20",
    /max_calls_per_day is above max_calls_per_month/,
  ),
  settings(
    "expected_call_cost = 1, max_spend_per_day = 90, max_spend_per_month = 60",
    "max_spend_per_day = 20",
    /max_spend_per_day is above max_spend_per_month/,
  ),
  settings("expected_call_cost = 30", "expected_call_cost = 1", /expected_call_cost is above/),
  settings(
    "max_calls_per_number_per_24_hours = 4, max_calls_per_number = 3",
    "max_calls_per_number = 4",
    /max_calls_per_number_per_24_hours is above max_calls_per_number/,
  ),
  settings(
    "expire_after = '6 hours'",
    "expire_after = '2 days'",
    /expire_after is not longer than retry_longest_delay/,
  ),
  settings(
    "smallest_gap_per_number = '2 days'",
    "smallest_gap_per_number = '1 hour'",
    /expire_after is not longer than smallest_gap_per_number/,
  ),
  settings("settle_for = '15 minutes'", "settle_for = '3 days'", /settle_for is not longer than/),
  settings(
    "tick_late_after = '5 minutes'",
    "tick_late_after = '12 minutes'",
    /each tick is called late/,
  ),
  {
    name: "no line is left",
    check: settingsCheck,
    cause: run(`update public.provider_account set lines_limit = 5 where id;
      update public.dispatch_settings set lines_left_free = 5 where id`),
    state: "warning",
    says: /lines_left_free leaves none of the lines that Omni reports/,
    remedy: run("update public.dispatch_settings set lines_left_free = 4 where id"),
  },
];

Deno.test("doctor: each wrong state of the database is named, and mended it is well again", async (test) => {
  await using world = await openWorld();
  for (const state of STATES) {
    await test.step(state.name, () => produce(state, world, () => world.patient));
  }
  await test.step("in the end all is well, and no secret was in it", async () => {
    for (const check of DATABASE_CHECKS) {
      for (const line of await verdictsOf(check, world.patient)) {
        assert.match(line, /^ok: /);
        assert.doesNotMatch(line, new RegExp(`${SECRET}|another-secret`));
      }
    }
  });
  // It only reads.
  assert.equal((await world.sql`select from public.follow_ups`).length, 0);
});

Deno.test("doctor: what a role may not see, and what is not there, is not checked", async () => {
  await using world = await openWorld();
  await using empty = await freshEmptyDatabase();
  let denied: string[] = [];
  const asStranger = world.sql.begin(async (transaction) => {
    await transaction`set local role authenticated`;
    denied = await verdictsOf(vaultCheck, { database: transaction as unknown as Sql });
  });
  await assert.rejects(asStranger, /permission denied/);
  assert.match(denied.join(), /^not_checked: this role may not look: permission denied/);
  const bare = { ...world.patient, database: empty.sql };
  const [missing] = await verdictsOf(migrationsCheck, bare);
  assert.match(missing!, /^fault: No record of migrations is kept here: supabase db push/);
  for (const check of [tickCheck, callingHoursCheck, settingsCheck, repliesCheck]) {
    const [line] = await verdictsOf(check, bare);
    assert.match(line!, /^not_checked: what it looks at is not there/, check.name);
  }
  const [unnamed] = await verdictsOf(tickCheck, {}, { database: "no database is named" });
  assert.equal(unnamed, "not_checked: no database is named");
});

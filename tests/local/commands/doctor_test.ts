// doctor as the person who sets the project up runs it, on a whole project.
import assert from "node:assert/strict";
import { findPatient } from "../../../supabase/local/commands/doctor/find_patient.ts";
import { openPatient } from "./doctor/open_patient.ts";
import { spawnCommand } from "./spawn_command.ts";
import { temporaryFolder } from "./temporary_folder.ts";

const NOWHERE = "postgres://postgres:secret-word@127.0.0.1:1/postgres";

Deno.test("doctor: all is well is code 0, and one fault is code 1; secrets are not shown", async () => {
  await using world = await openPatient();
  const { project } = world;
  const env = {
    ...world.variables,
    SUPABASE_URL: project.gateway.url,
    DATABASE_URL: project.database.url,
  };
  const before = await project.sql`select * from public.dispatch_heartbeat`;
  const well = await spawnCommand("doctor", [], env).ended;
  assert.equal(well.code, 0, well.stdout + well.stderr);
  assert.match(well.stdout, /^Project http:.*\nDatabase 127\.0\.0\.1:\d+\nok {6}variables {5}/);
  assert.match(well.stdout, /\n0 faults, 0 warnings; 17 ok, 1 not checked\.\n$/);

  await project.sql`grant select on public.call_attempts to anon`;
  const { code, stdout, stderr } = await spawnCommand("doctor", ["--json"], env).ended;
  assert.equal(code, 1);
  const findings: { check: string; state: string; says: string }[] = JSON.parse(stdout);
  const wrong = findings.filter(({ state }) => state !== "ok" && state !== "not_checked");
  assert.deepEqual(wrong.map(({ check, state }) => [check, state]), [["grants", "fault"]]);
  assert.match(stderr, /fault {3}grants .*Reachable by anon: call_attempts/);
  const secrets = [project.cronJobSecret, project.omni.apiKey, "a".repeat(32)];
  for (const secret of secrets) {
    assert.ok(!(well.stdout + well.stderr + stdout + stderr).includes(secret));
  }
  assert.equal(project.omni.ledger.count, 0);
  assert.deepEqual(await project.sql`select * from public.dispatch_heartbeat`, before);
});

Deno.test("doctor: a database that cannot be reached is a fault, and the rest is looked at", async () => {
  const env = { DATABASE_URL: NOWHERE, OMNI_BASE_URL: "https://127.0.0.1:1" };
  const { code, stdout, stderr } = await spawnCommand("doctor", [], env).ended;
  assert.equal(code, 1, stderr);
  assert.match(stdout, /fault {3}database {6}Cannot reach the database/);
  assert.match(stdout, /fault {3}variables {5}OMNI_API_KEY is missing/);
  assert.match(stdout, /- {7}vault {9}not checked: the database is not to be had/);
  assert.match(stdout, /- {7}call-dispatch not checked: no project is named: set SUPABASE_URL/);
  assert.match(stdout, /- {7}cron secret {3}not checked: the database is not to be had/);
  assert.match(stdout, /- {7}Omni's agent {2}not checked: OMNI_API_KEY is missing/);
  assert.doesNotMatch(stdout + stderr, /secret-word/);
});

Deno.test("doctor: to have looked at nothing is code 2, and says what to set", async () => {
  const env = { SUPABASE_URL: "http://127.0.0.1:1" };
  for (const args of [[], ["--json"]]) {
    const { code, stdout, stderr } = await spawnCommand("doctor", args, env).ended;
    assert.equal(code, 2, stdout + stderr);
    assert.match(stdout + stderr, /\n0 faults, 0 warnings; 0 ok, 18 not checked\.\n/);
    assert.match(
      stderr,
      /Nothing could be looked at: no database is named: set DATABASE_URL, .*; neither CRON_JOB_SECRET nor a secret key of the project is set here; none of the functions' variables is set here\n$/,
    );
    if (args.length > 0) assert.equal(JSON.parse(stdout).length, 18);
  }
});

Deno.test("doctor: arguments that are not understood are code 2", async () => {
  const cases: [string[], number, RegExp][] = [
    [["--fix"], 2, /Unknown option '--fix'/],
    [["--database-url", "mysql://x"], 2, /Cannot use the database URL/],
    [["--url", "ftp://x"], 2, /Cannot use the project URL "ftp:\/\/x"/],
    [["--help"], 0, /^$/],
  ];
  await Promise.all(cases.map(async ([args, expected, message]) => {
    const { code, stderr } = await spawnCommand("doctor", args, { CRON_JOB_SECRET: "x" }).ended;
    assert.equal(code, expected, stderr);
    assert.match(stderr, message);
  }));
});

Deno.test("findPatient: only what is named, and nothing of a local stack beside it", async () => {
  await using folder = await temporaryFolder();
  const find = (env: Record<string, string>, options = {}) =>
    findPatient({ databaseUrl: null, url: null, ...options }, env, folder.path);
  await assert.rejects(find({}), /There is nothing to examine: set DATABASE_URL and SUPABASE_URL/);

  const onlyDatabase = await find({ DATABASE_URL: NOWHERE });
  assert.equal(onlyDatabase.databaseUrl, NOWHERE);
  assert.equal(onlyDatabase.absent.project, "no project is named: set SUPABASE_URL, or give --url");
  assert.deepEqual(Object.keys(onlyDatabase.patient), ["now"]);

  const url = "https://abcd.supabase.co";
  const locked = await find({ SUPABASE_URL: url });
  assert.equal(locked.patient.project, undefined);
  assert.match(locked.absent.project!, /neither CRON_JOB_SECRET nor a secret key/);

  const named = await find({ SUPABASE_URL: url, CRON_JOB_SECRET: "new, old" });
  assert.deepEqual(named.patient.cronJobSecrets, ["new", "old"]);
  assert.equal(named.patient.project?.cronJobSecret, "new");
  assert.equal(named.databaseUrl, null);
  assert.equal(named.absent.omni, "OMNI_BASE_URL is missing");
});

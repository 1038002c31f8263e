// pause and resume as the person who answers for the calls runs them, on a real database.
import assert from "node:assert/strict";
import { freshDatabase } from "../../support/fresh_database.ts";
import { freshEmptyDatabase } from "../../support/fresh_empty_database.ts";
import { insertFollowUp } from "../../support/insert_follow_up.ts";
import { insertLead } from "../../support/insert_lead.ts";
import { spawnCommand } from "./spawn_command.ts";

const NOWHERE = "postgres://postgres:secret-word@127.0.0.1:1/postgres";

async function run(name: "pause" | "resume", args: string[], env: Record<string, string> = {}) {
  return await spawnCommand(name, args, env).ended;
}

async function openDatabase() {
  const database = await freshDatabase();
  const on = (name: "pause" | "resume") => (...args: string[]) =>
    run(name, args, { DATABASE_URL: database.url });
  const isPaused = async () => {
    const [row] = await database.sql`select paused from public.dispatch_settings`;
    return row!.paused;
  };
  const pauses = () =>
    database.sql`select source, lead_id, until, reason from public.call_pauses order by id`;
  const { sql } = database;
  const close = () => database.drop();
  return {
    sql,
    url: database.url,
    pause: on("pause"),
    resume: on("resume"),
    isPaused,
    pauses,
    [Symbol.asyncDispose]: close,
  };
}

Deno.test("pause and resume: everything", async () => {
  await using project = await openDatabase();
  const paused = await project.pause();
  assert.equal(paused.code, 0, paused.stderr);
  assert.match(paused.stdout, /^Database 127\.0\.0\.1:\d+\n/);
  assert.match(
    paused.stdout,
    /All calls are stopped now, until deno task resume; calls that have been accepted go on\./,
  );
  assert.equal(await project.isPaused(), true);
  assert.equal((await project.pause()).code, 0);
  assert.equal((await project.pauses()).length, 0);

  const resumed = await project.resume("--json");
  assert.equal(resumed.code, 0);
  assert.deepEqual(JSON.parse(resumed.stdout), {
    resumed: true,
    source: null,
    lead: null,
    still_paused: [],
  });
  assert.match(resumed.stderr, /All calls go on\./);
  assert.equal(await project.isPaused(), false);

  const again = await project.resume();
  assert.equal(again.code, 0);
  assert.match(again.stdout, /All calls were not paused\./);
});

Deno.test("pause: a source, with an end and a reason, keeps from the claim what it names", async () => {
  await using project = await openDatabase();
  const paused = await insertFollowUp(project.sql, { source: "recall" });
  const other = await insertFollowUp(project.sql, { source: "manual" });
  const end = "2099-12-01T09:00+05:30";
  const told = await project.pause("--source", "recall", "--until", end, "--reason", "Diwali");
  assert.equal(told.code, 0, told.stderr);
  assert.match(
    told.stdout,
    /Calls of the source recall are stopped now, until 2099-12-01 03:30 UTC/,
  );
  assert.deepEqual([...await project.pauses()], [
    { source: "recall", lead_id: null, until: new Date(end), reason: "Diwali" },
  ]);
  const claimed = await project.sql`select follow_up_id from public.claim_due_follow_ups()`;
  assert.deepEqual(claimed.map((row) => row.follow_up_id), [other]);
  const [row] = await project.sql`select reason from public.follow_ups where id = ${paused}`;
  assert.equal(row!.reason, "Paused: Diwali");

  const resumed = await project.resume("--source", "recall");
  assert.match(resumed.stdout, /Calls of the source recall go on\./);
  assert.match(
    resumed.stdout,
    /Put off while paused, and not moved back: 1, the last due at 2099-12-01 03:30 UTC\./,
  );
  assert.equal((await project.pauses()).length, 0);
});

Deno.test("pause: of two ends the later one is told", async () => {
  await using project = await openDatabase();
  await project.pause("--source", "seed");
  const shorter = await project.pause("--source", "seed", "--until", "2099-01-01T00:00Z", "--json");
  assert.equal(JSON.parse(shorter.stdout).until, null);
  assert.match(shorter.stderr, /Calls of the source seed are stopped now, until deno task resume/);
});

Deno.test("resume: one lead; what else is paused stays so and is named", async () => {
  await using project = await openDatabase();
  const [one, other] = [await insertLead(project.sql), await insertLead(project.sql)];
  await project.pause("--lead", one);
  await project.pause("--lead", other);
  await project.pause();
  const { code, stdout } = await project.resume("--lead", one);
  assert.equal(code, 0);
  assert.match(stdout, new RegExp(`Calls to the lead ${one} go on\\.`));
  assert.match(stdout, /All calls are still paused\./);
  assert.match(stdout, new RegExp(`Calls to the lead ${other} are still paused\\.`));
  assert.deepEqual((await project.pauses()).map((pause) => pause.lead_id), [other]);
  assert.equal(await project.isPaused(), true);
});

Deno.test("resume: while shadow mode is on it says that this holds the pause, and how to end it", async () => {
  await using project = await openDatabase();
  await project.sql`select public.use_shadow_mode(true)`;
  const held = await project.resume();
  assert.equal(held.code, 1);
  assert.match(held.stderr, /^Cannot resume: shadow mode is on, and holds the pause\./m);
  assert.match(held.stderr, /select public\.use_shadow_mode\(false\)/);
  assert.doesNotMatch(held.stderr, /constraint|relation/);
  assert.equal(await project.isPaused(), true);
  await project.sql`select public.use_shadow_mode(false)`;
  assert.equal((await project.resume()).code, 0);
  assert.equal(await project.isPaused(), false);
});

Deno.test("resume: a pause that has run out is cleared away, and was none", async () => {
  await using project = await openDatabase();
  await project.sql`
    insert into public.call_pauses (source, until) values ('seed', now() - interval '1 hour')`;
  const { code, stdout } = await project.resume("--source", "seed");
  assert.equal(code, 0);
  assert.match(stdout, /Calls of the source seed were not paused\./);
  assert.equal((await project.pauses()).length, 0);
});

Deno.test("pause: a lead that is not there is code 1, and nothing is written", async () => {
  await using project = await openDatabase();
  const { code, stderr } = await project.pause("--lead", crypto.randomUUID());
  assert.equal(code, 1);
  assert.match(stderr, /Cannot pause the lead "[0-9a-f-]{36}": there is no such lead/);
  assert.equal((await project.pauses()).length, 0);
});

Deno.test("pause and resume: arguments that are not understood are code 2", async () => {
  const cases: ["pause" | "resume", string[], RegExp][] = [
    ["pause", ["--lots"], /Unknown option '--lots'/],
    ["pause", ["--source", "sed"], /Cannot use --source "sed": give seed, recall, manual/],
    ["pause", ["--lead", "7"], /Cannot use --lead "7": give the id of a lead/],
    ["pause", ["--source", "seed", "--lead", crypto.randomUUID()], /--source with --lead/],
    ["pause", ["--until", "2099-12-01T09:00Z"], /Cannot use --until or --reason without/],
    ["pause", ["--source", "seed", "--until", "2099-12-01T09:00"], /give a time with its offset/],
    ["pause", ["--source", "seed", "--until", "2020-12-01T09:00Z"], /it is over already/],
    ["resume", ["--until", "2099-12-01T09:00Z"], /Unknown option '--until'/],
    ["resume", ["seed"], /Cannot read the arguments/],
    ["resume", ["--database-url", "https://abcd.supabase.co"], /Cannot use the database URL/],
  ];
  await Promise.all(cases.map(async ([name, args, message]) => {
    const { code, stdout, stderr } = await run(name, args, { DATABASE_URL: NOWHERE });
    assert.deepEqual([code, stdout], [2, ""], args.join(" "));
    assert.match(stderr, message);
  }));
});

Deno.test("pause: nobody there is code 1, and no password is told", async () => {
  const { code, stdout, stderr } = await run("pause", [], { DATABASE_URL: NOWHERE });
  assert.equal(code, 1);
  assert.match(stderr, /Cannot reach the database: .*ECONNREFUSED/);
  assert.doesNotMatch(stdout + stderr, /secret-word/);
});

Deno.test("pause: wrong password, another role and a database without the migrations are code 2", async () => {
  await using project = await openDatabase();
  await using empty = await freshEmptyDatabase();
  const stranger = new URL(project.url);
  stranger.password = "wrong";
  const authenticator = new URL(project.url);
  authenticator.username = "authenticator";
  const [notIn, role, unmigrated] = await Promise.all(
    [stranger.href, authenticator.href, empty.url].map((url) =>
      run("pause", ["--database-url", url])
    ),
  );
  assert.match(notIn!.stderr, /The database does not let us in/);
  assert.match(role!.stderr, /Cannot work as the role "authenticator"/);
  assert.match(unmigrated!.stderr, /The migrations are not applied here/);
  assert.deepEqual([notIn!.code, role!.code, unmigrated!.code], [2, 2, 2]);
  assert.equal(await project.isPaused(), false);
});

Deno.test("pause and resume: --help needs no database", async () => {
  const [pause, resume] = await Promise.all([run("pause", ["--help"]), run("resume", ["-h"])]);
  assert.deepEqual([pause.code, resume.code], [0, 0]);
  assert.match(pause.stdout, /Usage: deno task pause/);
  assert.match(resume.stdout, /Usage: deno task resume/);
});

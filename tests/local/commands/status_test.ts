// status as the person who answers for the calls runs it, on a real database.
import assert from "node:assert/strict";
import { freshDatabase } from "../../support/fresh_database.ts";
import { freshEmptyDatabase } from "../../support/fresh_empty_database.ts";
import { insertFollowUp } from "../../support/insert_follow_up.ts";
import { claim, open, record } from "../../support/sql_contract.ts";
import { spawnCommand } from "./spawn_command.ts";

const NOWHERE = "postgres://postgres:secret-word@127.0.0.1:1/postgres";
// deno-lint-ignore no-control-regex
const COLOUR = /\x1b\[/;

/** A database in which nothing is to be warned of. */
async function openDatabase() {
  const database = await freshDatabase();
  const { sql, url } = database;
  await sql`
    update public.dispatch_heartbeat
    set last_tick_at = now() - interval '2 minutes', last_tick_did = 'nothing to do'`;
  await sql`insert into public.calling_hours (opens, closes) values ('00:00', '24:00')`;
  const status = (...args: string[]) => spawnCommand("status", args, { DATABASE_URL: url });
  return { sql, url, status, [Symbol.asyncDispose]: () => database.drop() };
}

Deno.test("status: all is well is code 0, a warning is code 1 and is told in words", async () => {
  await using project = await openDatabase();
  const well = await project.status().ended;
  assert.equal(well.code, 0, well.stderr);
  assert.match(well.stdout, /^Database 127\.0\.0\.1:\d+\nAll is well\. At \d{4}-.* UTC\n/);
  assert.match(well.stdout, /Schedule {2}last tick 2 min ago: nothing to do/);
  assert.match(well.stdout, /Nobody is waiting to be called\.\nNo run has been made\./);
  assert.doesNotMatch(well.stdout, COLOUR);

  await project.sql`update public.dispatch_settings set paused = true`;
  const paused = await project.status().ended;
  assert.equal(paused.code, 1, paused.stderr);
  assert.match(paused.stdout, /1 warning: At .*\n {2}! Paused: nobody is called until/);
});

Deno.test("status: what is due, who is next with a masked number, and the last runs", async () => {
  await using project = await openDatabase();
  const { sql } = project;
  const [row] = await sql<{ id: string }[]>`
    select id from public.begin_dispatch_run(contract => public.dispatch_contract())`;
  await insertFollowUp(sql);
  await record(sql, await open(sql, await claim(sql), { runId: row!.id }), { status: "accepted" });
  const summary = JSON.stringify({ stop_reason: "halted", error: "Wrong API key" });
  await sql`select from public.finish_dispatch_run(${row!.id}, ${summary}::text::jsonb)`;
  await insertFollowUp(sql, {
    due_at: new Date(Date.now() - 3 * 3_600_000),
    lead: { customer_name: "Grace\u001b[2J", phone: "+12125550142" },
  });
  const before = await sql`select * from public.follow_ups order by id`;

  const { code, stdout } = await project.status().ended;
  assert.equal(code, 1);
  assert.match(stdout, /! The last run was halted: Wrong API key/);
  assert.match(stdout, /1 live, 0 unknown, no limit of lines; today 1 called, 0/);
  assert.match(stdout, /1 now, the oldest for 3 h; 0 runs under way/);
  assert.match(stdout, /│ Grace·\[2J +│ \+12\*{7}42 +│ manual +│ .* UTC +│ Due +│/);
  assert.match(stdout, /│ manual +│ 1 +│ 0 +│ 0 +│ 0 +│ halted: Wrong API key +│/);
  assert.doesNotMatch(stdout, /2125550142/);
  assert.deepEqual(await sql`select * from public.follow_ups order by id`, before);
});

Deno.test("status: --json is one object, with the same numbers masked", async () => {
  await using project = await openDatabase();
  const id = await insertFollowUp(project.sql, { lead: { phone: "+12125550142" } });
  const { code, stdout, stderr } = await project.status("--json").ended;
  assert.equal(code, 0);
  assert.equal(stdout.trimEnd().split("\n").length, 1);
  const { at, status, queue, runs } = JSON.parse(stdout);
  assert.ok(Math.abs(Date.parse(at) - Date.now()) < 60_000);
  assert.deepEqual([status.due_now, status.warnings, runs], [1, [], []]);
  assert.equal(queue.length, 1);
  assert.deepEqual(
    [queue[0].follow_up_id, queue[0].phone, queue[0].waits_for],
    [id, "+12*******42", "Due"],
  );
  assert.match(stderr, /All is well/);
});

Deno.test("status: columns that a newer version of the view has are shown too", async () => {
  await using project = await openDatabase();
  const [view] = await project.sql<{ definition: string }[]>`
    select rtrim(pg_get_viewdef('public.call_status'::regclass), ';') as definition`;
  await project.sql.unsafe(`
    create or replace view public.call_status with (security_invoker = on) as
    select known.*, 12.5::numeric as money_left, null::text as nothing,
      array['a', 'b'] as list_of_later
    from (${view!.definition}) as known`);
  const { code, stdout, stderr } = await project.status().ended;
  assert.equal(code, 0, stderr);
  assert.match(stdout, /Also {6}money left: 12\.5\n/);
  assert.match(stdout, /Also {6}list of later: \["a","b"\]\n/);
  assert.doesNotMatch(stdout, /nothing:/);
});

Deno.test("status: --watch goes on until Ctrl-C, and the last page gives the code", async () => {
  await using project = await openDatabase();
  const watching = project.status("--every", "1s", "--json");
  await watching.wrote(/"warnings":\[\]/);
  await project.sql`update public.dispatch_settings set paused = true`;
  await watching.wrote(/"warnings":\["Paused/);
  watching.signal("SIGINT");
  const { code, stdout } = await watching.ended;
  assert.equal(code, 1);
  const pages = stdout.trimEnd().split("\n").map((line) => JSON.parse(line).status.paused);
  assert.ok(pages.length >= 2);
  assert.deepEqual([pages[0], pages.at(-1)], [false, true]);
});

Deno.test("status: --watch outlives a database that is away for a while", async () => {
  await using project = await openDatabase();
  const watching = project.status("--every", "1s");
  await watching.wrote(/All is well/);
  await project.sql`alter view public.call_status rename to away`;
  await watching.wrote(/Cannot read the status: .*relation "public.call_status" does not exist/);
  await project.sql`alter view public.away rename to call_status`;
  await project.sql`update public.dispatch_settings set paused = true`;
  await watching.wrote(/1 warning/);
  watching.signal("SIGINT");
  assert.equal((await watching.ended).code, 1);
});

Deno.test("status: what keeps it from beginning is code 2, and no password is shown", async () => {
  await using empty = await freshEmptyDatabase();
  const cases: [string[], RegExp][] = [
    [["--database-url", NOWHERE], /Cannot reach the database/],
    [["--database-url", empty.url], /The migrations are not applied here/],
    [["--database-url", "mysql://x"], /Cannot use the database URL/],
    [["--every", "soon"], /Cannot use --every "soon"/],
    [["--all"], /Unknown option '--all'/],
  ];
  await Promise.all(cases.map(async ([args, message]) => {
    const { code, stdout, stderr } = await spawnCommand("status", args).ended;
    assert.equal(code, 2, stderr);
    assert.match(stderr, message);
    assert.doesNotMatch(stdout + stderr, /secret-word/);
  }));
  const help = await spawnCommand("status", ["--help"]).ended;
  assert.equal(help.code, 0);
  assert.match(help.stdout, /Usage: deno task status/);
});

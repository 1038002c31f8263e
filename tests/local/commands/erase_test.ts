// erase as the person who answers for the calls runs it, on a real database.
import assert from "node:assert/strict";
import { insertCall } from "../../support/call_event.ts";
import { freshDatabase } from "../../support/fresh_database.ts";
import { freshEmptyDatabase } from "../../support/fresh_empty_database.ts";
import { insertFollowUp } from "../../support/insert_follow_up.ts";
import { insertLead } from "../../support/insert_lead.ts";
import { spawnCommand } from "./spawn_command.ts";

const NOWHERE = "postgres://postgres:secret-word@127.0.0.1:1/postgres";
const NUMBER = "+12125550142";

async function openDatabase() {
  const database = await freshDatabase();
  const { sql, url } = database;
  const erase = (...args: string[]) => spawnCommand("erase", args, { DATABASE_URL: url }).ended;
  const leads = async () =>
    (await sql<{ id: string }[]>`select id from public.leads order by created_at, id`)
      .map(({ id }) => id);
  const isStopped = async (number = NUMBER) =>
    (await sql`select public.is_on_stop_list(${number}) as stopped`)[0]!.stopped;
  const close = () => database.drop();
  return { sql, url, erase, leads, isStopped, [Symbol.asyncDispose]: close };
}

Deno.test("erase: a number, in words, and again it finds nothing", async () => {
  await using project = await openDatabase();
  await insertCall(project.sql, { to_number: NUMBER, status: "ended", outcome: "completed" });
  const other = await insertLead(project.sql);
  const { code, stdout, stderr } = await project.erase("+1", "(212)", "555-0142", "--yes");
  assert.equal(code, 0, stderr);
  assert.match(
    stdout,
    /\nErased: 1 lead, 1 follow-up, 0 pauses, 0 reports, what 1 call attempt told\.\n/,
  );
  assert.match(stdout, /\nOn the stop list, as a hash: 1 number\.\n/);
  assert.doesNotMatch(stdout + stderr, /5550142|555-0142/);
  assert.equal(await project.isStopped(), true);

  const again = await project.erase(NUMBER, "--yes", "--json");
  assert.equal(again.code, 0, again.stderr);
  assert.deepEqual(JSON.parse(again.stdout), {
    erased: true,
    why_not: null,
    leads: 0,
    follow_ups: 0,
    call_attempts: 0,
    call_events: 0,
    call_pauses: 0,
    stopped_numbers: 1,
  });
  assert.deepEqual(await project.leads(), [other]);
});

Deno.test("erase: unless it is confirmed, it tells what would go and keeps all", async () => {
  await using project = await openDatabase();
  const followUp = await insertFollowUp(project.sql, { lead: { phone: NUMBER } });
  for (const args of [[NUMBER], [NUMBER, "--json"]]) {
    const { code, stdout, stderr } = await project.erase(...args);
    assert.equal(code, 1);
    assert.match(stderr, /About to erase \+12\*{7}42 for good: 1 lead, 1 follow-up, 0 pauses, /);
    assert.match(stderr, /Nothing was erased and no number stopped: it was not confirmed/);
    if (args.length > 1) assert.equal(JSON.parse(stdout).erased, false);
  }
  const rows = await project.sql`select id from public.follow_ups`;
  assert.deepEqual(rows.map(({ id }) => id), [followUp]);
  assert.equal(await project.isStopped(), false);
});

Deno.test("erase: asked, nothing but yes is a yes", async () => {
  await using project = await openDatabase();
  const lead = await insertLead(project.sql, { phone: NUMBER });
  const answer = (text: string) =>
    spawnCommand("erase", [lead], { DATABASE_URL: project.url }, text).ended;
  assert.equal((await answer("y\n")).code, 1);
  assert.deepEqual(await project.leads(), [lead]);
  const { code, stdout } = await answer("Yes\n");
  assert.equal(code, 0);
  assert.match(stdout, /Erased: 1 lead, /);
  assert.deepEqual(await project.leads(), []);
});

Deno.test("erase: a number without its country is read by the settings, on the lead and as it is given", async () => {
  await using project = await openDatabase();
  await project.sql`update public.dispatch_settings set default_country = 'US'`;
  const national = await insertLead(project.sql, { phone: "212.555.0142" });
  await insertLead(project.sql, { phone: "+1 212 555 0142" });
  const other = await insertLead(project.sql, { phone: "+44 212 555 0142" });
  const byLead = await project.erase(national, "--yes", "--json");
  assert.deepEqual(
    [byLead.code, JSON.parse(byLead.stdout).leads, JSON.parse(byLead.stdout).stopped_numbers],
    [0, 2, 1],
    byLead.stderr,
  );
  assert.equal(await project.isStopped(), true);
  await insertLead(project.sql, { phone: "(212) 555 0142" });
  const byNumber = await project.erase("212 555 0142", "--yes", "--json");
  assert.equal(JSON.parse(byNumber.stdout).leads, 1, byNumber.stderr);
  assert.deepEqual(await project.leads(), [other]);
});

Deno.test("erase: digits that are only alike are nobody's, and are named", async () => {
  await using project = await openDatabase();
  const alike = await insertLead(project.sql, { phone: "212 555 0142" });
  const { code, stderr } = await project.erase(NUMBER, "--yes");
  assert.equal(code, 0, stderr);
  assert.match(stderr, new RegExp(`Not meant, because its number cannot be read.*: lead ${alike}`));
  const refused = await project.erase("212 555 0142", "--yes");
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /Cannot erase by this number: Phone number has no country code/);
  const byLead = await project.erase(alike, "--yes");
  assert.equal(byLead.code, 0, byLead.stderr);
  assert.match(byLead.stderr, /No number could be read, so none is on the stop list/);
  assert.deepEqual(await project.leads(), []);
});

Deno.test("erase: while a call is live it is code 1 and says so, and the number is stopped", async () => {
  await using project = await openDatabase();
  const call = await insertCall(project.sql, { to_number: NUMBER });
  const answer = (text: string) =>
    spawnCommand("erase", [call.lead_id], { DATABASE_URL: project.url }, text).ended;
  for (const args of [["--yes"], []]) {
    if (args.length === 0) await project.sql`delete from public.do_not_call where true`;
    const { code, stderr } =
      await (args.length > 0 ? project.erase(call.lead_id, ...args) : answer("yes\n"));
    assert.equal(code, 1);
    assert.match(stderr, /Not erased, but not called any more: a call is under way: ask again/);
    assert.equal(await project.isStopped(), true);
  }
  assert.deepEqual(await project.leads(), [call.lead_id]);
});

Deno.test("erase: while a call is live the number is not stopped either unless that is confirmed", async () => {
  await using project = await openDatabase();
  const call = await insertCall(project.sql, { to_number: NUMBER });
  const no = spawnCommand("erase", [NUMBER], { DATABASE_URL: project.url }, "no\n").ended;
  for (const { code, stdout, stderr } of [await no, await project.erase(NUMBER, "--json")]) {
    assert.equal(code, 1);
    assert.match(stderr, /Nothing can be erased yet: a call is under way: ask again .* UTC\.\n/);
    assert.match(stderr, /About to put \+12\*{7}42 on the stop list for good all the same\./);
    assert.match(stderr, /Nothing was erased and no number stopped: it was not confirmed/);
    if (stdout.startsWith("{")) {
      assert.deepEqual(JSON.parse(stdout), { erased: false, why_not: "not confirmed" });
    }
  }
  assert.equal(await project.isStopped(), false);
  assert.equal((await project.sql`select from public.do_not_call`).length, 0);
  assert.deepEqual(await project.leads(), [call.lead_id]);
});

Deno.test("erase: an id that no lead has is code 1, and nothing is asked", async () => {
  await using project = await openDatabase();
  const other = await insertLead(project.sql);
  const unknown = crypto.randomUUID();
  for (const args of [["--yes"], [], ["--yes", "--json"]]) {
    const { code, stdout, stderr } = await project.erase(unknown, ...args);
    assert.equal(code, 1, stderr);
    assert.match(stderr, new RegExp(`No lead has the id "${unknown}"`));
    assert.doesNotMatch(stdout + stderr, /About to erase|Erased/);
    if (args.includes("--json")) {
      assert.deepEqual(JSON.parse(stdout), { erased: false, why_not: "no lead has this id" });
    }
  }
  assert.deepEqual(await project.leads(), [other]);
});

Deno.test("erase: what the app's tables forbid is code 1, in words, before anything is asked", async () => {
  await using project = await openDatabase();
  const lead = await insertLead(project.sql, { phone: NUMBER });
  await project.sql`create table public.deals (lead_id uuid references public.leads)`;
  await project.sql`insert into public.deals values (${lead})`;
  const { code, stderr } = await project.erase(lead);
  assert.equal(code, 1);
  assert.match(
    stderr,
    /table "deals" points at the lead .*nothing has been erased.*Delete those rows/,
  );
  assert.doesNotMatch(stderr, /About to erase/);
  assert.equal(await project.isStopped(), false);
});

Deno.test("erase: arguments that are not understood are code 2", async () => {
  const cases: [string[], RegExp][] = [
    [[], /Nobody is named: give a phone number or the id of a lead/],
    [["Ada"], /Cannot use "Ada": give a phone number or the id of a lead/],
    [[NUMBER, "--now"], /Unknown option '--now'/],
    [[NUMBER, "--database-url", "https://abcd.supabase.co"], /Cannot use the database URL/],
  ];
  await Promise.all(cases.map(async ([args, message]) => {
    const { code, stdout, stderr } = await spawnCommand("erase", args, { DATABASE_URL: NOWHERE })
      .ended;
    assert.deepEqual([code, stdout], [2, ""], stderr);
    assert.match(stderr, message);
  }));
  const help = await spawnCommand("erase", ["--help"]).ended;
  assert.equal(help.code, 0);
  assert.match(help.stdout, /^Forgets a person, and never calls them again\./);
});

Deno.test("erase: a database without the migrations is code 2", async () => {
  await using database = await freshEmptyDatabase();
  const { code, stderr } = await spawnCommand("erase", [NUMBER, "--yes"], {
    DATABASE_URL: database.url,
  }).ended;
  assert.equal(code, 2);
  assert.match(stderr, /The migrations are not applied here/);
});

// why as the person who answers for the calls runs it, on a real database.
import assert from "node:assert/strict";
import { join } from "node:path";
import { findRunningStack } from "../../../supabase/local/commands/operator/find_running_stack.ts";
import { isSameNumber } from "../../../supabase/local/commands/why/is_same_number.ts";
import type { Sql } from "../../../supabase/local/postgres/connect.ts";
import { freshDatabase } from "../../support/fresh_database.ts";
import { freshEmptyDatabase } from "../../support/fresh_empty_database.ts";
import { insertFollowUp } from "../../support/insert_follow_up.ts";
import { insertLead } from "../../support/insert_lead.ts";
import { spawnCommand } from "./spawn_command.ts";
import { temporaryFolder } from "./temporary_folder.ts";

const MINUTE_MS = 60_000;

async function why(args: string[], env: Record<string, string> = {}) {
  return await spawnCommand("why", args, env).ended;
}

async function openDatabase() {
  const database = await freshDatabase();
  const { sql, url } = database;
  const askAt = async (...args: string[]) => {
    const { code, stdout, stderr } = await why([...args, "--json"], { DATABASE_URL: url });
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout).leads;
  };
  const close = () => database.drop();
  return { sql, url, askAt, [Symbol.asyncDispose]: close };
}

async function insertAttempt(
  sql: Sql,
  { lead, minutesAgo, outcome }: { lead: string; minutesAgo: number; outcome: string },
) {
  const followUp = await insertFollowUp(sql, { lead_id: lead, status: "completed" });
  const openedAt = new Date(Date.now() - minutesAgo * MINUTE_MS);
  await sql`
    insert into public.call_attempts (
      follow_up_id, lead_id, lease_token, to_number, status, outcome, error, opened_at, sending_until
    )
    select ${followUp}, id, gen_random_uuid(), phone, 'ended', ${outcome}, 'Rang ' || phone,
      ${openedAt}, ${openedAt}
    from public.leads where id = ${lead}`;
}

Deno.test("why: a lead, its open follow-up and its last five attempts, in words", async () => {
  await using project = await openDatabase();
  await project.sql`update public.dispatch_settings set smallest_gap_per_number = '10 minutes'`;
  const lead = await insertLead(project.sql, { customer_name: "Ada", phone: "+12125550142" });
  for (const minutesAgo of [6000, 5000, 4000, 3000, 2000, 1]) {
    await insertAttempt(project.sql, { lead, minutesAgo, outcome: "no_answer" });
  }
  await insertFollowUp(project.sql, { lead_id: lead, source: "recall" });
  const { code, stdout, stderr } = await why([lead], { DATABASE_URL: project.url });
  assert.equal(code, 0, stderr);
  assert.match(stdout, new RegExp(`Ada, \\+12\\*{7}42, stage new, lead ${lead}`));
  assert.match(stdout, /the lead itself .*Number was called a moment ago/);
  assert.match(stdout, /follow-up, recall .* UTC .* UTC .*Number was called a moment ago/);
  assert.equal(stdout.match(/no_answer/g)?.length, 5);
  assert.doesNotMatch(stdout, /2125550142/);
});

Deno.test("why: every spelling of a number finds its lead, and no other", async () => {
  await using project = await openDatabase();
  const lead = await insertLead(project.sql, { phone: "(212) 555-0142" });
  await insertLead(project.sql, { phone: "+13125550142" });
  await project.sql`update public.dispatch_settings set default_country = 'US'`;
  for (const words of [["+1 212 555 0142"], ["2125550142"], ["001-212-555-0142"]]) {
    const found = await project.askAt(...words);
    assert.deepEqual(found.map((one: { lead_id: string }) => one.lead_id), [lead], words.join(" "));
  }
  // Without quotes the shell makes several words of it.
  assert.equal((await project.askAt("+1", "212", "555", "0142"))[0].lead_id, lead);
});

Deno.test("why: without a default country a national spelling is compared by its digits", async () => {
  await using project = await openDatabase();
  const lead = await insertLead(project.sql, { phone: "+44 20 7946 0958" });
  const unreadable = await insertLead(project.sql, { phone: "020 7946 0958" });
  const found = await project.askAt("020 7946 0958");
  assert.deepEqual(found.map((one: { lead_id: string }) => one.lead_id), [lead, unreadable]);
  assert.match(found[1].reason, /Phone number has no country code/);
});

Deno.test("why: nothing speaks against it, then pauses, then the stop list", async () => {
  await using project = await openDatabase();
  const { sql, askAt } = project;
  const lead = await insertLead(sql);
  await insertFollowUp(sql, { lead_id: lead });
  const reasons = async () => {
    const [found] = await askAt(lead);
    return [found.reason, found.follow_ups[0].reason];
  };
  assert.deepEqual(await reasons(), [null, null]);
  await sql`update public.dispatch_settings set paused = true`;
  assert.deepEqual(await reasons(), Array(2).fill("Paused: dispatch_settings.paused is true"));
  await sql`insert into public.call_pauses (source, reason) values ('manual', 'Fair')`;
  assert.deepEqual(await reasons(), ["Paused: dispatch_settings.paused is true", "Paused: Fair"]);
  await sql`
    insert into public.do_not_call (number) select phone from public.leads where id = ${lead}`;
  assert.deepEqual(await reasons(), Array(2).fill("Number is on the stop list"));
});

Deno.test("why: the turn of each follow-up is told, and only open calls are", async () => {
  await using project = await openDatabase();
  const { sql, askAt } = project;
  const lead = await insertLead(sql);
  await insertFollowUp(sql, { lead_id: lead, due_at: new Date(Date.now() - 2 * MINUTE_MS) });
  await insertFollowUp(sql, { lead_id: lead });
  await insertFollowUp(sql, { lead_id: lead, due_at: new Date("2099-01-01T00:00Z") });
  await insertFollowUp(sql, { lead_id: lead, status: "cancelled" });
  await insertFollowUp(sql, { lead_id: lead, channel: "email" });
  const [found] = await askAt(lead);
  assert.deepEqual(
    found.follow_ups.map((one: { reason: string; until: string }) => [one.reason, one.until]),
    [
      [null, null],
      ["An older follow-up of the same lead comes first", null],
      ["Not due yet", "2099-01-01T00:00:00.000Z"],
    ],
  );
});

Deno.test("why: --at asks about another moment, and nothing is changed", async () => {
  await using project = await openDatabase();
  const { sql, askAt } = project;
  const lead = await insertLead(sql);
  const end = "2099-12-01T09:00+05:30";
  await sql`insert into public.call_pauses (lead_id, until) values (${lead}, ${new Date(end)})`;
  const before = await sql`select * from public.leads`;
  const [paused] = await askAt(lead, "--at", "2099-12-01T08:59+05:30");
  assert.deepEqual([paused.reason, paused.until], ["Paused", "2099-12-01T03:30:00.000Z"]);
  const [free] = await askAt(lead, "--at", end);
  assert.deepEqual([free.reason, free.until], [null, null]);
  assert.deepEqual(await sql`select * from public.leads`, before);
});

Deno.test("why: nobody found is code 1; arguments that are not understood are code 2", async () => {
  await using project = await openDatabase();
  await using empty = await freshEmptyDatabase();
  const env = { DATABASE_URL: project.url };
  const cases: [string[], number, RegExp][] = [
    [["+12125550199"], 1, /No lead has the id or the number "\+12125550199"/],
    [[crypto.randomUUID()], 1, /No lead has the id/],
    [[], 2, /Nobody is named: give a phone number or the id of a lead/],
    [["Ada"], 2, /Cannot use "Ada": give a phone number or the id of a lead/],
    [["+12125550199", "--at", "tomorrow"], 2, /Cannot use --at "tomorrow"/],
    [["+12125550199", "--at", "2026-02-30T09:00Z"], 2, /Cannot use --at/],
    [["+12125550199", "--lots"], 2, /Unknown option '--lots'/],
    [["+12125550199", "--database-url", empty.url], 2, /The migrations are not applied here/],
  ];
  await Promise.all(cases.map(async ([args, expected, message]) => {
    const { code, stderr } = await why(args, env);
    assert.equal(code, expected, stderr);
    assert.match(stderr, message);
  }));
  const help = await why(["--help"]);
  assert.equal(help.code, 0);
  assert.match(help.stdout, /Usage: deno task why <phone\|lead id>/);
});

Deno.test("isSameNumber: two that can be read are compared whole", () => {
  assert.equal(isSameNumber("+12125550142", "212-555-0142", "US"), true);
  assert.equal(isSameNumber("+12125550142", "+442125550142", null), false);
  assert.equal(isSameNumber("98765 43210", "+91 98765 43210", "US"), true);
  assert.equal(isSameNumber("+12125550142", "", null), false);
  assert.equal(isSameNumber("00000000", "+12125550142", null), false);
});

Deno.test("findRunningStack: the one that runs, none after its end, no guess between two", async () => {
  await using folder = await temporaryFolder();
  const layStack = async (kind: string, pid: number) => {
    const stack = join(folder.path, kind, "stack");
    await Deno.mkdir(join(stack, "cluster"), { recursive: true });
    await Deno.writeTextFile(join(stack, "postgres_password"), "kept");
    const lines = [pid, join(stack, "cluster"), 1_700_000_000, 54_329, "", "127.0.0.1"];
    await Deno.writeTextFile(join(stack, "cluster", "postmaster.pid"), lines.join("\n"));
  };
  assert.equal(await findRunningStack(folder.path), null);
  await layStack("simulated", 2 ** 22 + 1);
  assert.equal(await findRunningStack(folder.path), null);
  await layStack("simulated", Deno.pid);
  assert.deepEqual(await findRunningStack(folder.path), {
    kind: "simulated",
    databaseUrl: "postgres://postgres:kept@127.0.0.1:54329/postgres",
    cronJobSecret: "",
  });
  await layStack("live", Deno.pid);
  await assert.rejects(findRunningStack(folder.path), /Cannot choose a database/);
});

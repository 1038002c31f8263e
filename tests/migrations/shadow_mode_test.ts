// Beside an older dispatcher: nobody is called and no row of the app's changes, by any path, and what would
// have been done is held against what the other did.
import assert from "node:assert/strict";
import type { Sql } from "../../supabase/local/postgres/connect.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { insertLead } from "../support/insert_lead.ts";
import { askForRun } from "../support/project.ts";
import { claim, open } from "../support/sql_contract.ts";
import { startEmbeddedProject } from "../support/start_embedded_project.ts";

const begin = (sql: Sql) => sql`select public.use_shadow_mode(true)`;
const note = async (sql: Sql) => (await sql`select public.note_shadow_decisions() as n`)[0]!.n;

async function report(sql: Sql): Promise<Record<string, unknown>[]> {
  return [
    ...await sql`
    select lead.customer_name as name, verdict, reason, other_did, was_marked
    from public.shadow_report left join public.leads as lead on lead.id = lead_id
    order by 1, 2`,
  ].map((row) => ({ ...row }));
}

async function appRows(sql: Sql): Promise<string> {
  return JSON.stringify(
    await sql`
    select (select jsonb_agg(l order by id) from public.leads l) as leads,
      (select jsonb_agg(f order by id) from public.follow_ups f) as follow_ups,
      (select jsonb_agg(c order by id) from public.seed_candidates c) as candidates`,
  );
}

Deno.test("shadow mode: calls nobody by any path, and changes no row of the app's", async () => {
  await using project = await startEmbeddedProject();
  const { sql, omni } = project;
  await begin(sql);
  await insertLead(sql);
  await insertFollowUp(sql);
  const before = await appRows(sql);
  assert.equal(await note(sql), 2);
  assert.equal(await note(sql), 0, "decided once");
  const reply = await askForRun(project);
  assert.equal(reply.status, 503);
  assert.match((await reply.json()).error, /Shadow mode is on, .* use_shadow_mode\(false\)/);
  assert.deepEqual(await claim(sql), []);
  const [tick] = await sql`select public.invoke_call_dispatch() as id`;
  assert.equal(tick!.id, null);
  await sql`update public.dispatch_settings set start_at_once = true`;
  await sql`update public.leads set updated_at = updated_at where true`;
  assert.equal((await sql`select from public.dispatch_runs`).length, 0);
  await assert.rejects(sql`update public.dispatch_settings set paused = false where id`, {
    constraint_name: "in_shadow_mode_it_stays_paused",
  });
  assert.equal(omni.ledger.count, 0);
  assert.equal(await appRows(sql), before);

  await sql`select public.use_shadow_mode(false)`;
  assert.deepEqual(await claim(sql), [], "still paused");
  await sql`update public.dispatch_settings set paused = false where id`;
  assert.equal((await (await askForRun(project)).json()).accepted, 2);
  assert.equal(await note(sql), 0, "it is off");
});

Deno.test("shadow mode: the report tells both, only us, only them and why, and who was not judged", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await begin(sql);
  const lead = (customer_name: string, columns = {}) => ({ lead: { customer_name, ...columns } });
  const both = await insertFollowUp(sql, lead("both"));
  await insertFollowUp(sql, lead("only us", { raw_payload: { dispatch: { at: "long ago" } } }));
  const onlyThem = await insertFollowUp(sql, lead("only them", { phone: "+14152999999" }));
  await sql`insert into public.do_not_call (number, reason) values ('+14152999999', 'Asked')`;
  await insertFollowUp(sql, lead("neither", { stage: "lost" }));
  await insertFollowUp(sql, { ...lead("later"), due_at: new Date(Date.now() + 3_600_000) });
  const soon = await insertFollowUp(sql, {
    ...lead("soon"),
    due_at: new Date(Date.now() + 60_000),
  });
  const seeded = await insertLead(sql, { customer_name: "seed" });
  const unseen = await insertFollowUp(sql, {
    ...lead("too early"),
    due_at: new Date(Date.now() + 86_400_000),
  });
  assert.equal(await note(sql), 6);

  // The other dispatcher works, in the three ways in which one may show it.
  await sql`
    update public.follow_ups set status = 'completed', completed_at = now()
    where id in ${sql([both, onlyThem, unseen])}`;
  await sql`
    update public.leads set raw_payload = '{"dispatch": {"by": "n8n"}}'
    where id = (select lead_id from public.follow_ups where id = ${soon})`;
  await sql`update public.leads set call_date = now() where id = ${seeded}`;
  assert.equal(await note(sql), 0);
  const expected = {
    both: ["both", null, "its follow-up was completed", false],
    neither: ["neither", "Lead is lost", null, false],
    "only them": ["only_them", "Number is on the stop list", "its follow-up was completed", false],
    "only us": ["not_yet", null, null, true],
    seed: ["both", null, "call_date was set", false],
    soon: ["both", null, "raw_payload.dispatch was written", false],
    "too early": [
      "not_judged",
      "It was not due by our rules, or the other was quicker",
      "its follow-up was completed",
      false,
    ],
  };
  const told = Object.fromEntries(
    (await report(sql)).map(({ name, ...row }) => [name, Object.values(row)]),
  );
  assert.deepEqual(told, expected);
  await sql`
    update public.shadow_decisions set decided_at = decided_at - interval '1 hour'
    where id is not null`;
  const late = await report(sql);
  assert.equal(late.find(({ name }) => name === "only us")!.verdict, "only_us");
});

Deno.test("shadow mode: what has to wait is asked again, and a call that was decided stays", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await begin(sql);
  await insertFollowUp(sql);
  await sql`
    insert into public.call_pauses (source, reason, until)
    values ('manual', 'Holiday', now() + interval '1 hour')`;
  assert.equal(await note(sql), 1);
  const [waiting] = await sql`select decision, reason from public.shadow_decisions`;
  assert.deepEqual({ ...waiting }, { decision: "wait", reason: "Paused: Holiday" });
  await sql`delete from public.call_pauses where true`;
  assert.equal(await note(sql), 0, "not before its time");
  await sql`update public.shadow_decisions set ask_again_at = now() where true`;
  assert.equal(await note(sql), 1);
  const [called] = await sql`select decision, reason from public.shadow_decisions`;
  assert.deepEqual({ ...called }, { decision: "call", reason: null });
});

Deno.test("shadow mode: its job stands in pg_cron as long as it is on, and others stay", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const jobs = async () =>
    (await sql`select jobname from cron.job order by jobname`).map((row) => row.jobname);
  const before = await jobs();
  await begin(sql);
  await begin(sql);
  assert.deepEqual(await jobs(), [...before, "call-dispatch-shadow"].sort());
  await insertFollowUp(sql);
  assert.equal(await note(sql), 1);
  await begin(sql);
  assert.equal((await sql`select from public.shadow_decisions`).length, 1, "switched on once");
  await sql`select public.use_shadow_mode(false)`;
  assert.deepEqual(await jobs(), before);
  await begin(sql);
  assert.equal((await sql`select from public.shadow_decisions`).length, 0, "begun anew");
});

Deno.test("shadow mode: the status says that it is why nobody is called, and afterwards that the pause is", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const warnings = async (): Promise<string[]> => {
    const [row] = await sql<{ warnings: string[] }[]>`select warnings from public.call_status`;
    return row!.warnings.filter((warning) => /^(Shadow|Paused)/.test(warning));
  };
  assert.deepEqual(await warnings(), []);
  await begin(sql);
  assert.deepEqual(await warnings(), [
    "Shadow mode is on: nobody is called, and shadow_report compares; to go live, " +
    "select use_shadow_mode(false), then set dispatch_settings.paused to false",
  ]);
  await sql`select public.use_shadow_mode(false)`;
  assert.deepEqual(await warnings(), [
    "Paused: nobody is called until dispatch_settings.paused is false",
  ]);
});

Deno.test("shadow mode: is not begun over calls of our own that are under way", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await insertFollowUp(sql);
  await open(sql, await claim(sql));
  await assert.rejects(begin(sql), /calls of our own are under way or unsettled/);
  const [settings] = await sql`select paused, shadow from public.dispatch_settings`;
  assert.deepEqual({ ...settings }, { paused: false, shadow: false });
});

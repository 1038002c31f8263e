// A project that lives: its own tables, types and triggers, its app writing all the time, and the whole
// engine over them, from the seed to the recall. The database's clock is not UTC, so that a plain
// timestamp that is read in the wrong zone shows.
import assert from "node:assert/strict";
import type { Sql } from "../../supabase/local/postgres/connect.ts";
import { pushMigrations } from "../../supabase/local/push_migrations.ts";
import { letTimePass } from "../faults/let_time_pass.ts";
import { APP_SCHEMA, startApp } from "../migrations/adopted_app.ts";
import type { TestDatabase } from "../support/clone_database.ts";
import { eventually } from "../support/eventually.ts";
import { freshEmptyDatabase } from "../support/fresh_empty_database.ts";
import { freshNumber } from "../support/insert_lead.ts";
import { dispatch } from "../support/project.ts";
import { type EmbeddedProject, startEmbeddedProject } from "../support/start_embedded_project.ts";

const SHORT_CALLS = { callDurationMs: 10_000, timeFactor: 1_000 };

Deno.test("adopted app: its leads are called once each, and its own rows stay its own", async () => {
  const { project, numbers } = await startAdoptedProject();
  await using _project = project;
  const { sql, omni } = project;
  const silent = new Set([numbers.planned, numbers.fresh[0]!]);
  omni.change({
    ...SHORT_CALLS,
    outcomes: (ring) => silent.has(ring.toNumber) ? "no_answer" : "completed",
  });
  const others = await otherChannels(sql);
  const app = startApp(sql, freshNumber);
  for (let run = 0; run < 4; run += 1) assert.equal((await dispatch(project)).ok, true);
  await app.stop();
  assert.equal((await dispatch(project)).ok, true);
  const expected = [...numbers.fresh, numbers.planned, ...app.numbers].sort();
  assert.ok(app.numbers.length > 3, "the app went on");
  assert.deepEqual(rung(project), expected);

  await eventually("all ends are known", async () => {
    const open = await sql`select from public.call_attempts where status <> 'ended'`;
    return open.length === 0 || undefined;
  }, 20_000);
  for (const [lead, turn] of app.written) {
    const [row] = await sql`
      select (raw_payload ->> 'webhook')::int as turn from public.leads where id = ${lead}`;
    assert.equal(row!.turn, turn, "what the app's webhook wrote last");
  }
  assert.deepEqual(await otherChannels(sql), others.map((row) => ({ ...row, ...row.after })));
  await assertRecalled(project, [...silent]);
  const rest = await sql`
    select follow_up.status::text, follow_up.reason, follow_up.due_at > localtimestamp as later
    from public.follow_ups as follow_up join public.leads as lead on lead.id = follow_up.lead_id
    where follow_up.channel = 'voice_call'
      and (lead.phone = ${numbers.later} or lead.stage = 'closed')
    order by lead.stage`;
  assert.deepEqual(rest.map((row) => ({ ...row })), [
    { status: "pending", reason: null, later: true },
    { status: "skipped", reason: "Lead is closed", later: false },
  ]);
});

Deno.test("adopted app: a webhook that empties raw_payload makes nobody be called twice", async () => {
  const { project, numbers } = await startAdoptedProject();
  await using _project = project;
  const { sql, omni } = project;
  omni.change({ ...SHORT_CALLS, outcomes: { completed: 1 } });
  await dispatch(project);
  const expected = [...numbers.fresh, numbers.planned].sort();
  assert.deepEqual(rung(project), expected);
  await eventually("all ends are known", async () => {
    const open = await sql`select from public.call_attempts where status <> 'ended'`;
    return open.length === 0 || undefined;
  });
  for (const payload of ["null", `'{"whole": true}'`, `'[1]'`, `'"text"'`]) {
    await sql.unsafe(`update public.leads set raw_payload = ${payload} where true`);
    await sql`select public.note_unseeded_leads()`;
    await letTimePass(sql, "15 minutes");
    assert.equal((await dispatch(project)).ok, true);
  }
  // As if it also undid the call's date.
  await sql`update public.leads set call_date = null, stage = 'new' where stage = 'contacted'`;
  await letTimePass(sql, "15 minutes");
  assert.equal((await dispatch(project)).ok, true);
  assert.deepEqual(rung(project), expected);
});

Deno.test("adopted app: a raw_payload that is no object stays as it is, and its lead is called", async () => {
  const { project, numbers } = await startAdoptedProject();
  await using _project = project;
  const { sql } = project;
  await sql`update public.leads set raw_payload = '[1, 2]' where true`;
  assert.equal((await dispatch(project)).ok, true);
  assert.equal(rung(project).length, numbers.fresh.length + 1);
  const changed = await sql`select from public.leads where raw_payload <> '[1, 2]'`;
  assert.equal(changed.length, 0);
});

Deno.test("adopted app: in shadow mode its dispatcher goes on, and the two are compared", async () => {
  const { project, numbers } = await startAdoptedProject();
  await using _project = project;
  const { sql, omni } = project;
  await sql`select public.use_shadow_mode(true)`;
  const [decided] = await sql`select public.note_shadow_decisions() as n`;
  assert.equal(decided!.n, numbers.fresh.length + 2, "those of before, the planned and the closed");
  await sql`
    update public.follow_ups set status = 'completed', completed_at = now()
    where channel = 'voice_call' and due_at < localtimestamp`;
  const told = await sql`
    select verdict, count(*)::int as n from public.shadow_report group by 1 order by 1`;
  assert.deepEqual(told.map((row) => ({ ...row })), [
    { verdict: "both", n: 1 },
    { verdict: "not_yet", n: 3 },
    { verdict: "only_them", n: 1 },
  ]);
  assert.equal(omni.ledger.count, 0);
});

/** A project of that app with the migrations pushed over its rows. */
async function startAdoptedProject() {
  const database = await freshEmptyDatabase();
  const numbers = await makeAppDatabase(database);
  await pushMigrations({ databaseUrl: database.url });
  const { sql } = database;
  await sql`
    update public.dispatch_settings
    set start_at_once = false, smallest_gap_per_number = '0', max_calls_per_number_per_day = null
    where id`;
  const [settings] = await sql`select paused from public.dispatch_settings`;
  assert.equal(settings!.paused, false, "nothing was missing that would pause it");
  const project = await startEmbeddedProject({}, { callEnded: true, database });
  return { project, numbers };
}

async function makeAppDatabase({ sql, name }: TestDatabase) {
  await sql.unsafe(`alter database ${name} set timezone to 'Asia/Kolkata'`);
  await sql.unsafe("set timezone to 'Asia/Kolkata'");
  const numbers = {
    fresh: [freshNumber(), freshNumber(), freshNumber()],
    planned: freshNumber(),
    later: freshNumber(),
  };
  await sql.begin(async (transaction) => {
    await transaction`set local timezone to 'Asia/Kolkata'`;
    await transaction.unsafe(APP_SCHEMA);
    const insert = (name: string, phone: string, stage: string) =>
      transaction`
        insert into public.leads (customer_name, phone, stage, updated_at, budget)
        values (${name}, ${phone}, ${stage}, now(), 100)`;
    for (const phone of numbers.fresh) await insert("fresh", phone, "new");
    await insert("planned", numbers.planned, "contacted");
    await insert("later", numbers.later, "contacted");
    await insert("only other channels", freshNumber(), "new");
    await insert("own stage", freshNumber(), "negotiation");
    await insert("closed", freshNumber(), "closed");
    // Local times of the database's zone. In UTC the first would be due only hours from now, and the
    // second would be due already.
    await transaction`
      insert into public.follow_ups (lead_id, due_at, channel, status, created_at, updated_at)
      select lead.id, localtimestamp + own.after::interval, own.channel::public.follow_up_channel,
        own.status::public.follow_up_status, localtimestamp, localtimestamp
      from public.leads as lead
      join (values
        ('planned', '-1 hour', 'voice_call', 'pending'),
        ('planned', '-1 hour', 'whatsapp', 'pending'),
        ('later', '2 hours', 'voice_call', 'pending'),
        ('only other channels', '-1 hour', 'whatsapp', 'pending'),
        ('only other channels', '-1 hour', 'email', 'snoozed'),
        ('own stage', '-1 hour', 'email', 'pending'),
        ('closed', '-1 hour', 'voice_call', 'pending')
      ) as own (name, after, channel, status) on own.name = lead.customer_name`;
  });
  return numbers;
}

async function otherChannels(sql: Sql) {
  const rows = await sql<{ id: string; channel: string; status: string; due: string }[]>`
    select id, channel::text, status::text, due_at::text as due, lease_token, reason, attempts
    from public.follow_ups where channel <> 'voice_call' order by id`;
  return rows.map((row) => ({
    ...row,
    // The app works off its WhatsApp messages itself.
    after: { status: row.channel === "whatsapp" ? "completed" : row.status },
  }));
}

function rung({ omni }: EmbeddedProject): string[] {
  return omni.ledger.rings().map((ring) => ring.toNumber).sort();
}

async function assertRecalled(project: EmbeddedProject, silent: string[]): Promise<void> {
  const { sql, omni } = project;
  const planned = await sql`
    select lead.phone, follow_up.due_at > localtimestamp as later
    from public.follow_ups as follow_up
    join public.leads as lead on lead.id = follow_up.lead_id
    where follow_up.source = 'recall' and follow_up.status = 'pending'`;
  assert.deepEqual(planned.map((row) => row.phone).sort(), silent.toSorted());
  assert.ok(planned.every((row) => row.later), "a recall waits");
  const before = omni.ledger.count;
  assert.equal((await dispatch(project)).claimed, 0);
  await sql`update public.follow_ups set due_at = localtimestamp where source = 'recall'`;
  assert.equal((await dispatch(project)).accepted, silent.length);
  assert.equal(omni.ledger.count, before + silent.length);
}

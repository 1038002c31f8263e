// What the app's database refuses stops one row or all calls: only the second wakes anybody.
import assert from "node:assert/strict";
import { startNetWorker } from "../../supabase/local/clock/start_net_worker.ts";
import type { Sql } from "../../supabase/local/postgres/connect.ts";
import { eventually } from "../support/eventually.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { insertLead } from "../support/insert_lead.ts";
import { claim, open } from "../support/sql_contract.ts";
import { startWebhook } from "../support/start_webhook.ts";

const MEND = "Mend the check or the trigger of the app, then: update set_aside_rows " +
  "set until = now() where true";

const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000);

async function found(sql: Sql): Promise<{ kind: string; detail: string }[]> {
  await sql`update public.dispatch_heartbeat set last_tick_at = now(), last_tick_did = 'a run'`;
  const rows = await sql<{ kind: string; detail: string }[]>`
    select kind, detail from public.find_incidents()`;
  return rows.map((row) => ({ ...row }));
}

async function kinds(sql: Sql): Promise<string[]> {
  return (await found(sql)).map(({ kind }) => kind);
}

/** From now on a trigger of the app's refuses the writes to follow-ups for which `condition` holds. */
async function refuse(sql: Sql, event: "insert" | "update", condition = "true"): Promise<void> {
  await sql.unsafe(`
    create function public.refuse() returns trigger language plpgsql as $$
    declare lead public.leads;
    begin
      if ${condition} then
        select * into lead from public.leads where id = new.lead_id;
        raise exception E'app: % at % (%)\\nis archived', lead.customer_name, lead.phone, 'a.b@c.test';
      end if;
      return new;
    end $$`);
  await sql.unsafe(`create trigger refuse before ${event} on public.follow_ups
    for each row execute function public.refuse()`);
}

async function seed(sql: Sql): Promise<void> {
  await sql`select public.seed_follow_ups()`;
}

/** Their calls were begun so many minutes ago. */
async function callAll(sql: Sql, minutes: number): Promise<void> {
  const claimed = await claim(sql);
  assert.ok(claimed.length > 0);
  await open(sql, claimed);
  await sql`update public.call_attempts set opened_at = ${ago(minutes)}, status = 'ended'`;
  await sql`update public.follow_ups set status = 'completed' where lease_token is not null`;
}

Deno.test("work refused: a trigger that refuses every row is told with the number, the error and what to do", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  for (let n = 0; n < 3; n += 1) {
    await insertFollowUp(sql, {
      due_at: ago(14),
      lead: { customer_name: "Ana María Flores", phone: `+1415200000${n}` },
    });
  }
  await refuse(sql, "update");
  assert.deepEqual(await claim(sql), []);
  assert.deepEqual(await found(sql), [], "a tick or two may bring better news");

  await sql`alter table public.follow_ups disable trigger refuse`;
  await sql`update public.follow_ups set due_at = ${ago(16)}`;
  await sql`alter table public.follow_ups enable trigger refuse`;
  assert.deepEqual(await claim(sql), []);
  assert.deepEqual(await found(sql), [{
    kind: "work_refused",
    detail:
      "Nobody is called: the database refuses what the engine writes. Follow-ups that cannot be " +
      "written: 3, leads for which none can be made: 0, the last error: app: … … … at … … is archived. " +
      MEND,
  }]);
  const [status] = await sql`select incidents, warnings from public.call_status`;
  assert.match(status!.incidents.join(), /^Nobody is called: the database refuses/);
  assert.match(status!.warnings.join(), /Nobody is called: the database refuses/);

  await sql`drop trigger refuse on public.follow_ups`;
  await sql`update public.set_aside_rows set until = now() where true`;
  assert.deepEqual(await kinds(sql), ["work_refused"], "mended, and not yet called");
  await callAll(sql, 0);
  assert.deepEqual(await kinds(sql), []);
});

Deno.test("work refused: leads for which no follow-up can be made count as well, unless they are called no more", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const lead = await insertLead(sql);
  await insertLead(sql);
  await refuse(sql, "insert");
  await seed(sql);
  assert.deepEqual(await kinds(sql), []);
  await sql`update public.leads set created_at = ${ago(16)}, updated_at = ${ago(16)}`;
  assert.match(
    (await found(sql))[0]!.detail,
    /cannot be written: 0, leads for which none can be made: 2, /,
  );
  await sql`update public.leads set stage = 'closed', updated_at = ${ago(16)} where id = ${lead}`;
  assert.match((await found(sql))[0]!.detail, /none can be made: 1, /);
  await sql`update public.leads set call_date = now()`;
  assert.deepEqual(await kinds(sql), []);
});

Deno.test("work refused: one bad row, after which others were called, is a warning and no alarm, also at night", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const bad = await insertFollowUp(sql, { due_at: ago(60), message: "bad" });
  await refuse(sql, "update", "new.message = 'bad'");
  await insertFollowUp(sql, { due_at: ago(50) });
  await callAll(sql, 40);
  assert.deepEqual(await kinds(sql), []);
  const [status] = await sql`select warnings from public.call_status`;
  assert.match(status!.warnings.join(), /Follow-ups that cannot be written: 1 /);

  // It was due after all that were called: nothing shows that anything can be written.
  await sql`update public.follow_ups set due_at = ${ago(70)} where status = 'completed'`;
  assert.deepEqual(await kinds(sql), ["work_refused"]);
  // A callback goes before its turn.
  await sql`update public.follow_ups set due_at = ${ago(50)}, is_callback = true
    where status = 'completed'`;
  assert.deepEqual(await kinds(sql), ["work_refused"]);
  await sql`update public.call_attempts set opened_at = ${ago(10)}`;
  assert.deepEqual(await kinds(sql), []);
  const [row] = await sql`select status from public.follow_ups where id = ${bad}`;
  assert.equal(row!.status, "pending");
});

Deno.test("work refused: a hundred rows are told also while others are called", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`
    with lead as (
      insert into public.leads (phone) select '+1415' || 2000000 + n from generate_series(1, 100) as n
      returning id
    )
    insert into public.follow_ups (lead_id, due_at, source, message)
    select id, ${ago(20)}, 'manual', 'bad' from lead`;
  await refuse(sql, "update", "new.message = 'bad'");
  await insertFollowUp(sql);
  await callAll(sql, 1);
  const [incident] = await found(sql);
  assert.match(incident!.detail, /^Many are not called: .* cannot be written: 100, /);
  await sql`delete from public.follow_ups where id in (
    select row_id from public.set_aside_rows limit 1)`;
  assert.deepEqual(await kinds(sql), []);
});

/** Projects in which all is refused that is due, and in which nobody would be called either way. */
const QUIET: Record<string, (sql: Sql) => Promise<unknown>> = {
  paused: (sql) => sql`update public.dispatch_settings set paused = true`,
  "outside the calling hours": (sql) =>
    sql`insert into public.calling_hours (opens, closes) values (
      (now() at time zone 'UTC')::time + interval '2 hours',
      (now() at time zone 'UTC')::time + interval '3 hours'
    )`,
  "without a free line": (sql) => sql`update public.dispatch_settings set max_calls_per_day = 0`,
  "that changes the row itself, which is then tried at once": async (sql) => {
    await sql`alter table public.follow_ups disable trigger refuse`;
    await sql`update public.follow_ups set message = 'short'`;
    // Tried, and called, as far as the alarm can tell.
    await sql`insert into public.call_attempts
      (follow_up_id, lead_id, lease_token, to_number, status, opened_at, sending_until)
      select id, lead_id, gen_random_uuid(), '+14155550100', 'ended', now(), now()
      from public.follow_ups`;
  },
  "whose call may have been placed": (sql) =>
    sql`insert into public.call_attempts
      (follow_up_id, lead_id, lease_token, to_number, status, opened_at, sending_until)
      select id, lead_id, gen_random_uuid(), '+14155550100', 'unknown', ${ago(60)}, now()
      from public.follow_ups`,
  "in which it is due later": async (sql) => {
    await sql`alter table public.follow_ups disable trigger refuse`;
    await sql`update public.follow_ups set due_at = now() + interval '1 hour'`;
    await sql`update public.set_aside_rows as aside set row_version = follow_up.xmin::text
      from public.follow_ups as follow_up where follow_up.id = aside.row_id`;
  },
};

for (const [name, prepare] of Object.entries(QUIET)) {
  Deno.test(`work refused: there is none in a project ${name}`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await insertFollowUp(sql, { due_at: ago(20) });
    await refuse(sql, "update");
    await claim(sql);
    assert.deepEqual(await kinds(sql), ["work_refused"]);
    await prepare(sql);
    assert.deepEqual(await kinds(sql), []);
    assert.equal((await sql`select from public.set_aside_rows`).length, 1);
  });
}

Deno.test("work refused: told once at the second look, with nothing of the person, and once when the rows are written", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await using webhook = startWebhook();
  const worker = await startNetWorker(database);
  try {
    await sql`select vault.create_secret(${webhook.url}, 'alarm_webhook_url')`;
    await insertFollowUp(sql, {
      due_at: ago(20),
      lead: { customer_name: "Ana Flores", phone: "+14155550142" },
    });
    await refuse(sql, "update");
    await claim(sql);
    const watch = async () => {
      await found(sql);
      await sql`select public.watch_dispatch()`;
    };
    await watch();
    await watch();
    assert.equal((await sql`select from net.http_request_queue`).length, 0);
    await sql`update public.dispatch_incidents set found_at = ${ago(5)}`;
    await watch();
    await watch();
    await sql`drop trigger refuse on public.follow_ups`;
    await sql`update public.set_aside_rows set until = now() where true`;
    await callAll(sql, 0);
    await watch();
    await sql`update public.dispatch_incidents set well_since = ${ago(11)}`;
    await watch();
    const told = await eventually(
      "both messages",
      () => Promise.resolve(webhook.texts.length >= 2 ? webhook.texts : undefined),
    );
    assert.equal(told.length, 2);
    assert.match(told[0]!, /^Call Dispatch: Nobody is called: the database refuses/);
    assert.match(told[1]!, /^Call Dispatch: over since .*: Nobody is called: the database refuses/);
    assert.doesNotMatch(told.join(), /Ana|Flores|4155550142|c\.test/);
  } finally {
    await worker.stop();
  }
});

Deno.test("work refused: service_role sees the same as the schedule's own role", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await insertFollowUp(sql, { due_at: ago(20) });
  await refuse(sql, "update");
  await claim(sql);
  const own = await found(sql);
  assert.equal(own.length, 1);
  const others = await database.asServiceRole((as) =>
    as`select kind, detail from public.find_incidents()`
  );
  assert.deepEqual(others.map((row) => ({ ...row })), own);
});

import assert from "node:assert/strict";
import { startNetWorker } from "../../supabase/local/clock/start_net_worker.ts";
import { connect, type Sql } from "../../supabase/local/postgres/connect.ts";
import type { TestDatabase } from "../support/clone_database.ts";
import { eventually } from "../support/eventually.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { beginRun } from "../support/sql_contract.ts";
import { startWebhook, type Webhook } from "../support/start_webhook.ts";

async function watch(sql: Sql): Promise<number | null> {
  const [row] = await sql<{ open: number | null }[]>`select public.watch_dispatch() as open`;
  return row!.open;
}

async function incidents(sql: Sql) {
  return [...await sql`select * from public.dispatch_incidents order by id`];
}

/** The schedule ticked last so many minutes ago. */
async function tickMinutesAgo(sql: Sql, minutes: number): Promise<void> {
  await sql`update public.dispatch_heartbeat
    set last_tick_at = now() - ${minutes} * interval '1 minute'`;
}

/** Lets the damping run out: it has been well for as long as it takes. */
async function stayWell(sql: Sql): Promise<void> {
  await sql`update public.dispatch_incidents set well_since = well_since - interval '10 minutes'`;
}

async function answered(sql: Sql, count: number): Promise<void> {
  await eventually(`${count} answers noted by pg_net`, async () => {
    const rows = await sql`select from net._http_response`;
    return rows.length >= count ? true : undefined;
  });
}

/** A database whose messages go to a receiver. */
async function alarmedDatabase() {
  const database = await freshDatabase();
  const webhook = startWebhook();
  await database.sql`select vault.create_secret(${webhook.url}, 'alarm_webhook_url')`;
  const worker = await startNetWorker(database);
  return {
    database,
    webhook,
    sql: database.sql,
    async [Symbol.asyncDispose]() {
      await worker.stop();
      await webhook[Symbol.asyncDispose]();
      await database.drop();
    },
  };
}

/** Every place in the database where the address of the receiver may not stand. */
async function placesOf(database: TestDatabase, webhook: Webhook): Promise<string[]> {
  const admin = connect(database.adminUrl, { max: 1 });
  try {
    const tables = await admin<{ name: string }[]>`
      select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname not in ('pg_catalog', 'information_schema')`;
    const places: string[] = [];
    for (const { name } of tables) {
      const [row] = await admin.unsafe<{ n: number }[]>(
        `select count(*)::int as n from ${name} as t where t::text like '%${webhook.secret}%'`,
      );
      if (row!.n > 0) places.push(name);
    }
    return places;
  } finally {
    await admin.end();
  }
}

Deno.test("watch: an incident is told once, and its end once, when it has stayed away", async () => {
  await using alarmed = await alarmedDatabase();
  const { sql, webhook } = alarmed;
  await tickMinutesAgo(sql, 1);
  assert.equal(await watch(sql), 0);
  await tickMinutesAgo(sql, 14);
  for (let look = 0; look < 3; look += 1) assert.equal(await watch(sql), 1);
  await answered(sql, 1);
  assert.match(
    webhook.texts[0]!,
    /^Call Dispatch: The schedule has not ticked for 14 minutes\. Since \d{4}-\d\d-\d\d \d\d:\d\d UTC\.$/,
  );

  await tickMinutesAgo(sql, 0);
  for (let look = 0; look < 3; look += 1) assert.equal(await watch(sql), 1);
  await stayWell(sql);
  assert.equal(await watch(sql), 0);
  await answered(sql, 2);
  for (let look = 0; look < 3; look += 1) await watch(sql);
  assert.equal(webhook.texts.length, 2);
  assert.match(webhook.texts[1]!, /^Call Dispatch: over since .* UTC: The schedule has not ticked/);
  const [incident, ...others] = await incidents(sql);
  assert.deepEqual(others, []);
  assert.ok(incident!.said_at < incident!.end_said_at);
  assert.equal(incident!.request_id, null);
});

Deno.test("watch: what comes and goes is one incident, and is not told again", async () => {
  await using alarmed = await alarmedDatabase();
  const { sql, webhook } = alarmed;
  for (let swing = 0; swing < 4; swing += 1) {
    await tickMinutesAgo(sql, 14);
    await watch(sql);
    await tickMinutesAgo(sql, 0);
    await watch(sql);
    await sql`update public.dispatch_incidents set well_since = well_since - interval '9 minutes'`;
  }
  await answered(sql, 1);
  assert.equal(webhook.texts.length, 1);
  const [incident, ...others] = await incidents(sql);
  assert.deepEqual([others.length, incident!.ended_at], [0, null]);
  // A second one, after the first was over, is told anew.
  await stayWell(sql);
  await watch(sql);
  await tickMinutesAgo(sql, 20);
  await watch(sql);
  await answered(sql, 3);
  assert.equal(webhook.texts.length, 3);
  assert.equal((await incidents(sql)).length, 2);
});

// The guard is a lock that is tried, and the unique index behind it.
Deno.test("watch: twenty looks at once tell once, of the beginning and of the end", async () => {
  await using alarmed = await alarmedDatabase();
  const { sql, webhook, database } = alarmed;
  const many = connect(database.url, { max: 20 });
  const watchTwenty = () => Promise.all(Array.from({ length: 20 }, () => watch(many)));
  try {
    await tickMinutesAgo(sql, 14);
    assert.ok((await watchTwenty()).includes(1));
    await watchTwenty();
    await answered(sql, 1);
    await tickMinutesAgo(sql, 0);
    await watchTwenty();
    await stayWell(sql);
    webhook.status = 503;
    await watchTwenty();
    await answered(sql, 2);
    assert.equal(webhook.texts.length, 2);
    // No look writes the row of an incident that is over: only the lock keeps twenty from sending.
    await watchTwenty();
    await answered(sql, 3);
    assert.equal(webhook.texts.length, 3);
    assert.equal((await incidents(sql)).length, 1);
  } finally {
    await many.end();
  }
});

Deno.test("watch: work that is not called is told at the second look, and forgotten when it passes", async () => {
  await using alarmed = await alarmedDatabase();
  const { sql, webhook } = alarmed;
  await tickMinutesAgo(sql, 1);
  const id = await insertFollowUp(sql, { due_at: new Date(Date.now() - 20 * 60_000) });
  assert.equal(await watch(sql), 0);
  assert.equal((await incidents(sql)).length, 1);
  const [status] = await sql`select incidents from public.call_status`;
  assert.equal(status!.incidents.length, 1, "who looks himself need not wait");

  await sql`update public.dispatch_settings set paused = true`;
  assert.equal(await watch(sql), 0);
  assert.equal((await incidents(sql)).length, 0);

  await sql`update public.dispatch_settings set paused = false`;
  await watch(sql);
  await sql`update public.dispatch_incidents set found_at = found_at - interval '5 minutes'`;
  assert.equal(await watch(sql), 1);
  await answered(sql, 1);
  assert.deepEqual(webhook.texts.map((text) => text.slice(0, 50)), [
    "Call Dispatch: Calls are due and may be made, and ",
  ]);

  await sql`update public.follow_ups set status = 'cancelled' where id = ${id}`;
  await watch(sql);
  await stayWell(sql);
  assert.equal(await watch(sql), 0);
  await answered(sql, 2);
  assert.equal(webhook.texts.length, 2);
});

Deno.test("watch: without an address it notes the incident, sends nothing, and tells once there is one", async () => {
  await using database = await freshDatabase();
  await using webhook = startWebhook();
  const { sql } = database;
  await tickMinutesAgo(sql, 14);
  for (const address of [null, "", "  "]) {
    if (address !== null) {
      await sql`delete from vault.secrets where name = 'alarm_webhook_url'`;
      await sql`select vault.create_secret(${address}, 'alarm_webhook_url')`;
    }
    assert.equal(await watch(sql), 1);
    assert.equal((await sql`select from net.http_request_queue`).length, 0);
  }
  const [untold] = await incidents(sql);
  assert.deepEqual([untold!.said_at, untold!.tries], [null, 0]);
  const [status] = await sql`select incidents from public.call_status`;
  assert.equal(status!.incidents.length, 1);

  await sql`select vault.update_secret(id, ${webhook.url}) from vault.secrets
    where name = 'alarm_webhook_url'`;
  await watch(sql);
  assert.equal((await sql`select from net.http_request_queue`).length, 1);
});

Deno.test("watch: an incident that nobody was told of has no message at its end", async () => {
  await using database = await freshDatabase();
  await using webhook = startWebhook();
  const { sql } = database;
  await tickMinutesAgo(sql, 14);
  await watch(sql);
  await tickMinutesAgo(sql, 0);
  await watch(sql);
  await sql`select vault.create_secret(${webhook.url}, 'alarm_webhook_url')`;
  await stayWell(sql);
  assert.equal(await watch(sql), 0);
  assert.ok((await incidents(sql))[0]!.ended_at);
  await watch(sql);
  assert.equal((await sql`select from net.http_request_queue`).length, 0);
});

Deno.test("watch: who sets the address anew is told of an end of today, and of none before", async () => {
  await using database = await freshDatabase();
  await using webhook = startWebhook();
  const { sql } = database;
  await sql`insert into public.dispatch_incidents
    (kind, began_at, detail, confirmed_at, said_at, ended_at)
    select 'late_tick', now() - interval '3 days', detail, now(), now(), now() - age::interval
    from (values ('old', '25 hours'), ('recent', '23 hours')) as past (detail, age)`;
  await tickMinutesAgo(sql, 0);
  await sql`select vault.create_secret(${webhook.url}, 'alarm_webhook_url')`;
  await watch(sql);
  const sent = await sql`select convert_from(body, 'utf8') as body from net.http_request_queue`;
  assert.equal(sent.length, 1);
  assert.match(sent[0]!.body, /: recent\."/);
});

Deno.test("watch: a message that did not arrive is sent again, five times at most, and the status says so", async () => {
  await using alarmed = await alarmedDatabase();
  const { sql, webhook } = alarmed;
  webhook.status = 503;
  await tickMinutesAgo(sql, 14);
  for (let look = 1; look <= 8; look += 1) {
    await watch(sql);
    await answered(sql, Math.min(look, 5));
  }
  assert.equal(webhook.texts.length, 5);
  assert.deepEqual(new Set(webhook.texts).size, 1);
  const [status] = await sql`select warnings from public.call_status`;
  assert.ok(
    status!.warnings.includes(
      "Messages of the alarm that did not arrive: 1 (see the Vault secret alarm_webhook_url)",
    ),
    status!.warnings,
  );

  // The end is a message of its own.
  webhook.status = 200;
  await tickMinutesAgo(sql, 0);
  await watch(sql);
  await stayWell(sql);
  await watch(sql);
  await answered(sql, 6);
  await watch(sql);
  assert.match(webhook.texts.at(-1)!, /over since/);
  assert.deepEqual((await incidents(sql)).map(({ request_id }) => request_id), [null]);
});

Deno.test("watch: a message that is still on its way is not sent again; one that a crash has lost is", async () => {
  await using database = await freshDatabase();
  await using webhook = startWebhook();
  const { sql } = database;
  await sql`select vault.create_secret(${webhook.url}, 'alarm_webhook_url')`;
  await tickMinutesAgo(sql, 14);
  await watch(sql);
  await sql`update public.dispatch_incidents set said_at = said_at - interval '11 minutes'`;
  await watch(sql);
  const queue = () => sql`select id from net.http_request_queue`;
  assert.equal((await queue()).length, 1, "it waits in the queue");

  // What PostgreSQL does to an unlogged table when it comes up after a crash.
  await sql`truncate net.http_request_queue`;
  await sql`update public.dispatch_incidents set said_at = now() - interval '6 hours'`;
  await watch(sql);
  assert.equal((await queue()).length, 0, "its reply may have been kept no more");
  await sql`update public.dispatch_incidents set said_at = now() - interval '11 minutes'`;
  await watch(sql);
  await watch(sql);
  assert.equal((await queue()).length, 1);
});

Deno.test("watch: once it is sent, the address is in no table, no cron row and no error", async () => {
  await using database = await freshDatabase();
  await using webhook = startWebhook();
  const { sql } = database;
  await sql`select vault.create_secret(${webhook.url}, 'alarm_webhook_url')`;
  await tickMinutesAgo(sql, 14);
  await watch(sql);
  // pg_net has no other way; and this shows that the search finds it.
  assert.deepEqual(await placesOf(database, webhook), ["net.http_request_queue"]);
  const worker = await startNetWorker(database);
  await answered(sql, 1);
  assert.deepEqual(await placesOf(database, webhook), []);

  await webhook[Symbol.asyncDispose]();
  await tickMinutesAgo(sql, 0);
  await watch(sql);
  await stayWell(sql);
  await watch(sql);
  await answered(sql, 2);
  await watch(sql);
  await worker.stop();
  const [failed] = await sql`select error_msg from net._http_response where status_code is null`;
  assert.ok(failed!.error_msg.length > 0);
  await sql`delete from net.http_request_queue where true`;
  assert.deepEqual(await placesOf(database, webhook), []);
});

Deno.test("watch: when the message cannot be handed over, the incident is noted and the error is mute", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  // pg_net refuses it with the address in the error's text.
  const secret = crypto.randomUUID();
  await sql`select vault.create_secret(${`hooks.test/${secret}`}, 'alarm_webhook_url')`;
  const notices: string[] = [];
  const loud = connect(database.url, {
    max: 1,
    onnotice: (notice) => notices.push(JSON.stringify(notice)),
  });
  await tickMinutesAgo(sql, 14);
  try {
    assert.equal(await watch(loud), 1);
  } finally {
    await loud.end();
  }
  assert.match(notices.join(), /The alarm could not be handed to pg_net: error P0001/);
  assert.ok(!notices.join().includes(secret));
  const [incident] = await incidents(sql);
  assert.deepEqual([incident!.kind, incident!.said_at], ["late_tick", null]);
});

Deno.test("watch: the end of a run looks too, so that a dead pg_cron is noticed while leads come in", async () => {
  await using alarmed = await alarmedDatabase();
  const { sql, webhook, database } = alarmed;
  await tickMinutesAgo(sql, 40);
  const runId = await beginRun(sql);
  // As the function does it.
  await database.asServiceRole((as) =>
    as`select * from public.finish_dispatch_run(${runId}, '{"stop_reason": "drained"}')`
  );
  await answered(sql, 1);
  assert.match(webhook.texts[0]!, /has not ticked for 40 minutes/);
  assert.equal((await incidents(sql))[0]!.kind, "late_tick");
});

Deno.test("watch: a tick that closes lost runs after a standstill has ticked before it looks", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await tickMinutesAgo(sql, 40);
  await sql`insert into public.dispatch_runs (source, started_at)
    values ('manual', now() - interval '40 minutes')`;
  await sql`select public.invoke_call_dispatch()`;
  const [beat] = await sql`select last_watched_at from public.dispatch_heartbeat`;
  assert.ok(beat!.last_watched_at);
  assert.deepEqual((await incidents(sql)).map((incident) => incident.kind), []);
});

Deno.test("watch: it waits for no tick that is under way, and notes what it finds", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await tickMinutesAgo(sql, 14);
  const tick = await sql.reserve();
  try {
    await tick`begin`;
    await tick`select public.invoke_call_dispatch()`;
    const impatient = connect(database.url, { max: 1, connection: { lock_timeout: 500 } });
    assert.equal(await watch(impatient).finally(() => impatient.end()), 1);
    await tick`commit`;
  } finally {
    tick.release();
  }
  assert.equal((await incidents(sql))[0]!.kind, "late_tick");
});

Deno.test("watch: a run's end is stored also when the look fails", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`alter table public.dispatch_incidents rename to lost`;
  const runId = await beginRun(sql);
  const [row] = await sql`
    select * from public.finish_dispatch_run(${runId}, '{"stop_reason": "drained"}')`;
  assert.equal(row!.stop_reason, "drained");
  const [run] = await sql`select finished_at from public.dispatch_runs where id = ${runId}`;
  assert.ok(run!.finished_at);
});

Deno.test("call_status: it warns when nobody looks, and shows what is not over yet", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const status = async () => (await sql`select * from public.call_status`)[0]!;
  const isDeaf = async () =>
    (await status()).warnings.some((warning: string) =>
      warning.startsWith("The alarm does not look")
    );
  await sql`update public.dispatch_heartbeat set installed_at = now() - interval '13 minutes'`;
  assert.equal(await isDeaf(), true);
  await tickMinutesAgo(sql, 14);
  await watch(sql);
  assert.equal(await isDeaf(), false);
  await sql`update public.dispatch_heartbeat set last_watched_at = now() - interval '13 minutes'`;
  assert.equal(await isDeaf(), true);

  assert.deepEqual((await status()).incidents, ["The schedule has not ticked for 14 minutes"]);
  await tickMinutesAgo(sql, 0);
  await watch(sql);
  const { incidents: shown, warnings } = await status();
  assert.match(shown[0], /^Well again since \d\d:\d\d UTC, not over yet: The schedule has not/);
  assert.ok(!warnings.includes("The schedule has not ticked for 14 minutes"));
});

Deno.test("purge: old incidents go, open and recent ones stay", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`insert into public.dispatch_incidents
    (kind, began_at, detail, found_at, confirmed_at, ended_at)
    values
      ('late_tick', now(), 'old', now(), now(), now() - interval '91 days'),
      ('late_tick', now(), 'recent', now(), now(), now() - interval '89 days'),
      ('late_tick', now() - interval '99 days', 'open', now() - interval '99 days', now(), null)`;
  await sql`select public.purge_dispatch_history()`;
  assert.deepEqual((await incidents(sql)).map((incident) => incident.detail), ["recent", "open"]);
});

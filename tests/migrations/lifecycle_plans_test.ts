// As in plans_test.ts, over what the life of the calls leaves behind: 100,000 attempts that ended, each
// told by an event and followed by a recall. The database's own counters tell whether a table was read
// from end to end.
import assert from "node:assert/strict";
import { connect, type Sql } from "../../supabase/local/postgres/connect.ts";
import { freshDatabase } from "../support/fresh_database.ts";

const LARGE = ["leads", "follow_ups", "call_attempts", "call_events"];

async function fill(sql: Sql): Promise<void> {
  await sql`
    insert into public.leads (phone, stage, call_date)
    select '+1415' || n, 'contacted', now() from generate_series(2000000, 2099999) n`;
  await sql`
    insert into public.follow_ups (lead_id, status, source, due_at, completed_at)
    select id, 'completed', 'seed', now() - interval '1 day', now() from public.leads`;
  await sql`
    insert into public.call_attempts (
      follow_up_id, lead_id, lease_token, to_number, status, request_id, call_id, outcome,
      reported_by, opened_at, sending_until, ended_at, callback_text, callback_status
    )
    select follow_up.id, lead.id, gen_random_uuid(), lead.phone, 'ended', 'request ' || lead.phone,
      'call ' || lead.phone, 'no_answer', 'webhook', opened.moment, opened.moment, opened.moment,
      case when right(lead.phone, 1) = '0' then 'tomorrow' end,
      case when right(lead.phone, 1) = '0' then 'planned' end
    from public.leads as lead
    join public.follow_ups as follow_up on follow_up.lead_id = lead.id
    cross join lateral (
      select now() - '90 days'::interval * (right(lead.phone, 5)::int / 100000.0) as moment
    ) as opened`;
  await sql`
    insert into public.follow_ups (lead_id, due_at, source, recall_of, is_callback)
    select lead_id, now() + interval '1 hour' + random() * interval '30 days', 'recall', id,
      callback_status is not null
    from public.call_attempts`;
  await sql`
    insert into public.call_events (
      received_at, content_hash, source, status, settled_attempt_id, attempt_id, request_id, call_id,
      outcome
    )
    select opened_at, id::text, 'webhook', 'settled', id, id, request_id, call_id, outcome
    from public.call_attempts`;
  // What was told of calls that somebody else places through the same agent.
  await sql`
    insert into public.call_events
      (received_at, content_hash, source, status, reason, request_id, call_id, outcome)
    select now() - n * interval '1 minute', 'parked ' || n, 'webhook', 'parked',
      'No attempt of ours is known under these ids', 'foreign ' || n, 'foreign ' || n, 'completed'
    from generate_series(1, 20000) n`;
  await sql`delete from public.seed_candidates where true`;
  await sql`
    vacuum analyze public.leads, public.follow_ups, public.call_attempts, public.call_events,
      public.seed_candidates`;
}

/** A hundred calls that nobody has told of, and as many callbacks to be read and to be called. */
async function addWork(sql: Sql): Promise<void> {
  await sql`
    with work as (
      select id, row_number() over (order by id) as n from public.call_attempts order by id limit 300
    )
    update public.call_attempts as attempt
    set status = case when n <= 100 then 'accepted' else 'ended' end,
      outcome = case when n > 100 then attempt.outcome end,
      ended_at = case when n > 100 then now() - interval '55 minutes' end,
      reported_by = null,
      opened_at = now() - interval '1 hour',
      callback_text = case when n > 100 then 'tomorrow' end,
      callback_status = case when n > 200 then 'planned' when n > 100 then 'to_read' end
    from work
    where attempt.id = work.id`;
  await sql`
    update public.follow_ups as follow_up
    set due_at = now() - interval '1 minute', is_callback = true
    from public.call_attempts as attempt
    where follow_up.recall_of = attempt.id and attempt.callback_status = 'planned'
      and attempt.reported_by is null`;
  await sql`
    delete from public.call_events as event
    using public.call_attempts as attempt
    where attempt.id = event.settled_attempt_id and attempt.status = 'accepted'`;
}

/** Runs `statement`, undoes it, and fails when it read one of the large tables from end to end. */
async function usesIndexes(sql: Sql, statement: string): Promise<Record<string, unknown>[]> {
  const undo = new Error("undo");
  let rows: Record<string, unknown>[] = [];
  await sql.begin(async (transaction) => {
    rows = [...await transaction.unsafe(statement)] as Record<string, unknown>[];
    const read = await transaction`
      select relname, seq_scan, coalesce(idx_scan, 0) as idx_scan from pg_stat_xact_user_tables
      where relname = any (${LARGE})`;
    const scanned = read.filter(({ seq_scan }) => Number(seq_scan) > 0).map((row) => row.relname);
    assert.deepEqual(scanned, [], statement);
    assert.ok(read.some(({ idx_scan }) => Number(idx_scan) > 0), `${statement} looked at nothing`);
    throw undo;
  }).catch((error) => {
    if (error !== undo) throw error;
  });
  return rows;
}

Deno.test("lifecycle plans: over 100,000 calls that were told, each look and each report reads through indexes", async (test) => {
  await using database = await freshDatabase();
  // One connection, so that from the sixth time on a plan may be a generic one.
  const sql = connect(database.url, { max: 1 });
  try {
    await fill(database.sql);
    const looks: Record<string, [string, number, number]> = {
      "attempts_to_settle": ["select * from public.attempts_to_settle(50)", 0, 50],
      "callbacks_to_read": ["select * from public.callbacks_to_read(50)", 0, 50],
      "claim_due_follow_ups": ["select * from public.claim_due_follow_ups(50)", 0, 50],
      "dispatch_backlog": ["select * from public.dispatch_backlog()", 1, 1],
      "known_calls": [
        "select * from public.known_calls(array['request +14152000007', 'request +14152000008'])",
        2,
        2,
      ],
      "settle_parked_events": ["select public.settle_parked_events()", 1, 1],
      "rescue_stale_attempts": ["select public.rescue_stale_attempts()", 1, 1],
    };
    for (const work of ["none", "some"]) {
      if (work === "some") await addWork(database.sql);
      for (const [name, [statement, idle, busy]] of Object.entries(looks)) {
        await test.step(`${name}, with ${work} to be done, seven times`, async () => {
          for (let time = 1; time <= 7; time += 1) {
            const rows = await usesIndexes(sql, statement);
            assert.equal(rows.length, work === "none" ? idle : busy);
          }
        });
      }
    }
    // Not over the connection whose scans are counted.
    const [live] = await database.sql`
      select id, lead_id, lease_token, request_id from public.call_attempts
      where status = 'accepted' limit 1`;
    const event = (told: Record<string, unknown>) =>
      `select verdict from public.record_call_result('${
        JSON.stringify({ source: "webhook", outcome: "completed", ...told })
      }'::jsonb)`;
    const reports: Record<string, [string, string | null]> = {
      "names the attempt": [event({ attempt_id: live!.id, call_id: "one" }), "settled"],
      "names the request": [event({ request_id: live!.request_id }), "settled"],
      "names another's call": [
        event({ attempt_id: live!.id, call_id: "call +14152000007" }),
        "parked",
      ],
      "names nothing of ours": [event({ request_id: "another", call_id: "another" }), "parked"],
    };
    for (const [name, [statement, verdict]] of Object.entries(reports)) {
      await test.step(`record_call_result of a report that ${name}, seven times`, async () => {
        for (let time = 1; time <= 7; time += 1) {
          assert.equal((await usesIndexes(sql, statement))[0]!.verdict, verdict);
        }
      });
    }
    const verdicts = JSON.stringify([{ attempt_id: live!.id, verdict: "cannot_tell" }]);
    await test.step("settle_call_attempts", async () => {
      await usesIndexes(sql, `select public.settle_call_attempts('${verdicts}'::jsonb)`);
    });
    const [wish] = await sql`select * from public.callbacks_to_read(1)`;
    await test.step("plan_callback", async () => {
      const rows = await usesIndexes(
        sql,
        `select public.plan_callback(
          '${wish!.attempt_id}', 'tomorrow', moment => now() + interval '1 day') as verdict`,
      );
      assert.equal(rows[0]!.verdict, "planned");
    });
  } finally {
    await sql.end();
  }
});

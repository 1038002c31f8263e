import { connect, type Sql } from "../../supabase/local/postgres/connect.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { insertLead } from "../support/insert_lead.ts";
import { beginRun, claim, open, type Opened, record } from "../support/sql_contract.ts";

/** Does everything that the engine does once, so that every index has been read. */
export async function exerciseIndexes(databaseUrl: string): Promise<void> {
  const sql = connect(databaseUrl, { max: 1 });
  try {
    // On a handful of rows the planner prefers to read the whole table.
    await sql`set enable_seqscan = off`;
    await insertLead(sql);
    for (let n = 0; n < 4; n += 1) await insertFollowUp(sql);
    await sql`select public.set_aside(gen_random_uuid(), 'lead', 'x', now() - interval '2 hours')`;
    await sql`select public.seed_follow_ups()`;
    const runId = await beginRun(sql);
    const claimed = await claim(sql);
    await sql`select public.release_follow_ups(${[claimed[0]!.lease_token]}::uuid[])`;
    const opened = await open(sql, claimed.slice(1), { runId });
    await record(sql, opened.slice(0, 1), { status: "accepted" });
    await record(sql, opened.slice(1, 2), { status: "refused", refused_alone: true, error: "x" });
    await reportCalls(sql, opened.slice(0, 1));
    await sql`insert into public.call_pauses (source, until) values ('recall', now())`;
    await sql`insert into public.call_pauses (lead_id) select id from public.leads limit 1`;
    await sql`select from public.call_pauses where source = 'recall'`;
    await sql`select from public.call_pauses where lead_id = ${claimed[0]!.lead_id}`;
    await sql`insert into public.calling_hours (opens, closes) values ('09:00', '20:00')`;
    await claim(sql);
    await sql`update public.dispatch_settings set max_calls_per_day = 100 where id`;
    await sql`select * from public.call_allowance()`;
    await endManyCalls(sql);
    await sql`select public.sum_up_calls(now() + interval '2 hours')`;
    await sql`select * from public.calls_placed_since(now() - interval '1 day')`;
    await sql`select * from public.dispatch_backlog()`;
    await sql`select public.rescue_stale_attempts(as_of => now() + interval '1 day')`;
    await sql`select * from public.numbers_in_live_calls(${["+14152000001"]})`;
    for (const view of ["call_queue", "call_status", "calls_daily", "calls_by_outcome"]) {
      await sql.unsafe(`select * from public.${view}`);
    }
    await sql`select * from public.calls_by_hour`;
    await sql`select public.watch_dispatch(now() + interval '1 hour')`;
    await sql`select public.note_unseeded_leads()`;
    await sql`select public.purge_dispatch_history()`;
    await sql`delete from public.follow_ups where id = ${claimed[0]!.follow_up_id}`;
  } finally {
    await sql.end();
  }
}

/** Of a few calls, the index of all is as good as that of those going on. */
async function endManyCalls(sql: Sql): Promise<void> {
  await sql`
    insert into public.call_attempts
      (follow_up_id, lead_id, lease_token, to_number, status, opened_at, sending_until)
    select gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), '+1416' || n, 'ended',
      now() - interval '10 days', now() - interval '10 days'
    from generate_series(2000000, 2005000) as n`;
  await sql`analyze public.call_attempts`;
}

/** What Omni may tell of a call, and what is done with it. */
async function reportCalls(sql: Sql, [attempt]: Opened[]): Promise<void> {
  // Of a few events any index is as good as another.
  await sql`
    insert into public.call_events (content_hash, source, status, settled_attempt_id, call_id)
    select n::text, 'webhook', 'settled', gen_random_uuid(), n::text
    from generate_series(1000, 6000) as n`;
  await sql`
    insert into public.call_events (content_hash, source, status, request_id)
    select n::text, 'webhook', 'parked', n::text from generate_series(10000, 15000) as n`;
  await sql`analyze public.call_events`;
  const told = { source: "webhook", call_id: "7", direction: "outbound", outcome: "completed" };
  const wish = { extracted_variables: { callback_time: "tomorrow" } };
  const ours = { ...told, ...wish, attempt_id: attempt?.attempt_id, request_id: "3166940" };
  for (const event of [ours, { ...told, request_id: "9" }]) {
    await sql`select * from public.record_call_result(${JSON.stringify(event)}::text::jsonb)`;
  }
  await sql`select from public.call_events where request_id = '9' and status = 'parked'`;
  await sql`select * from public.callbacks_to_read()`;
  await sql`select public.plan_callback(
    ${attempt?.attempt_id ?? null}, 'tomorrow', moment => now() + interval '1 day'
  )`;
  await sql`select * from public.known_calls(${["3166940"]})`;
  await sql`select * from public.attempts_to_settle(100, now() + interval '1 day')`;
  await sql`select * from public.unread_callbacks order by ended_at desc`;
  await sql`select * from public.parked_call_events`;
  await sql`select public.settle_parked_events()`;
  await sql`select * from public.attempts_with_refused_parts()`;
}

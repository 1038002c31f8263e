// A plan that reads a whole table is fast on ten rows. Here the functions run over 100,000 leads with
// all their history, and the database's own counters tell whether a table was read from end to end.
import assert from "node:assert/strict";
import { connect, type Sql } from "../../supabase/local/postgres/connect.ts";
import { freshDatabase } from "../support/fresh_database.ts";

/** A project that has called all its leads, and has a follow-up planned for each of them. */
async function fill(sql: Sql): Promise<void> {
  await sql`
    insert into public.leads (phone, stage)
    select '+1415' || n, 'contacted' from generate_series(2000000, 2099999) n`;
  await sql`
    insert into public.follow_ups (lead_id, status, source, due_at, completed_at)
    select id, 'completed', 'seed', now() - interval '1 day', now() from public.leads`;
  await sql`
    insert into public.follow_ups (lead_id, due_at)
    select id, now() + interval '1 hour' + random() * interval '30 days' from public.leads`;
  await sql`
    insert into public.call_attempts
      (follow_up_id, lead_id, lease_token, to_number, status, request_id, sending_until, ended_at)
    select follow_up.id, lead.id, gen_random_uuid(), lead.phone, 'ended', '1', now(), now()
    from public.follow_ups as follow_up join public.leads as lead on lead.id = follow_up.lead_id
    where follow_up.status = 'completed'`;
  await sql`delete from public.seed_candidates where true`;
  await sql`vacuum analyze public.leads, public.follow_ups, public.call_attempts, public.seed_candidates`;
}

/** Runs `statement` and fails when it read one of the large tables from end to end. */
async function usesIndexes(sql: Sql, statement: string): Promise<number> {
  return await sql.begin(async (transaction) => {
    const rows = await transaction.unsafe(statement);
    const scanned = await transaction`
      select relname, seq_scan from pg_stat_xact_user_tables
      where relname in ('leads', 'follow_ups', 'call_attempts') and seq_scan > 0`;
    assert.deepEqual([...scanned], [], statement);
    const touched = await transaction`
      select coalesce(sum(idx_scan), 0)::int as n from pg_stat_xact_user_tables
      where relname = 'follow_ups'`;
    assert.ok(touched[0]!.n > 0, "follow_ups was not looked at");
    return rows.length;
  });
}

Deno.test("plans: over 100,000 leads, claim, seed and the empty look read through indexes", async (test) => {
  await using database = await freshDatabase();
  // One connection, so that from the sixth time on a plan may be a generic one.
  const sql = connect(database.url, { max: 1 });
  const claim = "select * from public.claim_due_follow_ups(50)";
  try {
    await fill(sql);
    for (const work of ["none", "four hundred new leads"]) {
      if (work !== "none") {
        await sql`insert into public.leads (phone) select '+1416' || n from generate_series(2000000, 2000399) n`;
        await test.step("seed, with four hundred new leads", async () => {
          await usesIndexes(sql, "select public.seed_follow_ups()");
        });
      }
      for (let time = 1; time <= 7; time += 1) {
        await test.step(`claim, with ${work} due, time ${time}`, async () => {
          assert.equal(await usesIndexes(sql, claim), work === "none" ? 0 : 50);
        });
      }
      await test.step(`backlog, with ${work}`, async () => {
        await usesIndexes(sql, "select * from public.dispatch_backlog()");
      });
    }
    await test.step("an idle tick", async () => {
      await sql`update public.follow_ups set due_at = now() + interval '1 day' where lease_token is null and due_at <= now()`;
      await usesIndexes(sql, "select public.invoke_call_dispatch()");
    });
  } finally {
    await sql.end();
  }
});

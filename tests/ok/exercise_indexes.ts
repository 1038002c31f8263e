import { connect } from "../../supabase/local/postgres/connect.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { insertLead } from "../support/insert_lead.ts";
import { beginRun, claim, open, record } from "../support/sql_contract.ts";

/** Does everything that the engine does once, so that every index has been read. */
export async function exerciseIndexes(databaseUrl: string): Promise<void> {
  const sql = connect(databaseUrl, { max: 1 });
  try {
    // On a handful of rows the planner prefers to read the whole table.
    await sql`set enable_seqscan = off`;
    await insertLead(sql);
    for (let n = 0; n < 4; n += 1) await insertFollowUp(sql);
    await sql`select public.seed_follow_ups()`;
    const runId = await beginRun(sql);
    const claimed = await claim(sql);
    await sql`select public.release_follow_ups(${[claimed[0]!.lease_token]}::uuid[])`;
    const opened = await open(sql, claimed.slice(1), { runId });
    await record(sql, opened.slice(0, 1), { status: "accepted" });
    await record(sql, opened.slice(1, 2), { status: "refused", refused_alone: true, error: "x" });
    await sql`select * from public.dispatch_backlog()`;
    await sql`select public.rescue_stale_attempts(as_of => now() + interval '1 day')`;
    await sql`select * from public.numbers_in_live_calls(${["+14152000001"]})`;
    await sql`select public.note_unseeded_leads()`;
    await sql`select public.purge_dispatch_history()`;
  } finally {
    await sql.end();
  }
}

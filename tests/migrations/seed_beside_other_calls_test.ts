// A seed that still waits when the lead is called for another reason: it is not called any more, and keeps
// nothing that follows from that call from being planned.
import assert from "node:assert/strict";
import type { Sql } from "../../supabase/local/postgres/connect.ts";
import { insertCall, type InsertedCall, recordEvent } from "../support/call_event.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { insertLead } from "../support/insert_lead.ts";
import { claim, followUp } from "../support/sql_contract.ts";

/** A lead that is being called by a person's follow-up, while its seed waits. */
async function callBesideASeed(
  sql: Sql,
  columns: Parameters<typeof insertCall>[1] = {},
): Promise<InsertedCall & { seed: string }> {
  const call = await insertCall(sql, columns);
  const seed = await insertFollowUp(sql, { lead_id: call.lead_id, source: "seed" });
  return { ...call, seed };
}

async function planned(sql: Sql, { attempt_id }: InsertedCall) {
  return await sql`
    select source, is_callback, due_at > now() as is_later from public.follow_ups
    where recall_of = ${attempt_id} and status = 'pending'`;
}

Deno.test("seed beside a call: that nobody answered is tried again, and the seed is not called", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await callBesideASeed(sql);
  await recordEvent(sql, { attempt_id: call.attempt_id, outcome: "no_answer" });
  assert.deepEqual((await planned(sql, call)).map((row) => ({ ...row })), [
    { source: "recall", is_callback: false, is_later: true },
  ]);
  assert.deepEqual(await claim(sql), []);
  const seed = await followUp(sql, call.seed);
  assert.deepEqual([seed.status, seed.reason], ["skipped", "Lead has been called meanwhile"]);
});

Deno.test("seed beside a call: what the person wished becomes a call of its own", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await callBesideASeed(sql);
  const text = "in two hours";
  await recordEvent(sql, {
    attempt_id: call.attempt_id,
    outcome: "completed",
    extracted_variables: { callback_time: text },
  });
  const [answer] = await sql`
    select public.plan_callback(
      ${call.attempt_id}, ${text}, moment => now() + interval '2 hours') as verdict`;
  assert.equal(answer!.verdict, "planned");
  assert.deepEqual((await planned(sql, call)).map((row) => ({ ...row })), [
    { source: "recall", is_callback: true, is_later: true },
  ]);
});

Deno.test("seed beside a call: whose end nobody reported does not ring the person once more", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_settings set smallest_gap_per_number = '0' where id`;
  const call = await callBesideASeed(sql, { opened_at: new Date(Date.now() - 86_400_000) });
  await sql`select public.rescue_stale_attempts()`;
  const [attempt] = await sql`
    select status, outcome from public.call_attempts where id = ${call.attempt_id}`;
  assert.deepEqual({ ...attempt }, { status: "ended", outcome: null });
  assert.deepEqual(await claim(sql), []);
  assert.equal((await followUp(sql, call.seed)).reason, "Lead has been called meanwhile");
});

Deno.test("seed beside a call: that a person resolved as placed does not ring once more", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_settings set smallest_gap_per_number = '0' where id`;
  const call = await callBesideASeed(sql, { status: "unknown", request_id: null });
  await sql`select public.resolve_call_attempt(${call.attempt_id}, 'placed')`;
  assert.deepEqual(await claim(sql), []);
  assert.equal((await followUp(sql, call.seed)).reason, "Lead has been called meanwhile");
});

Deno.test("seed beside a call: that was never placed is called as before", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await callBesideASeed(sql, { status: "unknown", request_id: null });
  await sql`update public.follow_ups set status = 'cancelled' where id = ${call.follow_up_id}`;
  await sql`select public.resolve_call_attempt(${call.attempt_id}, 'not_placed')`;
  assert.deepEqual((await claim(sql)).map((row) => row.follow_up_id), [call.seed]);
});

Deno.test("seed beside a call: of a lead that is merged into its own during the call, it is not called", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_settings set smallest_gap_per_number = '0' where id`;
  const kept = await insertLead(sql);
  const seed = await insertFollowUp(sql, { lead_id: kept, source: "seed" });
  const call = await insertCall(sql);
  await sql`update public.follow_ups set lead_id = ${kept} where id = ${call.follow_up_id}`;
  await sql`delete from public.leads where id = ${call.lead_id}`;
  await recordEvent(sql, { attempt_id: call.attempt_id, outcome: "completed" });
  assert.deepEqual(await claim(sql), []);
  assert.equal((await followUp(sql, seed)).reason, "Lead has been called meanwhile");
});

// An app that merges two leads gives the follow-ups of one to the other, and deletes it: its calls go with them.
import assert from "node:assert/strict";
import type { Sql } from "../../supabase/local/postgres/connect.ts";
import { insertCall, type InsertedCall, recordEvent } from "../support/call_event.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { insertLead } from "../support/insert_lead.ts";
import { claim, open, record } from "../support/sql_contract.ts";

/** Gives all follow-ups of the call's lead to another, and deletes the lead. */
async function merge(sql: Sql, call: Pick<InsertedCall, "lead_id">, kept: string): Promise<void> {
  await sql`update public.follow_ups set lead_id = ${kept} where lead_id = ${call.lead_id}`;
  await sql`delete from public.leads where id = ${call.lead_id}`;
}

Deno.test("merged leads: the call that nobody answered is tried again for the lead that is kept", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const [kept, call] = [await insertLead(sql), await insertCall(sql)];
  await merge(sql, call, kept);
  await recordEvent(sql, { attempt_id: call.attempt_id, outcome: "no_answer" });
  const planned = await sql`
    select lead_id from public.follow_ups where source = 'recall' and status = 'pending'`;
  assert.deepEqual(planned.map((row) => row.lead_id), [kept]);
  const [lead] = await sql`
    select call_date is not null as is_called, raw_payload -> 'call' ->> 'outcome' as outcome
    from public.leads where id = ${kept}`;
  assert.deepEqual({ ...lead }, { is_called: true, outcome: "no_answer" });
});

Deno.test("merged leads: a call that is being sent marks the lead that is kept", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const kept = await insertLead(sql);
  await insertFollowUp(sql);
  const opened = await open(sql, await claim(sql));
  const [{ lead_id }] = await sql`select lead_id from public.call_attempts` as [
    { lead_id: string },
  ];
  await merge(sql, { lead_id }, kept);
  await record(sql, opened, { status: "accepted" });
  const [lead] = await sql`
    select stage, raw_payload -> 'dispatch' ->> 'status' as status from public.leads
    where id = ${kept}`;
  assert.deepEqual({ ...lead }, { stage: "contacted", status: "accepted" });
});

Deno.test("merged leads: a call that a person resolves as placed marks the lead that is kept", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const [kept, call] = [await insertLead(sql), await insertCall(sql, { status: "unknown" })];
  await merge(sql, call, kept);
  await sql`select public.resolve_call_attempt(${call.attempt_id}, 'placed')`;
  const [lead] = await sql`select stage from public.leads where id = ${kept}`;
  assert.equal(lead!.stage, "contacted");
});

Deno.test("merged leads: the call of a lead that is still there stays its own", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const [other, call] = [await insertLead(sql), await insertCall(sql)];
  await sql`update public.follow_ups set lead_id = ${other} where id = ${call.follow_up_id}`;
  await recordEvent(sql, { attempt_id: call.attempt_id, outcome: "no_answer" });
  const called = await sql`
    select id from public.leads where call_date is not null or stage = 'contacted'`;
  assert.deepEqual(called.map((row) => row.id), [call.lead_id]);
});

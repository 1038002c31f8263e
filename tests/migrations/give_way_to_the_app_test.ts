import assert from "node:assert/strict";
import type { Sql } from "../../supabase/local/postgres/connect.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { claim, followUp, open, record } from "../support/sql_contract.ts";

// Longer than deadlock_timeout: what waits since before then has looked for a circle and found none.
const MS_UNTIL_NOBODY_LOOKS = 1_300;

Deno.test("give way to the app: its transaction over lead and follow-up is never ended as a deadlock", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const id = await insertFollowUp(sql, {});
  const opened = await open(sql, await claim(sql));
  const report = () => record(sql, opened, { status: "accepted" });
  const gaveWay = await meet(sql, id, report);
  assert.equal(gaveWay, "55P03");
  assert.equal((await followUp(sql, id)).status, "pending", "nothing of it was stored");

  assert.equal((await report()).length, 1, "asked again, it is stored");
  const [lead] = await sql`select source, stage, raw_payload from public.leads`;
  assert.deepEqual([lead!.source, lead!.stage], ["app", "contacted"]);
  assert.equal(lead!.raw_payload.dispatch.status, "accepted");
});

Deno.test("give way to the app: a report of a call's end is asked for again, and not lost", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const id = await insertFollowUp(sql, {});
  const [opened] = await open(sql, await claim(sql));
  const event = JSON.stringify({
    source: "webhook",
    attempt_id: opened!.attempt_id,
    outcome: "completed",
    direction: "outbound",
  });
  const report = () => sql`select verdict from public.record_call_result(${event}::text::jsonb)`;
  assert.equal(await meet(sql, id, report), "55P03");
  assert.equal((await sql`select from public.call_events`).length, 0);
  assert.equal((await report())[0]!.verdict, "settled");
  assert.equal((await followUp(sql, id)).status, "completed");
});

/** The app holds the lead, `work` comes, and then the app wants the follow-up; returns work's error. */
async function meet(sql: Sql, id: string, work: () => Promise<unknown>): Promise<unknown> {
  return await sql.begin(async (app) => {
    await app`update public.leads set source = 'app' where true`;
    const outcome = work().then(() => null, (error) => error.code);
    await new Promise((resolve) => setTimeout(resolve, MS_UNTIL_NOBODY_LOOKS));
    await app`update public.follow_ups set message = 'app' where id = ${id}`;
    return await outcome;
  });
}

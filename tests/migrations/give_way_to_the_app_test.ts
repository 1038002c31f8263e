import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { connect, type Sql } from "../../supabase/local/postgres/connect.ts";
import { insertCall, type InsertedCall } from "../support/call_event.ts";
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

Deno.test("give way to the app: reports of calls whose rows it holds are passed over, and all others settled", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const calls: InsertedCall[] = [];
  for (let n = 0; n < 30; n += 1) {
    const call = await insertCall(sql);
    calls.push(call);
    await sql`
      insert into public.call_events (content_hash, source, status, reason, attempt_id, direction, outcome)
      values (${call.attempt_id}, 'webhook', 'parked', 'No attempt of ours is known under these ids',
        ${call.attempt_id}, 'outbound', 'no_answer')`;
  }
  const ids = (from: number, to: number, name: "lead_id" | "follow_up_id") =>
    calls.slice(from, to).map((call) => call[name]);
  const settled = async () =>
    (await sql`select from public.call_events where status = 'settled'`).length;
  const app = connect(database.url, { max: 1 });
  try {
    await app`begin`;
    await app`update public.leads set source = 'app' where id = any (${ids(0, 10, "lead_id")})`;
    await app`update public.follow_ups set message = 'app' where id = any (${
      ids(10, 20, "follow_up_id")
    })`;
    await sql`select public.rescue_stale_attempts()`;
    assert.equal(await settled(), 10);
    await app`update public.leads set source = 'app' where id = any (${ids(20, 30, "lead_id")})`;
    await app`commit`;
  } finally {
    await app.end();
  }
  await sql`select public.rescue_stale_attempts()`;
  assert.equal(await settled(), 30);
});

/** The app holds the lead, `work` comes, and then the app wants the follow-up; returns work's error. */
async function meet(sql: Sql, id: string, work: () => Promise<unknown>): Promise<unknown> {
  return await sql.begin(async (app) => {
    await app`update public.leads set source = 'app' where true`;
    const outcome = work().then(() => null, (error) => error.code);
    await delay(MS_UNTIL_NOBODY_LOOKS);
    await app`update public.follow_ups set message = 'app' where id = ${id}`;
    return await outcome;
  });
}

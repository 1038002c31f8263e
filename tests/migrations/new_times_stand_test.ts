// What an app plans anew for a follow-up while it is worked on stands.
import assert from "node:assert/strict";
import type { Sql } from "../../supabase/local/postgres/connect.ts";
import { recordEvent } from "../support/call_event.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { claim, followUp, open, record } from "../support/sql_contract.ts";

async function fail(sql: Sql, follow_up_id: string, lease_token: string): Promise<number> {
  const items = JSON.stringify([{ follow_up_id, lease_token, reason: "Not a number" }]);
  return (await sql`select public.fail_follow_ups(${items}::text::jsonb) as n`)[0]!.n;
}

for (
  const [what, change] of Object.entries({
    "a later time": "due_at = now() + interval '10 days'",
    "another channel": "channel = 'whatsapp'",
  })
) {
  Deno.test(`fail: one that was given ${what} since the claim stays pending`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const id = await insertFollowUp(sql);
    const [row] = await claim(sql);
    await sql.unsafe(`update public.follow_ups set ${change}`);
    assert.equal(await fail(sql, id, row!.lease_token), 0);
    const { status, lease_token } = await followUp(sql, id);
    assert.deepEqual([status, lease_token], ["pending", null]);
  });
}

for (const report of [{ status: "not_sent" }, { status: "refused", refused_alone: true }]) {
  Deno.test(`record: a ${report.status} call comes no sooner than the time that it was given meanwhile`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const id = await insertFollowUp(sql);
    const opened = await open(sql, await claim(sql));
    await sql`update public.follow_ups set due_at = now() + interval '7 days'`;
    await record(sql, opened, { error: "No line", ...report });
    const [row] = await sql`
      select status, due_at > now() + interval '6 days' as stands from public.follow_ups
      where id = ${id}`;
    assert.deepEqual({ ...row }, { status: "pending", stands: true });
  });
}

for (const report of [{ status: "not_sent" }, { status: "refused", refused_alone: true }]) {
  Deno.test(`record: a ${report.status} call that a report proves is not made again where the app refuses its completion`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const id = await insertFollowUp(sql, { due_at: new Date(Date.now() - 600_000) });
    await record(sql, await open(sql, await claim(sql)), { error: "No line", ...report });
    await sql`
      alter table public.follow_ups add constraint never_done check (status <> 'completed')`;
    const [call] = await sql`select id from public.call_attempts`;
    await recordEvent(sql, { attempt_id: call!.id, outcome: "completed" });
    assert.equal((await followUp(sql, id)).status, "pending");
    const tomorrow = new Date(Date.now() + 86_400_000);
    const claimed = await sql`select from public.claim_due_follow_ups(50, as_of => ${tomorrow})`;
    assert.equal(claimed.length, 0);
    assert.match((await followUp(sql, id)).reason!, /^Its call was placed at /);
  });
}

Deno.test("record: the last try that was not sent does not end one that was given a later time meanwhile", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const id = await insertFollowUp(sql, { attempts: 20 });
  const opened = await open(sql, await claim(sql));
  await sql`update public.follow_ups set due_at = now() + interval '1 day'`;
  await record(sql, opened, { status: "not_sent", error: "No line" });
  assert.equal((await followUp(sql, id)).status, "pending");
});

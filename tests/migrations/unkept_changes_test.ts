// A trigger of the app may leave a row as it was, without a word, or write something else in it. Such a row is set aside
// like one that a check refuses: it stops nobody, and is not taken again and again.
import assert from "node:assert/strict";
import type { Sql } from "../../supabase/local/postgres/connect.ts";
import { attempt, insertCall } from "../support/call_event.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { beginRun, claim, followUp, open, record } from "../support/sql_contract.ts";

const FROZEN = "frozen";
const NOT_KEPT = "A trigger of the app did not keep what was written";
const SET_BACK =
  "if new.status not in ('pending', 'completed') then new.status := 'pending'; end if; return new;";

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);

/** From now on the app does `body` before follow-ups with the message "frozen" are updated. */
async function freeze(sql: Sql, body: string, when = "true"): Promise<void> {
  await sql.unsafe(`create function public.app_rule() returns trigger language plpgsql as
    $$ begin ${body} end $$`);
  await sql.unsafe(`create trigger app_rule before update on public.follow_ups
    for each row when (new.message = '${FROZEN}' and (${when}))
    execute function public.app_rule()`);
}

async function setAside(sql: Sql): Promise<Record<string, string>> {
  const rows = await sql<{ row_id: string; error: string }[]>`
    select row_id, error from public.set_aside_rows`;
  return Object.fromEntries(rows.map(({ row_id, error }) => [row_id, error]));
}

for (const body of ["return null;", "return old;"]) {
  Deno.test(`unkept: ten rows that a trigger leaves as they were (${body}) keep nobody from being claimed`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const frozen: string[] = [];
    for (let n = 0; n < 10; n += 1) {
      frozen.push(await insertFollowUp(sql, { message: FROZEN, due_at: minutesAgo(60 - n) }));
    }
    const other = await insertFollowUp(sql);
    await freeze(sql, body);
    const claimed = await claim(sql, 1);
    assert.deepEqual(claimed.map((row) => row.follow_up_id), [other]);
    assert.ok(claimed[0]!.lease_token);
    assert.deepEqual(await setAside(sql), Object.fromEntries(frozen.map((id) => [id, NOT_KEPT])));
    assert.deepEqual(await claim(sql), []);
  });
}

for (
  const [what, lead] of [["closed", { stage: "closed" }], ["too late", {}]] as const
) {
  Deno.test(`unkept: one that is ${what} and is set back to pending is counted and taken once`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const id = await insertFollowUp(sql, {
      message: FROZEN,
      lead,
      due_at: minutesAgo(what === "closed" ? 5 : 60 * 24 * 30),
    });
    await sql`update public.dispatch_settings set expire_after = '10 days'`;
    await freeze(sql, SET_BACK);
    const runId = await beginRun(sql);
    await sql`select * from public.claim_due_follow_ups(20, run_id => ${runId})`;
    assert.deepEqual(await setAside(sql), { [id]: NOT_KEPT });
    const [counts] = await sql`select claimed, skipped, put_off from public.dispatch_runs`;
    assert.deepEqual({ ...counts }, { claimed: 0, skipped: 0, put_off: 0 });
  });
}

Deno.test("unkept: one that has to wait and whose time is set back is taken once", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const id = await insertFollowUp(sql, { message: FROZEN });
  await sql`
    insert into public.call_pauses (lead_id, until)
    select lead_id, now() + interval '1 day' from public.follow_ups`;
  await freeze(sql, "new.due_at := old.due_at; return new;");
  assert.deepEqual(await claim(sql), []);
  assert.deepEqual(await setAside(sql), { [id]: NOT_KEPT });
});

Deno.test("unkept: an attempt whose follow-up is left as it was is not opened, and the others are", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const frozen = await insertFollowUp(sql, { message: FROZEN });
  const other = await insertFollowUp(sql);
  const claimed = await claim(sql);
  await freeze(sql, "return null;", "new.attempts is distinct from old.attempts");
  assert.deepEqual((await open(sql, claimed)).map((row) => row.follow_up_id), [other]);
  assert.deepEqual(await setAside(sql), { [frozen]: NOT_KEPT });
});

Deno.test("unkept: one that is closed between claim and opening, and set back to pending, is taken once", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const frozen = await insertFollowUp(sql, { message: FROZEN });
  const claimed = await claim(sql);
  await sql`update public.leads set stage = 'closed'`;
  await freeze(sql, SET_BACK);
  assert.deepEqual(await open(sql, claimed), []);
  assert.deepEqual(await setAside(sql), { [frozen]: NOT_KEPT });
});

Deno.test("unkept: one that cannot be failed is not failed again at once, and the others are", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const frozen = await insertFollowUp(sql, { message: FROZEN });
  const other = await insertFollowUp(sql);
  const items = (await claim(sql)).map((row) => ({ ...row, reason: "Phone number is not valid" }));
  await freeze(sql, SET_BACK);
  const [row] = await sql`
    select public.fail_follow_ups(${JSON.stringify(items)}::text::jsonb) as failed`;
  assert.equal(row!.failed, 1);
  assert.equal((await followUp(sql, other)).status, "failed");
  assert.deepEqual(await setAside(sql), { [frozen]: NOT_KEPT });
  assert.deepEqual(await claim(sql), []);
});

for (const body of [SET_BACK, "return null;"]) {
  Deno.test(`unkept: a call that was refused for good is not asked for again at once (${body})`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const id = await insertFollowUp(sql, { message: FROZEN });
    const opened = await open(sql, await claim(sql));
    await freeze(sql, body, "new.status <> old.status");
    await record(sql, opened, { status: "refused", error: "Number is blocked" });
    assert.deepEqual(await setAside(sql), { [id]: NOT_KEPT });
    const { status, error } = await attempt(sql, opened[0]!.attempt_id);
    assert.deepEqual([status, error], [
      "refused",
      `Number is blocked. Its follow-up could not be written: ${NOT_KEPT}`,
    ]);
    assert.deepEqual(await claim(sql), []);
  });
}

for (const body of ["return null;", SET_BACK]) {
  Deno.test(`unkept: a call that the log shows not to have been placed stays held where it could not be failed (${body})`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const opened_at = new Date(Date.now() - 24 * 60 * 60_000);
    const call = await insertCall(sql, { status: "unknown", opened_at });
    await sql`update public.follow_ups set message = ${FROZEN}`;
    await freeze(sql, body, "new.status <> old.status");
    const verdicts = [{ attempt_id: call.attempt_id, verdict: "not_placed", reason: "Not there" }];
    const [row] = await sql`
      select public.settle_call_attempts(${JSON.stringify(verdicts)}::text::jsonb) as n`;
    assert.equal(row!.n, 0);
    assert.equal((await attempt(sql, call.attempt_id)).status, "unknown");
    assert.deepEqual(await claim(sql), []);
  });
}

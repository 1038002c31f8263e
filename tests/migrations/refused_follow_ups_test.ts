// What an app's database refuses of one follow-up is no other's business: what came of the calls is stored, the other
// rows are written, and the refused one waits.
import assert from "node:assert/strict";
import type { Sql } from "../../supabase/local/postgres/connect.ts";
import { attempt, insertCall, recordEvent } from "../support/call_event.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { freshNumber, insertLead } from "../support/insert_lead.ts";
import { beginRun, claim, type Claimed, followUp, open, record } from "../support/sql_contract.ts";

const REFUSED = "refused";

const OF_REFUSED = `new.message = '${REFUSED}'`;

/** From now on the app refuses these writes to follow-ups, in these words. */
async function refuse(
  sql: Sql,
  { event = "update", when = "true", code = "P0001", words = "app: not so" } = {},
): Promise<void> {
  await sql.unsafe(`
    create function public.refuse() returns trigger language plpgsql as
    $$ begin raise exception '${words}' using errcode = '${code}'; end $$`);
  await sql.unsafe(`
    create trigger refuse before ${event} on public.follow_ups
    for each row when (${when}) execute function public.refuse()`);
}

/** Three due follow-ups that are claimed, the second of which is the one that is refused. */
async function claimThree(sql: Sql): Promise<[Claimed, Claimed, Claimed]> {
  for (const message of ["first", REFUSED, "third"]) await insertFollowUp(sql, { message });
  const claimed = await claim(sql);
  const of = async (row: Claimed) =>
    (await sql`select message from public.follow_ups where id = ${row.follow_up_id}`)[0]!.message;
  const middle = await Promise.all(claimed.map(async (row) => await of(row) === REFUSED));
  const refused = claimed.filter((_, index) => middle[index]);
  const [first, third] = claimed.filter((_, index) => !middle[index]);
  return [first!, refused[0]!, third!];
}

async function fail(sql: Sql, claimed: Claimed[], runId: string): Promise<number> {
  const items = claimed.map((row) => ({ ...row, reason: "Phone number is not valid" }));
  const [row] = await sql<{ failed: number }[]>`
    select public.fail_follow_ups(${JSON.stringify(items)}::text::jsonb, ${runId}) as failed`;
  return row!.failed;
}

async function asideErrors(sql: Sql): Promise<Record<string, string>> {
  const rows = await sql<{ row_id: string; error: string }[]>`
    select row_id, error from public.set_aside_rows`;
  return Object.fromEntries(rows.map(({ row_id, error }) => [row_id, error]));
}

Deno.test("refused follow-up: one that cannot be failed keeps no other from it, and does not come at once again", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const [first, refused, third] = await claimThree(sql);
  await refuse(sql, { when: `${OF_REFUSED} and new.status = 'failed'` });
  const runId = await beginRun(sql);
  assert.equal(await fail(sql, [first, refused, third], runId), 2);
  for (const { follow_up_id } of [first, third]) {
    assert.equal((await followUp(sql, follow_up_id)).status, "failed");
  }
  const { status, lease_token } = await followUp(sql, refused.follow_up_id);
  assert.deepEqual([status, lease_token], ["pending", null]);
  assert.deepEqual(await asideErrors(sql), { [refused.follow_up_id]: "app: not so" });
  assert.deepEqual(await claim(sql), []);
  const [run] = await sql`select failed from public.dispatch_runs`;
  assert.equal(run!.failed, 2);
});

Deno.test("refused follow-up: what passes is no row's fault, and is asked again", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const [first, second, third] = await claimThree(sql);
  const opened = await open(sql, [second, third]);
  await refuse(sql, { code: "55P03", words: "no row''s fault" });
  await assert.rejects(fail(sql, [first], await beginRun(sql)), { code: "55P03" });
  await assert.rejects(record(sql, opened, { status: "postponed", error: "x" }), { code: "55P03" });
  await sql`drop trigger refuse on public.follow_ups`;
  assert.deepEqual(await asideErrors(sql), {});
  assert.equal((await record(sql, opened, { status: "postponed", error: "x" })).length, 2);
});

Deno.test("refused follow-up: for a grant that is missing no row is set aside, and what came of a call is stored", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const [first, second, third] = await claimThree(sql);
  const opened = await open(sql, [second, third]);
  await refuse(sql, { code: "42501", words: "no row''s fault" });
  await assert.rejects(fail(sql, [first], await beginRun(sql)), { code: "42501" });
  assert.equal((await record(sql, opened, { status: "not_sent", error: "x" })).length, 2);
  assert.deepEqual(await asideErrors(sql), {});
  const stored = await sql`select distinct status, error from public.call_attempts`;
  assert.deepEqual(stored.map((row) => ({ ...row })), [
    { status: "not_sent", error: "x. Its follow-up could not be written: no row's fault" },
  ]);
});

for (const status of ["refused", "not_sent", "postponed", "unknown"]) {
  Deno.test(`refused follow-up: that a call was ${status} is stored, though its follow-up cannot be written`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const claimed = await claimThree(sql);
    const [, refused] = claimed;
    const runId = await beginRun(sql);
    const opened = await open(sql, claimed, { runId });
    await refuse(sql, { when: `${OF_REFUSED} and new.reason is distinct from old.reason` });
    assert.equal((await record(sql, opened, { status, error: "the cause" })).length, 3);

    const attempts = await sql<{ follow_up_id: string; status: string; error: string }[]>`
      select follow_up_id, status, error from public.call_attempts`;
    for (const { follow_up_id, status: stored, error } of attempts) {
      assert.equal(stored, status);
      assert.equal(
        error,
        follow_up_id === refused.follow_up_id
          ? "the cause. Its follow-up could not be written: app: not so"
          : "the cause",
      );
    }
    const counted = { refused: 0, not_sent: 0, postponed: 0, unknown: 0, [status]: 3 };
    const [run] = await sql`select refused, not_sent, postponed, unknown from public.dispatch_runs`;
    assert.deepEqual({ ...run }, counted);
    const [failed] = await sql`select failed from public.dispatch_runs`;
    assert.equal(failed!.failed, status === "refused" ? 2 : 0);

    const row = await followUp(sql, refused.follow_up_id);
    assert.deepEqual([row.status, row.lease_token], ["pending", null]);
    assert.deepEqual(await asideErrors(sql), { [refused.follow_up_id]: "app: not so" });
    const claimable =
      await sql`select from public.dispatchable_follow_ups where id = ${refused.follow_up_id}`;
    assert.equal(claimable.length, 0);
  });
}

Deno.test("refused follow-up: of one that is refused whatever is written, the lease ends by itself", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const claimed = await claimThree(sql);
  const opened = await open(sql, claimed);
  await refuse(sql, { when: OF_REFUSED });
  assert.equal((await record(sql, opened, { status: "postponed", error: "x" })).length, 3);
  const [, refused] = claimed;
  assert.equal((await followUp(sql, refused.follow_up_id)).lease_token, refused.lease_token);
  assert.deepEqual(await asideErrors(sql), { [refused.follow_up_id]: "app: not so" });
});

Deno.test("refused follow-up: one that stands is not planned a second time", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const claimed = await claimThree(sql);
  const opened = await open(sql, claimed);
  await refuse(sql, { when: `${OF_REFUSED} and new.reason is distinct from old.reason` });
  await record(sql, opened, { status: "refused", error: "x" });
  const [made] = await sql`select count(*)::int as n from public.follow_ups`;
  assert.equal(made!.n, 3, "no follow-up is planned beside the one that stands");
});

Deno.test("refused follow-up: what a look into the log told is noted of the others, and that one stays held", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const opened_at = new Date(Date.now() - 5 * 60 * 60_000);
  const ids: string[] = [];
  for (const message of ["first", REFUSED, "third"]) {
    const call = await insertCall(sql, { status: "unknown", error: "No reply", opened_at });
    await sql`update public.follow_ups set message = ${message} where id = ${call.follow_up_id}`;
    ids.push(call.attempt_id);
  }
  await refuse(sql, { when: `${OF_REFUSED} and new.status = 'failed'` });
  const verdicts = ids.map((attempt_id) => ({
    attempt_id,
    verdict: "not_placed",
    reason: "Not there",
  }));
  const [settled] = await sql`
    select public.settle_call_attempts(${JSON.stringify(verdicts)}::text::jsonb) as n`;
  assert.equal(settled!.n, 2);
  const [first, refused, third] = await Promise.all(ids.map((id) => attempt(sql, id)));
  assert.deepEqual([first!.status, refused!.status, third!.status], [
    "abandoned",
    "unknown",
    "abandoned",
  ]);
  const [noted] = await sql`
    select lookup_note, lookups, next_lookup_at > now() as later
    from public.call_attempts where id = ${ids[1]!}`;
  assert.deepEqual({ ...noted }, {
    lookup_note: "Not there. Its follow-up could not be written: app: not so",
    lookups: 1,
    later: true,
  });
});

Deno.test("refused follow-up: what was claimed beside it is given back", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const claimed = await claimThree(sql);
  await refuse(sql, { when: OF_REFUSED });
  const tokens = claimed.map((row) => row.lease_token);
  const [row] = await sql`select public.release_follow_ups(${tokens}::uuid[]) as released`;
  assert.equal(row!.released, 2);
  const leased = await sql`select id from public.follow_ups where lease_token is not null`;
  assert.deepEqual(leased.map(({ id }) => id), [claimed[1].follow_up_id]);
});

Deno.test("refused follow-up: another one of its lead is called meanwhile, and waits while its call may be under way", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const lead_id = await insertLead(sql);
  const due_at = new Date(Date.now() - 60 * 60_000);
  const oldest = await insertFollowUp(sql, { lead_id, message: REFUSED, due_at });
  const other = await insertFollowUp(sql, { lead_id });
  const opened = await open(sql, await claim(sql));
  assert.deepEqual(opened.map((row) => row.follow_up_id), [oldest]);
  await refuse(sql, { when: `${OF_REFUSED} and new.reason is distinct from old.reason` });
  await record(sql, opened, { status: "unknown", error: "No reply" });
  assert.ok(oldest in await asideErrors(sql));
  assert.deepEqual(await claim(sql), []);
  await sql`update public.call_attempts set status = 'abandoned'`;
  assert.deepEqual((await claim(sql)).map((row) => row.follow_up_id), [other]);
});

Deno.test("refused recall: what came of the call is stored, though no next call can be planned", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const lead_id = await insertLead(sql);
  const earlier = await insertCall(sql, {
    lead_id,
    status: "accepted",
    to_number: freshNumber(),
    opened_at: new Date(Date.now() - 60 * 60_000),
  });
  const id = await insertFollowUp(sql, { lead_id });
  const opened = await open(sql, await claim(sql));
  await recordEvent(sql, { attempt_id: earlier.attempt_id, outcome: "no_answer", call_id: "77" });
  await sql`update public.follow_ups set status = 'cancelled' where id = ${id}`;
  await refuse(sql, { event: "insert", words: "app: no recalls" });
  await record(sql, opened, { status: "refused", error: "Blocked" });
  const { status, error } = await attempt(sql, opened[0]!.attempt_id);
  assert.deepEqual([status, error], [
    "refused",
    "Blocked. The next call could not be planned: app: no recalls",
  ]);
});

Deno.test("refused lead: a lead that was set aside is work again after its time, also where there is no other", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await insertLead(sql);
  await refuse(sql, { event: "insert", words: "app: not so" });
  await sql`select public.seed_follow_ups()`;
  await sql`drop trigger refuse on public.follow_ups`;
  const seedable = async (at: string) =>
    (await sql`select seedable from public.dispatch_backlog(now() + ${at}::interval)`)[0]!.seedable;
  assert.deepEqual([await seedable("50 minutes"), await seedable("70 minutes")], [0, 1]);
});

import assert from "node:assert/strict";
import type { Sql } from "../../supabase/local/postgres/connect.ts";
import { attempt, insertCall, recordEvent } from "../support/call_event.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { freshNumber, insertLead } from "../support/insert_lead.ts";
import { claim, followUp, open } from "../support/sql_contract.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = new Date("2026-06-10T12:00:00Z");
const before = (ms: number) => new Date(NOW.getTime() - ms);
const after = (ms: number) => new Date(NOW.getTime() + ms);

interface ToSettle {
  attempt_id: string;
  status: string;
  to_number: string;
  request_id: string | null;
  opened_at: Date;
  sending_until: Date;
  over_by: Date;
}

async function toSettle(sql: Sql, asOf = NOW, size = 100): Promise<ToSettle[]> {
  return [...await sql<ToSettle[]>`select * from public.attempts_to_settle(${size}, ${asOf})`];
}

const idsToSettle = async (sql: Sql, asOf = NOW) =>
  (await toSettle(sql, asOf)).map(({ attempt_id }) => attempt_id);

async function settle(
  sql: Sql,
  { attempt_id }: { attempt_id: string },
  verdict: string,
  asOf = NOW,
): Promise<number> {
  const verdicts = JSON.stringify([{ attempt_id, verdict, reason: `It is ${verdict}` }]);
  const [row] = await sql<{ n: number }[]>`
    select public.settle_call_attempts(${verdicts}::text::jsonb, ${asOf}) as n`;
  return row!.n;
}

async function resolve(sql: Sql, attempt_id: string, verdict: string): Promise<boolean> {
  const [row] = await sql<{ resolved: boolean }[]>`
    select public.resolve_call_attempt(${attempt_id}, ${verdict}) as resolved`;
  return row!.resolved;
}

/** An unknown attempt, the reply to which was lost two hours ago. */
const unknown = (sql: Sql, columns: Parameters<typeof insertCall>[1] = {}) =>
  insertCall(sql, {
    status: "unknown",
    error: "No reply",
    opened_at: before(2 * HOUR),
    ...columns,
  });

Deno.test("to settle: it tells what is known of the call, and when it is over", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_settings set longest_call = '30 minutes'`;
  const call = await insertCall(sql, { opened_at: before(HOUR) });
  assert.deepEqual((await toSettle(sql)).map((row) => ({ ...row })), [{
    attempt_id: call.attempt_id,
    status: "accepted",
    to_number: call.to_number,
    request_id: call.request_id,
    opened_at: before(HOUR),
    sending_until: before(58 * MINUTE),
    over_by: before(28 * MINUTE),
  }]);
});

for (
  const [name, columns, is_in] of [
    ["is unknown", { status: "unknown" }, true],
    ["is accepted", { status: "accepted" }, true],
    ["has ended without an outcome", { status: "ended" }, true],
    ["has ended with an outcome", { status: "ended", outcome: "no_answer" }, false],
    ["was resolved by a person", { status: "ended", reported_by: "operator" }, false],
    ["is being sent", { status: "sending" }, false],
    ["was postponed", { status: "postponed" }, false],
    ["was not sent", { status: "not_sent" }, false],
    ["was refused", { status: "refused" }, false],
    ["was abandoned", { status: "abandoned" }, false],
  ] as const
) {
  Deno.test(`to settle: one that ${name} is ${is_in ? "among them" : "not looked for"}`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const call = await insertCall(sql, { opened_at: before(HOUR), ...columns });
    assert.deepEqual(await idsToSettle(sql), is_in ? [call.attempt_id] : []);
  });
}

for (const status of ["unknown", "accepted", "ended"]) {
  Deno.test(`to settle: one that is ${status} is looked for from settle_after until settle_for`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await sql`update public.dispatch_settings set settle_after = '10 minutes', settle_for = '1 day'`;
    const call = await insertCall(sql, { status, opened_at: NOW });
    const isIn = async (ms: number) => (await idsToSettle(sql, after(ms))).length === 1;
    assert.equal(await isIn(10 * MINUTE - 1), false);
    assert.equal(await isIn(10 * MINUTE), true);
    assert.equal(await isIn(24 * HOUR - 1), true);
    assert.equal(await isIn(24 * HOUR), false);
    assert.equal((await attempt(sql, call.attempt_id)).status, status);
  });
}

Deno.test("to settle: the wait doubles with each look, up to half a day, and ends with settle_for", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await unknown(sql, { opened_at: NOW });
  const looks: number[] = [];
  let moment = 0;
  while (moment < 5 * 24 * 60) {
    if ((await idsToSettle(sql, after(moment * MINUTE))).length > 0) {
      looks.push(moment);
      await settle(sql, call, "cannot_tell", after(moment * MINUTE));
    }
    moment += 15;
  }
  const waits = looks.slice(1).map((look, index) => look - looks[index]!);
  assert.equal(looks[0], 15);
  assert.deepEqual(waits.slice(0, 7), [30, 60, 120, 240, 480, 720, 720]);
  assert.ok(waits.slice(5).every((wait) => wait === 720));
  assert.ok(looks.at(-1)! < 3 * 24 * 60 && looks.at(-1)! > 2 * 24 * 60);
  assert.equal((await attempt(sql, call.attempt_id)).lookups, looks.length);
  assert.equal((await attempt(sql, call.attempt_id)).status, "unknown");
});

Deno.test("to settle: those never looked for come first, the oldest of them before the others", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const looked = await unknown(sql, { opened_at: before(20 * HOUR) });
  await settle(sql, looked, "cannot_tell", before(19 * HOUR));
  const young = await unknown(sql, { opened_at: before(HOUR) });
  const old = await unknown(sql, { opened_at: before(9 * HOUR) });
  const expected = [old, young, looked].map(({ attempt_id }) => attempt_id);
  assert.deepEqual(await idsToSettle(sql), expected);
  assert.deepEqual(
    (await toSettle(sql, NOW, 2)).map((row) => row.attempt_id),
    expected.slice(0, 2),
  );
});

Deno.test("to settle: one that was told meanwhile is not looked for again", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await unknown(sql);
  await settle(sql, call, "cannot_tell", before(HOUR));
  assert.equal((await idsToSettle(sql)).length, 1);
  await recordEvent(sql, { attempt_id: call.attempt_id, outcome: "busy" }, NOW);
  assert.deepEqual(await idsToSettle(sql, after(HOUR)), []);
});

Deno.test("to settle: the schedule starts a run for them, also while paused", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await unknown(sql);
  const stale = async (asOf: Date) =>
    (await sql`select stale from public.dispatch_backlog(${asOf})`)[0]!.stale;
  assert.equal(await stale(NOW), 1);
  await settle(sql, call, "cannot_tell");
  assert.equal(await stale(NOW), 0);
  assert.equal(await stale(after(HOUR)), 1);
});

Deno.test("settle: cannot_tell notes the look and leaves everything held", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await unknown(sql);
  const held = await followUp(sql, call.follow_up_id);
  assert.equal(await settle(sql, call, "cannot_tell"), 0);
  const { status, lookups, looked_up_at, lookup_note, error } = await attempt(sql, call.attempt_id);
  assert.deepEqual([status, lookups, looked_up_at, lookup_note, error], [
    "unknown",
    1,
    NOW,
    "It is cannot_tell",
    "No reply",
  ]);
  assert.deepEqual(await followUp(sql, call.follow_up_id), held);
  assert.deepEqual(await claim(sql), []);
});

Deno.test("settle: not placed abandons an unknown one, and a person decides about the call", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await unknown(sql);
  const other = await unknown(sql);
  assert.equal(await settle(sql, call, "not_placed"), 1);
  assert.equal((await attempt(sql, call.attempt_id)).status, "abandoned");
  const row = await followUp(sql, call.follow_up_id);
  assert.deepEqual([row.status, row.reason, row.lease_token], [
    "failed",
    "Omni's call log shows that it was not called: retry_follow_up calls it",
    null,
  ]);
  assert.deepEqual(await claim(sql), []);
  const [retried] = await sql`select public.retry_follow_up(${call.follow_up_id}) as retried`;
  assert.equal(retried!.retried, true);
  const opened = await open(sql, await claim(sql));
  assert.deepEqual(opened.map(({ follow_up_id }) => follow_up_id), [call.follow_up_id]);
  assert.equal((await attempt(sql, other.attempt_id)).status, "unknown");
});

Deno.test("settle: with redial_not_placed the call is dialled again by itself", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_settings set redial_not_placed = true`;
  const call = await unknown(sql);
  assert.equal(await settle(sql, call, "not_placed"), 1);
  const row = await followUp(sql, call.follow_up_id);
  assert.deepEqual([row.status, row.reason], [
    "pending",
    "Omni's call log shows that it was not called: next try",
  ]);
  const opened = await open(sql, await claim(sql));
  assert.deepEqual(opened.map(({ follow_up_id }) => follow_up_id), [call.follow_up_id]);
});

for (
  const [name, columns] of [
    ["is accepted", { status: "accepted" }],
    ["has ended", { status: "ended" }],
    ["has a request's id", { status: "unknown", request_id: "77" }],
    ["may still be on the line", { status: "unknown", opened_at: before(61 * MINUTE) }],
  ] as const
) {
  Deno.test(`settle: not placed cannot be true of one that ${name}: it is noted, and no more`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await sql`update public.dispatch_settings set redial_not_placed = true`;
    const call = await insertCall(sql, { opened_at: before(2 * HOUR), ...columns });
    const { status } = await attempt(sql, call.attempt_id);
    const held = await followUp(sql, call.follow_up_id);
    assert.equal(await settle(sql, call, "not_placed"), 0);
    const row = await attempt(sql, call.attempt_id);
    assert.deepEqual([row.status, row.lookups], [status, 1]);
    assert.deepEqual(await followUp(sql, call.follow_up_id), held);
    assert.deepEqual(await claim(sql), []);
  });
}

Deno.test("settle: one that cannot yet be known as not placed is looked for again", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await unknown(sql, { opened_at: before(61 * MINUTE) });
  assert.equal(await settle(sql, call, "not_placed"), 0);
  assert.deepEqual(await idsToSettle(sql, after(HOUR)), [call.attempt_id]);
  assert.equal(await settle(sql, call, "not_placed", after(HOUR)), 1);
});

Deno.test("settle: not placed is true at the moment the call would be over, and not before", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await unknown(sql);
  const [{ over_by } = { over_by: NOW }] = await toSettle(sql);
  assert.equal(await settle(sql, call, "not_placed", new Date(over_by.getTime() - 1)), 0);
  assert.equal(await settle(sql, call, "not_placed", over_by), 1);
});

for (const status of ["sending", "refused", "not_sent", "postponed", "abandoned"]) {
  Deno.test(`settle: a verdict on one that is ${status} changes nothing`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const call = await insertCall(sql, { status, opened_at: before(2 * HOUR) });
    const row = await attempt(sql, call.attempt_id);
    assert.equal(await settle(sql, call, "not_placed"), 0);
    assert.deepEqual(await attempt(sql, call.attempt_id), row);
  });
}

Deno.test("settle: a verdict that is no known word changes nothing", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await unknown(sql);
  const row = await attempt(sql, call.attempt_id);
  assert.equal(await settle(sql, call, "placed"), 0);
  assert.deepEqual(await attempt(sql, call.attempt_id), row);
});

Deno.test("settle: of two verdicts on one attempt the one that leaves it held counts", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  for (const order of [["not_placed", "cannot_tell"], ["cannot_tell", "not_placed"]]) {
    const { attempt_id } = await unknown(sql);
    const verdicts = order.map((verdict) => ({ attempt_id, verdict, reason: verdict }));
    await sql`
      select public.settle_call_attempts(${JSON.stringify(verdicts)}::text::jsonb, ${NOW})`;
    assert.equal((await attempt(sql, attempt_id)).status, "unknown", order.join());
  }
});

Deno.test("settle: a follow-up that a person has cancelled stays cancelled", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_settings set redial_not_placed = true`;
  const lead_id = await insertLead(sql);
  const follow_up_id = await insertFollowUp(sql, { lead_id, status: "cancelled" });
  const call = await unknown(sql, { lead_id, follow_up_id });
  assert.equal(await settle(sql, call, "not_placed"), 1);
  assert.equal((await followUp(sql, follow_up_id)).status, "cancelled");
});

Deno.test("settle: an abandoned attempt frees its number", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await unknown(sql);
  const second = await insertFollowUp(sql, { lead: { phone: call.to_number } });
  assert.deepEqual(await open(sql, await claim(sql)), []);
  await settle(sql, call, "not_placed");
  await sql`update public.follow_ups set due_at = now() where id = ${second}`;
  const opened = await open(sql, await claim(sql));
  assert.deepEqual(opened.map(({ follow_up_id }) => follow_up_id), [second]);
});

Deno.test("settle: a report that comes after an attempt was abandoned and dialled again ends it all the same", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`update public.dispatch_settings set redial_not_placed = true`;
  const call = await unknown(sql);
  await settle(sql, call, "not_placed");
  const [again] = await open(sql, await claim(sql));
  await recordEvent(sql, { attempt_id: call.attempt_id, outcome: "completed" });
  const row = await attempt(sql, call.attempt_id);
  assert.deepEqual([row.status, row.outcome], ["ended", "completed"]);
  assert.equal((await followUp(sql, call.follow_up_id)).status, "completed");
  assert.equal((await attempt(sql, again!.attempt_id)).status, "sending");
  await sql`select public.rescue_stale_attempts(as_of => now() + interval '1 hour')`;
  assert.deepEqual(await claim(sql), []);
});

Deno.test("resolve: placed completes the follow-up and the lead, and is not looked for again", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await unknown(sql);
  await settle(sql, call, "cannot_tell", before(HOUR));
  const other = await unknown(sql, { to_number: freshNumber() });
  assert.equal(await resolve(sql, call.attempt_id, "placed"), true);
  const row = await attempt(sql, call.attempt_id);
  assert.deepEqual([row.status, row.outcome, row.reported_by], ["ended", null, "operator"]);
  assert.equal((await followUp(sql, call.follow_up_id)).status, "completed");
  const [lead] = await sql`select stage from public.leads where id = ${call.lead_id}`;
  assert.equal(lead!.stage, "contacted");
  assert.deepEqual(await idsToSettle(sql), [other.attempt_id]);
  assert.equal((await sql`select from public.unsettled_calls`).length, 1);
});

Deno.test("resolve: not placed abandons it, and it is dialled by the next run", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const call = await unknown(sql);
  assert.equal(await resolve(sql, call.attempt_id, "not_placed"), true);
  assert.equal((await attempt(sql, call.attempt_id)).status, "abandoned");
  const { status, reason } = await followUp(sql, call.follow_up_id);
  assert.deepEqual([status, reason], ["pending", null]);
  const opened = await open(sql, await claim(sql));
  assert.deepEqual(opened.map(({ follow_up_id }) => follow_up_id), [call.follow_up_id]);
});

Deno.test("resolve: a report says better what a person has said, whichever it was", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  for (const verdict of ["placed", "not_placed"]) {
    const call = await unknown(sql);
    await resolve(sql, call.attempt_id, verdict);
    await recordEvent(sql, { attempt_id: call.attempt_id, outcome: "completed" });
    const row = await attempt(sql, call.attempt_id);
    assert.deepEqual([row.status, row.outcome, row.reported_by], ["ended", "completed", "webhook"]);
    assert.equal((await followUp(sql, call.follow_up_id)).status, "completed");
  }
});

for (const status of ["sending", "accepted", "ended", "refused", "abandoned"]) {
  Deno.test(`resolve: one that is ${status} is not for a person to settle`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const call = await insertCall(sql, { status });
    const row = await attempt(sql, call.attempt_id);
    for (const verdict of ["placed", "not_placed"]) {
      assert.equal(await resolve(sql, call.attempt_id, verdict), false);
    }
    assert.deepEqual(await attempt(sql, call.attempt_id), row);
  });
}

for (const verdict of ["perhaps", null]) {
  Deno.test(`resolve: the verdict ${verdict} is refused, with the words that are not`, async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    const call = await unknown(sql);
    await assert.rejects(
      resolve(sql, call.attempt_id, verdict as string),
      (error: Error & { hint?: string }) => /placed.*not_placed/.test(error.hint ?? ""),
    );
    assert.equal((await attempt(sql, call.attempt_id)).status, "unknown");
  });
}

Deno.test("known calls: of these requests those that are ours, and no others", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const first = await insertCall(sql, { opened_at: before(HOUR) });
  const second = await insertCall(sql, { status: "ended", opened_at: NOW });
  await insertCall(sql);
  await insertCall(sql, { status: "unknown" });
  const asked = ["1", second.request_id!, first.request_id!, "2"];
  const known = await sql`select * from public.known_calls(${asked}) order by opened_at`;
  assert.deepEqual(known.map((row) => ({ ...row })), [
    { request_id: first.request_id, attempt_id: first.attempt_id, opened_at: before(HOUR) },
    { request_id: second.request_id, attempt_id: second.attempt_id, opened_at: NOW },
  ]);
  assert.equal((await sql`select from public.known_calls('{}')`).length, 0);
});

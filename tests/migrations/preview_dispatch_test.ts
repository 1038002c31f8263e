import assert from "node:assert/strict";
import fc from "fast-check";
import { PAUSED_REFUSAL } from "../../supabase/functions/call-dispatch/paused_refusal.ts";
import type { Sql } from "../../supabase/local/postgres/connect.ts";
import { freshDatabase } from "../support/fresh_database.ts";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { insertLead } from "../support/insert_lead.ts";
import { claim, open, record } from "../support/sql_contract.ts";

Deno.test("preview: tells of each why it would not be called, and changes nothing", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const unknown = await insertFollowUp(sql);
  await record(sql, await open(sql, await claim(sql)), { status: "unknown", error: "timeout" });
  const leased = await insertFollowUp(sql);
  await claim(sql);
  const closed = await insertFollowUp(sql, { lead: { stage: "closed" } });
  const lead_id = await insertLead(sql);
  const first = await insertFollowUp(sql, { lead_id, due_at: new Date(Date.now() - 90_000) });
  const second = await insertFollowUp(sql, { lead_id });
  const unseeded = await insertLead(sql);
  const state = () =>
    sql`select f, (select count(*) from public.seed_candidates) from public.follow_ups f`;
  const before = JSON.stringify(await state());
  const rows = await sql`select * from public.preview_dispatch()`;
  const reason = new Map(rows.map((row) => [row.follow_up_id ?? row.lead_id, row.refusal]));
  assert.equal(reason.get(unknown), "Held, the call may have been placed: timeout");
  assert.equal(reason.get(leased), "Another run is working on it");
  assert.equal(reason.get(closed), "Lead is closed");
  assert.equal(reason.get(first), null);
  assert.equal(reason.get(second), "An older follow-up of the same lead comes first");
  assert.equal(reason.get(unseeded), null);
  assert.equal(JSON.stringify(await state()), before);
});

Deno.test("preview: says paused of everything that would else be called", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await insertFollowUp(sql);
  await sql`update public.dispatch_settings set paused = true`;
  const [row] = await sql`select refusal from public.preview_dispatch()`;
  assert.match(row!.refusal, /^Paused/);
});

Deno.test("preview: while paused the limits are those without the pause, and it is told where nothing else is", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  for (const stage of ["new", "closed", "new", "new"]) {
    await insertFollowUp(sql, { lead: { stage } });
  }
  const refusals = async () =>
    (await sql`select refusal from public.preview_dispatch()`).map(({ refusal }) => refusal);
  await sql`update public.dispatch_settings set max_calls_per_run = 2`;
  const without = await refusals();
  assert.equal(without.filter((refusal) => refusal === null).length, 2);
  await sql`update public.dispatch_settings set paused = true`;
  assert.deepEqual(await refusals(), without.map((refusal) => refusal ?? PAUSED_REFUSAL));
});

Deno.test("preview: agrees with the claim", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  for (const stage of ["new", "closed", "contacted", "lost", "visit_done"]) {
    await insertFollowUp(sql, { lead: { stage } });
    await insertFollowUp(sql, { lead: { stage, phone: " " } });
  }
  const previewed =
    await sql`select follow_up_id from public.preview_dispatch() where refusal is null`;
  const claimed = await claim(sql);
  assert.deepEqual(
    claimed.map((row) => row.follow_up_id).sort(),
    previewed.map((row) => row.follow_up_id).sort(),
  );
  assert.equal(claimed.length, 3);
});

Deno.test("preview: the younger is called where the claim closes or puts off the older, and only there", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`insert into public.call_pauses (source) values ('recall')`;
  await sql`update public.dispatch_settings set expire_after = '30 days' where id`;
  const pair = async (older: { source?: string; expired?: boolean }) => {
    const lead_id = await insertLead(sql);
    const due_at = new Date(Date.now() - 120_000);
    const first = await insertFollowUp(sql, { lead_id, source: older.source ?? "manual", due_at });
    if (older.expired) {
      await sql`update public.follow_ups set first_due_at = now() - interval '90 days'
        where id = ${first}`;
    }
    return [first, await insertFollowUp(sql, { lead_id })];
  };
  const pairs = {
    expired: await pair({ expired: true }),
    paused: await pair({ source: "recall" }),
    callable: await pair({}),
  };
  const rows = await sql`select follow_up_id, refusal from public.preview_dispatch()`;
  const refusals = ([older, younger]: string[]) =>
    [older, younger].map((id) => rows.find((row) => row.follow_up_id === id)!.refusal);
  assert.match(refusals(pairs.expired)[0], /^Expired/);
  assert.equal(refusals(pairs.expired)[1], null);
  assert.deepEqual(refusals(pairs.paused), ["Paused", null]);
  assert.deepEqual(refusals(pairs.callable), [
    null,
    "An older follow-up of the same lead comes first",
  ]);
  const claimed = (await claim(sql)).map((row) => row.follow_up_id).toSorted();
  assert.deepEqual(
    claimed,
    [pairs.expired[1]!, pairs.paused[1]!, pairs.callable[0]!].toSorted(),
  );
});

/** A pending follow-up of one of four leads. */
const arbitraryFollowUp = fc.record({
  lead: fc.nat(3),
  due_minutes_ago: fc.integer({ min: -2, max: 6 }),
  source: fc.constantFrom("manual", "manual", "recall"),
  is_callback: fc.boolean(),
  state: fc.constantFrom(
    "waits",
    "waits",
    "waits",
    "expired",
    "leased",
    "lease has ended",
    "in a call",
  ),
});
type ArbitraryFollowUp = typeof arbitraryFollowUp extends fc.Arbitrary<infer T> ? T : never;

async function setUp(sql: Sql, followUps: ArbitraryFollowUp[]): Promise<void> {
  for (const table of ["call_attempts", "follow_ups", "leads", "seed_candidates"]) {
    await sql.unsafe(`truncate public.${table} cascade`);
  }
  const leads = [];
  for (const stage of ["new", "contacted", "visit_scheduled", "lost"]) {
    leads.push(await insertLead(sql, { stage }));
  }
  for (const { lead, due_minutes_ago, source, is_callback, state } of followUps) {
    const due_at = new Date(Date.now() - due_minutes_ago * 60_000 - 30_000);
    const id = await insertFollowUp(sql, { lead_id: leads[lead]!, due_at, source });
    const leased = state.startsWith("lease");
    await sql`
      update public.follow_ups
      set is_callback = ${is_callback},
        first_due_at = case when ${state === "expired"} then now() - interval '90 days' end,
        lease_token = case when ${leased} then gen_random_uuid() end,
        leased_until = case when ${leased}
          then now() + ${state === "leased" ? "1 minute" : "-1 minute"}::interval end
      where id = ${id}`;
    if (state !== "in a call") continue;
    await sql`
      insert into public.call_attempts
        (follow_up_id, lead_id, lease_token, to_number, status, sending_until)
      values (${id}, ${leads[lead]!}, gen_random_uuid(),
        ${`+1415555${String(2000 + Math.floor(Math.random() * 7000))}`}, 'sending', now())
      on conflict do nothing`;
  }
}

Deno.test("preview: for follow-ups at random it names those that the claim takes, as call_queue does", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`insert into public.call_pauses (source) values ('recall')`;
  await sql`update public.dispatch_settings set expire_after = '30 days' where id`;
  const ids = (rows: { follow_up_id: string }[]) => rows.map((row) => row.follow_up_id).toSorted();
  await fc.assert(
    fc.asyncProperty(fc.array(arbitraryFollowUp, { maxLength: 12 }), async (followUps) => {
      await setUp(sql, followUps);
      const state = async () =>
        JSON.stringify(await sql`select f from public.follow_ups f order by id`);
      const before = await state();
      const previewed = ids(
        await sql`select follow_up_id from public.preview_dispatch()
          where refusal is null and follow_up_id is not null`,
      );
      const queued = ids(
        await sql`select follow_up_id from public.call_queue
          where waits_for = 'Due' and follow_up_id is not null`,
      );
      assert.equal(await state(), before);
      const claimed = ids(await claim(sql));
      assert.deepEqual(previewed, claimed);
      assert.deepEqual(queued, claimed);
    }),
    { numRuns: 60 },
  );
});

Deno.test("preview: a callback stands in it before more follow-ups than it tells of", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  for (let n = 0; n < 3; n += 1) {
    await insertFollowUp(sql, { due_at: new Date(Date.now() - 3_600_000) });
  }
  const callback = await insertFollowUp(sql);
  await sql`update public.follow_ups set is_callback = true where id = ${callback}`;
  const rows = await sql`select follow_up_id from public.preview_dispatch(2)`;
  assert.equal(rows.length, 2);
  assert.equal(rows[0]!.follow_up_id, callback);
  assert.deepEqual((await claim(sql, 1)).map((row) => row.follow_up_id), [callback]);
});

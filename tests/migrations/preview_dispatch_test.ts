import assert from "node:assert/strict";
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

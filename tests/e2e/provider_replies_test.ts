import assert from "node:assert/strict";
import type { Fault } from "../../supabase/local/simulated_omni/faults/fault.ts";
import { omniFault } from "../../supabase/local/simulated_omni/faults/omni_fault.ts";
import { freshNumber, insertLead } from "../support/insert_lead.ts";
import { dispatch, type Project } from "../support/project.ts";
import { startProject } from "../support/start_project.ts";

/** What a reply must lead to, seen on the one row that met it, with accepted ones before it. */
interface Expected {
  attempt: string;
  followUp: string;
  attempts: number;
  stop: string;
  rings: number;
}

const held = { attempt: "unknown", followUp: "pending", attempts: 1 };
const putBack = { attempt: "postponed", followUp: "pending", attempts: 0, rings: 0 };
const blamed = { attempt: "refused", followUp: "failed", attempts: 1, rings: 0, stop: "drained" };

const cases: [string, Fault, Expected][] = [
  ["400", omniFault.status(400), blamed],
  ["422", omniFault.status(422), blamed],
  ["success:false", omniFault.refused("Number is blocked"), blamed],
  ...[401, 402, 403, 404, 405].map((status): [string, Fault, Expected] => [
    `${status}`,
    omniFault.status(status),
    { ...putBack, stop: "halted" },
  ]),
  ["404 in HTML", omniFault.status(404, { html: true }), { ...putBack, stop: "halted" }],
  ["plan_expire", omniFault.planExpired(), { ...putBack, stop: "halted" }],
  ["all lines busy", omniFault.busy(), { ...putBack, stop: "no_capacity" }],
  ["429", omniFault.rateLimited(60), { ...putBack, stop: "no_capacity" }],
  ["500, the call placed", omniFault.status(500, { placed: true }), {
    ...held,
    stop: "halted",
    rings: 1,
  }],
  ["503, no call placed", omniFault.status(503, { html: true }), {
    ...held,
    stop: "halted",
    rings: 0,
  }],
  ["rubbish", omniFault.rubbish({ placed: true }), { ...held, stop: "drained", rings: 1 }],
  ["HTML with 200", omniFault.html(), { ...held, stop: "drained", rings: 0 }],
  ["an empty body", omniFault.emptyBody(), { ...held, stop: "drained", rings: 0 }],
  ["a reply of two rows", omniFault.twoRows(), { ...held, stop: "drained", rings: 1 }],
  ["an enormous body", omniFault.enormousBody(4), { ...held, stop: "drained", rings: 1 }],
  ["a body cut off", omniFault.truncatedBody(), { ...held, stop: "drained", rings: 1 }],
  ["a line dropped after accepting", omniFault.drop({ placed: true }), {
    ...held,
    stop: "drained",
    rings: 1,
  }],
];

for (const [name, fault, expected] of cases) {
  Deno.test(`reply: ${name} leaves the row ${expected.followUp}, the attempt ${expected.attempt}`, async () => {
    await using project = await startProject();
    const { sql, omni } = project;
    await insertLead(sql);
    assert.equal((await dispatch(project)).accepted, 1);
    const phone = freshNumber();
    await insertLead(sql, { phone });
    const beside = freshNumber();
    await insertLead(sql, { phone: beside });
    omni.faults.forNumber(phone, fault);
    // The one beside it answers a little later, so that it stands for "accepted after the refusal".
    omni.faults.forNumber(beside, omniFault.slow(150));
    const summary = await dispatch(project);
    assert.equal(summary.stop_reason, expected.stop, JSON.stringify(summary));
    assert.equal(summary.ok, expected.stop !== "halted");
    assert.deepEqual(await state(project, phone), {
      attempt: expected.attempt,
      followUp: expected.followUp,
      attempts: expected.attempts,
    });
    assert.equal(omni.ledger.ringsTo(phone).length, expected.rings);
    assert.equal(omni.ledger.ringsTo(beside).length, 1);

    // With Omni well again, what was put back is called, and nothing else ever again.
    omni.faults.clear();
    await dispatch(project);
    const again = expected.attempt === "postponed" ? 1 : 0;
    assert.equal(omni.ledger.ringsTo(phone).length, expected.rings + again);
  });
}

async function state({ sql }: Project, phone: string) {
  const [row] = await sql<{ attempt: string; followUp: string; attempts: number }[]>`
    select a.status as attempt, f.status as "followUp", f.attempts
    from public.call_attempts a
    join public.follow_ups f on f.id = a.follow_up_id
    where a.to_number = ${phone}`;
  return { ...row };
}

Deno.test("reply: a provider that refuses everything burns no lead of 500, and all are called when it is mended", async () => {
  await using project = await startProject();
  const { sql, omni } = project;
  await sql`insert into public.leads (phone) select '+1415' || n from generate_series(2300000, 2300499) n`;
  omni.faults.always(omniFault.refused("Agent not found"));
  for (let run = 0; run < 3; run += 1) {
    const summary = await dispatch(project);
    assert.equal(summary.stop_reason, "halted");
    assert.match(summary.error!, /Agent not found/);
    assert.equal(summary.failed, 0);
  }
  const [row] =
    await sql`select count(*) filter (where status = 'pending' and attempts = 0)::int as unblamed
    from public.follow_ups`;
  assert.equal(row!.unblamed, 500);
  omni.faults.clear();
  await sql`update public.follow_ups set due_at = now() - interval '1 second' where due_at > now()`;
  const summary = await dispatch(project);
  assert.equal(summary.accepted, 500, JSON.stringify(summary));
  assert.deepEqual(omni.ledger.numbersRungTwice(), []);
});

Deno.test("reply: three rows that Omni always refuses do not keep the ones behind them from being called", async () => {
  await using project = await startProject();
  const { sql, omni } = project;
  const bad = Array.from({ length: 3 }, freshNumber);
  for (const phone of bad) {
    await insertLead(sql, { phone });
    omni.faults.forNumber(phone, omniFault.status(400));
  }
  assert.equal((await dispatch(project)).stop_reason, "halted");
  for (let n = 0; n < 4; n += 1) await insertLead(sql);
  assert.equal((await dispatch(project)).accepted, 4);
  await sql`update public.follow_ups set due_at = now() where status = 'pending'`;
  await dispatch(project);
  const [row] = await sql`select count(*)::int as n from public.follow_ups where status = 'failed'`;
  assert.equal(row!.n, 3, "Omni has accepted others meanwhile: it is the rows' own fault");
});

Deno.test("reply: a halted project tries a single call first", async () => {
  await using project = await startProject();
  const { sql, omni } = project;
  for (let n = 0; n < 30; n += 1) await insertLead(sql);
  omni.faults.always(omniFault.status(503));
  await dispatch(project);
  const first = (await sql`select from public.call_attempts where status = 'unknown'`).length;
  assert.ok(first >= 1 && first <= 10, `${first} at most one round`);
  await dispatch(project);
  const second = (await sql`select from public.call_attempts where status = 'unknown'`).length;
  assert.equal(second, first + 1);
});

Deno.test("reply: a provider that is away uses up an attempt, waits and is tried again", async () => {
  await using project = await startProject();
  const { sql, omni } = project;
  const phone = freshNumber();
  await insertLead(sql, { phone });
  omni.refuseConnections();
  const summary = await dispatch(project);
  assert.equal(summary.not_sent, 1);
  assert.deepEqual(await state(project, phone), {
    attempt: "not_sent",
    followUp: "pending",
    attempts: 1,
  });
  omni.acceptConnections();
  assert.equal((await dispatch(project)).claimed, 0);
  await sql`update public.follow_ups set due_at = now()`;
  assert.equal((await dispatch(project)).accepted, 1);
  assert.equal(omni.ledger.count, 1);
});

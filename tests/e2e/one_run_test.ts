import assert from "node:assert/strict";
import { insertFollowUp } from "../support/insert_follow_up.ts";
import { freshNumber, insertLead } from "../support/insert_lead.ts";
import { askForRun, dispatch } from "../support/project.ts";
import { followUp } from "../support/sql_contract.ts";
import { startProject } from "../support/start_project.ts";

Deno.test("run: every callable lead is rung once, the others not and with their reason", async () => {
  await using project = await startProject();
  const { sql, omni } = project;
  const [fresh, contacted, formatted] = [freshNumber(), freshNumber(), "+1 (415) 201-0001"];
  await insertLead(sql, { phone: fresh, customer_name: "Zoë" });
  await insertLead(sql, { phone: contacted, stage: "contacted" });
  await insertLead(sql, { phone: formatted });
  const closed = await insertFollowUp(sql, { lead: { stage: "closed" } });
  const noPhone = await insertFollowUp(sql, { lead: { phone: null } });
  const bad = await insertFollowUp(sql, { lead: { phone: "12345" } });
  const future = await insertFollowUp(sql, { due_at: new Date(Date.now() + 60_000) });
  await insertFollowUp(sql, { channel: "whatsapp" });

  const summary = await dispatch(project);
  assert.equal(summary.ok, true, JSON.stringify(summary));
  assert.equal(summary.stop_reason, "drained");
  const { seeded, accepted, skipped, failed, remaining } = summary;
  assert.deepEqual({ seeded, accepted, skipped, failed, remaining }, {
    seeded: 3,
    accepted: 3,
    skipped: 2,
    failed: 1,
    remaining: 0,
  });
  assert.deepEqual(
    omni.ledger.rings().map((ring) => ring.toNumber).sort(),
    [fresh, contacted, "+14152010001"].sort(),
  );
  assert.equal((await followUp(sql, closed)).reason, "Lead is closed");
  assert.equal((await followUp(sql, noPhone)).reason, "Lead has no phone number");
  assert.match((await followUp(sql, bad)).reason!, /no country code/);
  assert.equal((await followUp(sql, future)).status, "pending");
});

Deno.test("run: Omni is asked in its own terms", async () => {
  await using project = await startProject();
  const { sql, omni } = project;
  const phone = freshNumber();
  const lead_id = await insertLead(sql, { phone, customer_name: "Zoë" });
  const id = await insertFollowUp(sql, { lead_id });
  await sql`update public.follow_ups set message = 'about the visit' where id = ${id}`;
  await dispatch(project);
  const [attempt] = await sql`select id, request_id, response from public.call_attempts`;
  const [ring] = omni.ledger.rings();
  assert.deepEqual(ring!.body, {
    agent_id: omni.agentId,
    from_number_id: omni.fromNumberId,
    to_number: phone,
    call_context: { name: "Zoë", lead_id, follow_up_id: id, message: "about the visit" },
    metadata: { attempt_id: attempt!.id },
  });
  assert.equal(attempt!.request_id, String(ring!.requestId));
});

Deno.test("run: a second run rings nobody and changes nothing", async () => {
  await using project = await startProject();
  const { sql, omni } = project;
  for (let n = 0; n < 5; n += 1) await insertLead(sql);
  await dispatch(project);
  const state = () =>
    sql`
    select l.*, f.*, a.* from public.leads l
    join public.follow_ups f on f.lead_id = l.id join public.call_attempts a on a.lead_id = l.id
    order by l.id`;
  const before = JSON.stringify(await state());
  const summary = await dispatch(project);
  assert.deepEqual([summary.ok, summary.seeded, summary.claimed], [true, 0, 0]);
  assert.equal(omni.ledger.count, 5);
  assert.equal(JSON.stringify(await state()), before);
});

Deno.test("run: rubbish in the phone fails that row alone", async () => {
  await using project = await startProject();
  const { sql, omni } = project;
  const rubbish = [
    "☎️🔥",
    "1".repeat(40),
    "'; drop table leads; --",
    "+",
    "++1415",
    "+1415\u202e2000000",
  ];
  for (const phone of rubbish) await insertLead(sql, { phone });
  const good = freshNumber();
  await insertLead(sql, { phone: good });
  const summary = await dispatch(project);
  assert.deepEqual([summary.failed, summary.accepted], [rubbish.length, 1]);
  assert.deepEqual(omni.ledger.rings().map((ring) => ring.toNumber), [good]);
  const reasons = await sql`select reason from public.follow_ups where status = 'failed'`;
  for (const { reason } of reasons) assert.match(reason, /^Phone number/);
});

Deno.test("run: the same number in two leads and two spellings is dialled once", async () => {
  await using project = await startProject();
  const { sql, omni } = project;
  await insertLead(sql, { phone: "+14152010002" });
  await insertLead(sql, { phone: "+1 (415) 201-0002" });
  await sql`update public.dispatch_settings set default_country = 'US' where id`;
  await insertLead(sql, { phone: "415 201 0002" });
  const summary = await dispatch(project);
  assert.equal(summary.accepted, 1);
  assert.deepEqual(omni.ledger.rings().map((ring) => ring.toNumber), ["+14152010002"]);
  const waiting =
    await sql`select from public.follow_ups where reason = 'Number is in another live call'`;
  assert.equal(waiting.length, 2);
});

// Many runs over one database: what each of them does alone must stay true of all of them together.
Deno.test("run: twenty runs at once ring each number once", async () => {
  await using project = await startProject();
  const { sql, omni } = project;
  omni.change({ latencyMs: [5, 40] });
  const numbers = Array.from({ length: 60 }, freshNumber);
  for (const phone of numbers) await insertLead(sql, { phone });
  // Every third number stands under a second lead, spelled otherwise.
  for (const phone of numbers.filter((_, index) => index % 3 === 0)) {
    await insertLead(sql, { phone: `${phone.slice(0, 2)} ${phone.slice(2, 5)} ${phone.slice(5)}` });
  }
  const summaries = await Promise.all(Array.from({ length: 20 }, () => dispatch(project)));
  assert.ok(summaries.every((summary) => summary.ok), JSON.stringify(summaries));
  assert.deepEqual(omni.ledger.numbersRungTwice(), []);
  assert.equal(omni.ledger.count, 60);
  assert.equal(summaries.reduce((sum, summary) => sum + summary.accepted, 0), 60);
});

Deno.test("run: asked to respond asynchronously it answers 202 at once and works on", async () => {
  await using project = await startProject();
  const { sql, omni } = project;
  omni.change({ latencyMs: 300 });
  await insertLead(sql);
  const response = await askForRun(project, { headers: { prefer: "respond-async" } });
  assert.equal(response.status, 202);
  const { run_id } = await response.json();
  assert.equal(omni.ledger.count, 0);
  let run;
  do [run] = await sql`select * from public.dispatch_runs where id = ${run_id}`; while (
    run!.finished_at === null
  );
  assert.deepEqual([run!.stop_reason, run!.accepted], ["drained", 1]);
  assert.equal(omni.ledger.count, 1);
});

Deno.test("run: the schedule's own way, through pg_net and the secret in Vault, ends in a call", async () => {
  await using project = await startProject();
  const { sql, omni } = project;
  await insertLead(sql);
  const [invoked] = await sql`select public.invoke_call_dispatch() as id`;
  let run;
  do [run] = await sql`select * from public.dispatch_runs where id = ${invoked!.id}`; while (
    run!.finished_at === null
  );
  assert.deepEqual([run!.source, run!.stop_reason, run!.accepted], ["pg_cron", "drained", 1]);
  assert.equal(omni.ledger.count, 1);
  const [again] = await sql`select public.invoke_call_dispatch() as id`;
  assert.equal(again!.id, null);
});

Deno.test("dry run: tells who would be called and who not, masks numbers, changes nothing", async () => {
  await using project = await startProject();
  const { sql, omni } = project;
  const phone = freshNumber();
  await insertLead(sql, { phone });
  await insertLead(sql, { phone });
  await insertFollowUp(sql, { lead: { stage: "lost" } });
  await insertFollowUp(sql, { lead: { phone: "rubbish" } });
  const response = await askForRun(project, {}, "?dry_run=1");
  assert.equal(response.status, 200);
  const text = await response.text();
  assert.ok(!text.includes(phone));
  const { would_call, would_not_call } = JSON.parse(text);
  assert.equal(would_call.length, 1);
  assert.deepEqual(would_not_call.map((line: { reason: string }) => line.reason).sort(), [
    "Lead is lost",
    "Number is in another live call",
    "Phone number is not valid: it has characters that no number has",
  ]);
  assert.equal(omni.ledger.count, 0);
  assert.equal((await sql`select from public.dispatch_runs`).length, 0);
  assert.equal((await sql`select from public.follow_ups where status <> 'pending'`).length, 0);
});

Deno.test("pause: a paused project claims and rings nothing, and goes on when resumed", async () => {
  await using project = await startProject();
  const { sql, omni } = project;
  await insertLead(sql);
  await sql`update public.dispatch_settings set paused = true where id`;
  const paused = await dispatch(project);
  assert.deepEqual([paused.stop_reason, paused.claimed, omni.ledger.count], ["paused", 0, 0]);
  await sql`update public.dispatch_settings set paused = false where id`;
  assert.equal((await dispatch(project)).accepted, 1);
});

Deno.test("limit: never more calls at once than the operator allows", async () => {
  await using project = await startProject();
  const { sql, omni } = project;
  for (let n = 0; n < 9; n += 1) await insertLead(sql);
  await sql`update public.dispatch_settings set max_concurrent_calls = 4 where id`;
  const summary = await dispatch(project);
  assert.deepEqual([summary.accepted, summary.stop_reason, summary.remaining], [
    4,
    "no_capacity",
    5,
  ]);
  await sql`update public.call_attempts set status = 'ended', ended_at = now() where status = 'accepted'`;
  assert.equal((await dispatch(project)).accepted, 4);
  assert.equal(omni.ledger.count, 8);
});

Deno.test("caller: wrong, missing and foreign secrets are 401, and nothing is done", async () => {
  await using project = await startProject();
  await insertLead(project.sql);
  const wrong: HeadersInit[] = [
    {},
    { "x-cron-secret": "wrong" },
    { authorization: "Bearer wrong" },
    { authorization: `Basic ${project.cronJobSecret}` },
    { "x-cron-secret": `${project.cronJobSecret}x` },
  ];
  for (const headers of wrong) {
    for (const method of ["GET", "POST", "DELETE"]) {
      const response = await fetch(project.functionUrl, { method, headers });
      assert.equal(response.status, 401);
      assert.deepEqual(await response.json(), { error: "Unauthorized" });
    }
  }
  assert.equal(project.omni.ledger.count, 0);
});

Deno.test("caller: the secret is taken from both headers, by GET and by POST", async () => {
  await using project = await startProject();
  const bearer = { authorization: `Bearer ${project.cronJobSecret}` };
  for (const headers of [bearer, { "x-cron-secret": project.cronJobSecret }]) {
    for (const method of ["GET", "POST"]) {
      const response = await fetch(project.functionUrl, { method, headers });
      assert.equal(response.status, 200);
      assert.equal((await response.json()).ok, true);
    }
  }
});

Deno.test("request: a wrong verb, an unknown query and a body that is no JSON are named", async () => {
  await using project = await startProject();
  await insertLead(project.sql);
  const put = await askForRun(project, { method: "PUT" });
  assert.deepEqual([put.status, put.headers.get("allow")], [405, "GET, POST"]);
  await put.body?.cancel();
  const cases: [RequestInit, string, RegExp][] = [
    [{}, "?dryrun=1", /dryrun/],
    [{}, "?dry_run=maybe", /dry_run "maybe"/],
    [{ body: "{" }, "", /not JSON/],
    [{ body: '{"runid": 1}' }, "", /runid/],
    [{ body: '{"run_id": "x"}' }, "", /run_id/],
  ];
  for (const [init, query, expected] of cases) {
    const response = await askForRun(project, init, query);
    assert.equal(response.status, 400);
    assert.match((await response.json()).error, expected);
  }
  assert.equal(project.omni.ledger.count, 0);
});

// Ten thousand reports at an open address, a tenth of them hostile: none counts that should not, none
// is lost that should not be, and the function's memory does not grow.
import assert from "node:assert/strict";
import { reportAddress } from "../../supabase/functions/_shared/call_ended_hook.ts";
import type { Sql } from "../../supabase/local/postgres/connect.ts";
import { startEmbeddedProject } from "../support/start_embedded_project.ts";

const SECRET = "s".repeat(32);
const AGENT_SECRET = "g".repeat(32);
const CALLED = 900;
/** Attempts for which nothing but hostile reports come. */
const ATTACKED = 100;
const AT_ONCE = 20;
/** The large bodies among the last reports are 200 MB; the runtime lets some tens lie before it clears up. */
const MOST_GARBAGE_MB = 100;
const OUTCOMES = ["completed", "voicemail_detected", "no_answer", "busy", "failed", "cancelled"];
const INJECTION = "'); update call_attempts set outcome = 'completed'; drop table leads; --";

interface Attempt {
  id: string;
  requestId: number;
  outcome: string;
}

/** A request, and the status that it must be answered with. */
interface Report {
  url: string;
  body: BodyInit;
  status: number;
}

Deno.test("hostile reports: of ten thousand only the true ones count, and memory stays flat", async () => {
  await using project = await startEmbeddedProject({
    CALL_ENDED_SECRET: SECRET,
    CALL_ENDED_AGENT_SECRET: AGENT_SECRET,
  }, { callEnded: true });
  const { sql, gateway, callEnded } = project;
  const url = `${gateway.url}/functions/v1/call-ended`;
  const attempts = await acceptedCalls(sql, CALLED + ATTACKED);
  const [called, attacked] = [attempts.slice(0, CALLED), attempts.slice(CALLED)];

  const reports = shuffled([
    ...called.flatMap((attempt) => truthfulReports(attempt, url)),
    ...attacked.flatMap((attempt, index) => hostileReports(attempt, called[index]!, url)),
  ]);
  assert.equal(reports.length, 10_000);
  const wrong: string[] = [];
  const send = (some: Report[]) => sendAll(some, wrong);
  // By then the runtime has taken what it needs to read the largest of them.
  await send(reports.slice(0, 6_000));
  const memoryBefore = await residentMegabytes(callEnded!.pid);
  await send(reports.slice(6_000));
  const memoryAfter = await residentMegabytes(callEnded!.pid);
  assert.deepEqual(wrong, []);

  const rows = await sql<{ id: string; status: string; outcome: string | null }[]>`
    select id, status, outcome from public.call_attempts`;
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const { id, outcome } of called) {
    assert.deepEqual(byId.get(id), { id, status: "ended", outcome });
  }
  for (const { id } of attacked) {
    assert.deepEqual(byId.get(id), { id, status: "accepted", outcome: null });
  }
  const [stored] = await sql`
    select
      (select count(*)::int from public.call_events
        where settled_attempt_id = any (${
    attacked.map(({ id }) => id)
  }::uuid[])) as against_attacked,
      (select count(*)::int from public.leads) as leads`;
  assert.deepEqual({ ...stored }, { against_attacked: 0, leads: CALLED + ATTACKED });
  assert.ok(
    memoryAfter < memoryBefore + MOST_GARBAGE_MB,
    `the function has grown from ${memoryBefore} to ${memoryAfter} MB`,
  );
});

/** Ten of one call: as often as they come and however they are written, they are one. */
function truthfulReports(attempt: Attempt, url: string): Report[] {
  const own = reportAddress(attempt.id, { url, secret: SECRET });
  const agents = `${url}?secret=${AGENT_SECRET}`;
  const payload = payloadOf(attempt);
  const spelled = { ...payload, call_status: attempt.outcome.replaceAll("_", "-").toUpperCase() };
  const bodies: [string, unknown][] = [
    [own, payload],
    [own, payload],
    [own, { body: payload }],
    [own, spelled],
    [own, { ...payload, recording_url: false, call_report: false }],
    [own, { ...payload, call_report: { summary: INJECTION } }],
    [agents, payload],
    [agents, { ...payload, metadata: undefined }],
    [agents, { ...payload, call_direction: "inbound" }],
    [agents, { call_id: 7, call_direction: "chat" }],
  ];
  return bodies.map(([url, body]) => ({ url, body: JSON.stringify(body), status: 200 }));
}

/** Ten by somebody who does not know a secret, or only the address of another call. */
function hostileReports(attempt: Attempt, other: Attempt, url: string): Report[] {
  const foreign = reportAddress(other.id, { url, secret: SECRET });
  const token = new URL(foreign).searchParams.get("token");
  const forged = reportAddress(attempt.id, { url, secret: "x".repeat(32) });
  const body = JSON.stringify(payloadOf(attempt));
  return [
    { url, body, status: 401 },
    { url: forged, body, status: 401 },
    { url: `${url}?attempt=${attempt.id}&token=${token}`, body, status: 401 },
    { url: `${url}?attempt=${attempt.id}&token=`, body, status: 401 },
    { url: `${url}?secret=${SECRET}`, body, status: 401 },
    // Its own address, and a body about somebody else's call.
    { url: foreign, body, status: 400 },
    { url: foreign, body: "not JSON", status: 400 },
    { url: foreign, body: "[".repeat(500_000), status: 400 },
    { url: foreign, body: ` ${"a".repeat(5_000_000)}`, status: 413 },
    { url: `${url}?attempt=${encodeURIComponent(INJECTION)}&token=${token}`, body, status: 401 },
  ];
}

function payloadOf({ id, requestId, outcome }: Attempt) {
  return {
    call_id: requestId + 1_000_000,
    call_request_id: requestId,
    call_direction: "outbound",
    call_status: outcome,
    call_duration: 42,
    recording_url: "https://recordings.example/1.mp3",
    metadata: { attempt_id: id },
    call_report: { summary: "Fine", extracted_variables: { interest: INJECTION } },
  };
}

async function acceptedCalls(sql: Sql, count: number): Promise<Attempt[]> {
  const rows = await sql<{ id: string; request_id: string }[]>`
    with lead as (
      insert into public.leads (phone)
      select '+1415' || 2000000 + n from generate_series(1, ${count}::int) as n
      returning id, phone
    ),
    follow_up as (
      insert into public.follow_ups (lead_id, status) select id, 'completed' from lead
      returning id, lead_id
    )
    insert into public.call_attempts
      (follow_up_id, lead_id, lease_token, to_number, status, request_id, http_status, opened_at,
        sending_until)
    select follow_up.id, lead.id, gen_random_uuid(), lead.phone, 'accepted',
      (3000000 + row_number() over ())::text, 200, now(), now() + interval '2 minutes'
    from lead
    join follow_up on follow_up.lead_id = lead.id
    returning id, request_id`;
  return rows.map(({ id, request_id }, index) => ({
    id,
    requestId: Number(request_id),
    outcome: OUTCOMES[index % OUTCOMES.length]!,
  }));
}

async function sendAll(reports: Report[], wrong: string[]): Promise<void> {
  let next = 0;
  const sender = async () => {
    for (let report = reports[next++]; report; report = reports[next++]) {
      const response = await fetch(report.url, { method: "POST", body: report.body });
      const text = await response.text();
      if (response.status === report.status) continue;
      wrong.push(`${response.status} ${text} in place of ${report.status}`.slice(0, 200));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sender));
}

async function residentMegabytes(pid: number): Promise<number> {
  if (Deno.build.os !== "linux") return 0;
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024);
}

// The same order each time, and no part of it like another.
function shuffled<Item>(items: Item[]): Item[] {
  return items
    .map((item, index) => ({ item, key: (index * 7_919) % 10_007 }))
    .sort((one, other) => one.key - other.key)
    .map(({ item }) => item);
}

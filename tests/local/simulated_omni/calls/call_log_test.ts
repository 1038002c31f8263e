import assert from "node:assert/strict";
import type { SimulatedOmni } from "../../../../supabase/local/simulated_omni/simulated_omni.ts";
import { startSimulatedOmni } from "../../../../supabase/local/simulated_omni/start_simulated_omni.ts";
import { getFrom } from "../get_from.ts";
import { eventually } from "../../../support/eventually.ts";
import { postDispatch } from "../post_dispatch.ts";

interface Row extends Record<string, unknown> {
  readonly id: number;
  readonly to_number: string;
}

async function rowsAt(omni: SimulatedOmni, query = ""): Promise<{ rows: Row[]; total: unknown }> {
  const { status, json } = await getFrom(omni, `/calls/logs${query}`);
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(json), ["call_log_data", "total_records"]);
  return { rows: json.call_log_data as Row[], total: json.total_records };
}

async function callAll(omni: SimulatedOmni, count: number): Promise<number[]> {
  const ids: number[] = [];
  for (let sent = 0; sent < count; sent++) {
    const { json } = await postDispatch(omni, `+9198000000${10 + sent}`);
    ids.push(json?.requestId as number);
  }
  return ids;
}

Deno.test("a call is in the log only after it has ended", async () => {
  await using omni = await startSimulatedOmni();
  await postDispatch(omni);
  assert.deepEqual(await rowsAt(omni), { rows: [], total: 0 });
  omni.lines.endAll();
  assert.equal((await rowsAt(omni)).total, 1);
});

Deno.test("who hears of an ended call finds it in the log", async () => {
  await using omni = await startSimulatedOmni();
  const seen = new Promise((resolve) => omni.onCallEnded(() => resolve(rowsAt(omni))));
  await postDispatch(omni);
  omni.lines.endAll();
  assert.equal((await seen as { total: number }).total, 1);
});

Deno.test("the log's row of an answered call has the documented fields", async () => {
  await using omni = await startSimulatedOmni({ callDurationMs: 90_000 });
  const { json } = await postDispatch(omni);
  omni.lines.endAll("completed");
  const { rows: [row] } = await rowsAt(omni);
  assert.deepEqual(row?.call_request_id, { id: json?.requestId, type_of_request: "Call" });
  assert.notEqual(row?.id, json?.requestId);
  assert.equal(row?.to_number, "+919812345678");
  assert.equal(row?.call_direction, "outbound");
  assert.equal(row?.call_status, "completed");
  assert.match(row?.time_of_call as string, /^\d{2}\/\d{2}\/\d{4} \d{2}:\d{2}:\d{2}$/);
  assert.equal(row?.call_duration_in_seconds, 90);
  assert.match(row?.recording_url as string, /^https:/);
  assert.equal(row?.is_voicemail, false);
  const others = ["from_number", "hangup_reason", "sentiment_score", "extracted_variables"];
  assert.ok([...others, "call_cost"].every((name) => row && name in row));
});

Deno.test("the log's row of an unanswered call says false where there is nothing", async () => {
  await using omni = await startSimulatedOmni();
  await postDispatch(omni);
  omni.lines.endAll("no_answer");
  const { rows: [row] } = await rowsAt(omni);
  assert.equal(row?.call_duration_in_seconds, 0);
  assert.equal(row?.recording_url, false);
  assert.equal(row?.hangup_reason, false);
});

Deno.test("the log has the call placed last on top, whichever ended first", async () => {
  await using omni = await startSimulatedOmni();
  const [one = 0, two = 0, three = 0] = await callAll(omni, 3);
  for (const requestId of [two, three, one]) omni.lines.end(requestId);
  const { rows } = await rowsAt(omni);
  const numbers = rows.map((row) => row.to_number);
  assert.deepEqual(numbers, ["+919800000012", "+919800000011", "+919800000010"]);
});

Deno.test("the log is read by pages, 30 rows unless told", async () => {
  await using omni = await startSimulatedOmni();
  await callAll(omni, 40);
  omni.lines.endAll();
  assert.equal((await rowsAt(omni)).rows.length, 30);
  const { rows, total } = await rowsAt(omni, "?pageno=3&pagesize=15");
  assert.equal(total, 40);
  assert.deepEqual(
    rows.map((row) => row.to_number),
    Array.from({ length: 10 }, (_, at) => `+9198000000${19 - at}`),
  );
  assert.deepEqual((await rowsAt(omni, "?pageno=9")).rows, []);
});

for (const query of ["pageno=0", "pageno=x", "pagesize=0", "pagesize=151", "pagesize=1.5"]) {
  Deno.test(`the log with ${query} is 400`, async () => {
    await using omni = await startSimulatedOmni();
    const { status, json } = await getFrom(omni, `/calls/logs?${query}`);
    assert.equal(status, 400);
    assert.ok(String(json.error_description).startsWith(query.split("=")[0] ?? "?"));
  });
}

Deno.test("the log is filtered by agentid, and not by agent_id", async () => {
  await using omni = await startSimulatedOmni({ agentId: 4711 });
  await postDispatch(omni);
  omni.lines.endAll();
  assert.equal((await rowsAt(omni, "?agentid=4711")).total, 1);
  assert.equal((await rowsAt(omni, "?agentid=4712")).total, 0);
  assert.equal((await rowsAt(omni, "?agent_id=4712")).total, 1);
});

Deno.test("the log is filtered by call_status in any spelling", async () => {
  await using omni = await startSimulatedOmni();
  const [one = 0, two = 0] = await callAll(omni, 2);
  omni.lines.end(one, "no_answer");
  omni.lines.end(two, "completed");
  for (const spelling of ["no_answer", "no-answer", "No%20Answer"]) {
    const { rows, total } = await rowsAt(omni, `?call_status=${spelling}`);
    assert.equal(total, 1);
    assert.equal(rows[0]?.to_number, "+919800000010");
  }
});

for (
  const [statusSpelling, spelled] of [
    ["snake", "voicemail_detected"],
    ["kebab", "voicemail-detected"],
    ["title", "Voicemail Detected"],
  ] as const
) {
  Deno.test(`the log spells a status in ${statusSpelling} when asked for`, async () => {
    await using omni = await startSimulatedOmni({ statusSpelling });
    await postDispatch(omni);
    omni.lines.endAll("voicemail_detected");
    const { rows: [row] } = await rowsAt(omni);
    assert.equal(row?.call_status, spelled);
    assert.equal(row?.is_voicemail, true);
  });
}

Deno.test("the log writes times in its own zone", async () => {
  await using omni = await startSimulatedOmni({ logTimeZone: "Asia/Kolkata" });
  await postDispatch(omni);
  omni.lines.endAll();
  const { rows: [row] } = await rowsAt(omni);
  const [, month, day, year, time] = /^(\d+)\/(\d+)\/(\d+) (.*)$/.exec(String(row?.time_of_call)) ??
    [];
  const aheadMs = Date.parse(`${year}-${month}-${day}T${time}Z`) - Date.now();
  assert.ok(Math.abs(aheadMs - 5.5 * 3_600_000) < 5_000, `ahead ${aheadMs} ms`);
});

Deno.test("a call leaves as many rows as asked for: none, or two of one request", async () => {
  await using omni = await startSimulatedOmni({
    logRowsOf: (call) => call.ring?.ordinal === 1 ? 0 : 2,
  });
  const [, two] = await callAll(omni, 2);
  omni.lines.endAll();
  const { rows } = await rowsAt(omni);
  assert.equal(rows.length, 2);
  assert.notEqual(rows[0]?.id, rows[1]?.id);
  assert.ok(rows.every((row) => (row.call_request_id as { id: number }).id === two));
});

Deno.test("one row of the log is found by its id; an unknown id is an empty envelope", async () => {
  await using omni = await startSimulatedOmni();
  await callAll(omni, 2);
  omni.lines.endAll();
  const { rows: [newest] } = await rowsAt(omni);
  const found = await getFrom(omni, `/calls/logs/${newest?.id}`);
  assert.deepEqual(found.json, { call_log_data: [newest], total_records: 1 });
  const unknown = await getFrom(omni, "/calls/logs/1");
  assert.equal(unknown.status, 200);
  assert.deepEqual(unknown.json, { call_log_data: [], total_records: 0 });
});

Deno.test("the log needs the key", async () => {
  await using omni = await startSimulatedOmni();
  assert.equal((await getFrom(omni, "/calls/logs", "wrong")).status, 401);
  assert.equal((await getFrom(omni, "/calls/logs/1", "wrong")).status, 401);
});

Deno.test("the log tells what was said in a call", async () => {
  await using omni = await startSimulatedOmni({
    talk: () => ({ sentiment: "Positive", extractedVariables: { day: "Monday" } }),
  });
  await callAll(omni, 2);
  omni.lines.end(omni.ledger.rings()[0]?.requestId ?? 0, "no_answer");
  omni.lines.endAll("completed");
  const { rows } = await rowsAt(omni);
  assert.deepEqual(rows.map((row) => [row.sentiment_score, row.extracted_variables]), [
    ["Positive", { day: "Monday" }],
    [false, false],
  ]);
});

Deno.test("rows can come late into the log", async () => {
  await using omni = await startSimulatedOmni({ logDelayMs: 60_000, timeFactor: 600 });
  await postDispatch(omni);
  omni.lines.endAll();
  assert.equal((await rowsAt(omni)).total, 0);
  const { rows } = await eventually("a row in the log", async () => {
    const found = await rowsAt(omni);
    return found.rows.length > 0 ? found : undefined;
  });
  assert.equal(rows[0]?.to_number, "+919812345678");
});

Deno.test("rows can come without the id of their request", async () => {
  await using omni = await startSimulatedOmni({ logRequestId: false });
  await postDispatch(omni);
  omni.lines.endAll();
  const { rows: [row] } = await rowsAt(omni);
  assert.deepEqual(row?.call_request_id, { id: false, type_of_request: false });
});

// Newer releases of Deno look for leaks only when they are told to.
const strict = { sanitizeOps: true, sanitizeResources: true };
Deno.test("stopping leaves no late row waiting", strict, async () => {
  const omni = await startSimulatedOmni({ logDelayMs: 60_000 });
  await postDispatch(omni);
  omni.lines.endAll();
  await omni.stop();
});

import assert from "node:assert/strict";
import type { LoggedCall } from "../../../supabase/functions/call-dispatch/call_log.ts";
import { parseCallLog } from "../../../supabase/functions/call-dispatch/parse_call_log.ts";

const ROW = {
  id: 812345,
  call_request_id: { id: 3166940, type_of_request: "Call" },
  bot_name: "Asha",
  to_number: "+919812345678",
  from_number: "+14155550100",
  call_direction: "outbound",
  call_status: "completed",
  time_of_call: "01/14/2026 17:30:05",
  call_duration_in_seconds: 61,
  recording_url: "https://rec.example/812345.mp3",
  is_voicemail: false,
  hangup_reason: "customer_hangup",
  sentiment_score: "Neutral",
  extracted_variables: { callback_time: "tomorrow at 10" },
  call_cost: 0.061,
};

function read(...rows: unknown[]) {
  return parseCallLog(JSON.stringify({ call_log_data: rows, total_records: rows.length }));
}

function readRow(changes: Record<string, unknown>): LoggedCall {
  const row = read({ ...ROW, ...changes })?.rows[0];
  assert.ok(row !== undefined, JSON.stringify(changes));
  return row;
}

Deno.test("parse call log: a row is read with everything that settling needs", () => {
  assert.deepEqual(read(ROW), {
    received: 1,
    total: 1,
    rows: [{
      callId: "812345",
      requestId: "3166940",
      toNumber: "+919812345678",
      direction: "outbound",
      wallClockMs: Date.UTC(2026, 0, 14, 17, 30, 5),
      outcome: "completed",
      reportedStatus: "completed",
      durationSeconds: 61,
      recordingUrl: "https://rec.example/812345.mp3",
      extractedVariables: { callback_time: "tomorrow at 10" },
      cost: 0.061,
    }],
  });
});

Deno.test("parse call log: what is absent is null, whether false, null, left out or nonsense", () => {
  const nothing = {
    callId: "1",
    requestId: null,
    toNumber: null,
    direction: null,
    wallClockMs: null,
    outcome: null,
    reportedStatus: null,
    durationSeconds: null,
    recordingUrl: null,
    extractedVariables: null,
    cost: null,
  };
  const names = Object.keys(ROW).filter((name) => name !== "id");
  const { rows = [] } = read(
    { id: 1 },
    { id: 1, ...Object.fromEntries(names.map((name) => [name, false])) },
    { id: 1, ...Object.fromEntries(names.map((name) => [name, null])) },
    { id: 1, ...Object.fromEntries(names.map((name) => [name, []])), call_direction: "" },
  ) ?? {};
  assert.equal(rows.length, 4);
  for (const { direction, ...row } of rows) {
    assert.deepEqual({ ...row, direction }, nothing);
  }
});

const fields: [string, Record<string, unknown>, Partial<LoggedCall>][] = [
  ["a cost as text", { call_cost: " 0.25 " }, { cost: 0.25 }],
  ["a cost of nothing", { call_cost: 0 }, { cost: 0 }],
  ["a cost below nothing", { call_cost: -1 }, { cost: null }],
  ["a cost beyond belief", { call_cost: 1e300 }, { cost: null }],
  ["a cost in words", { call_cost: "1e3" }, { cost: null }],
  ["a bare request id", { call_request_id: 7 }, { requestId: "7" }],
  ["a request id as text", { call_request_id: { id: "7" } }, { requestId: "7" }],
  ["an object without a request id", { call_request_id: { id: false } }, { requestId: null }],
  ["an empty object for a request id", { call_request_id: {} }, { requestId: null }],
  ["a request id that is none", { call_request_id: { id: 1.5 } }, { requestId: null }],
  ["a negative request id", { call_request_id: -1 }, { requestId: null }],
  ["a row's id as text", { id: "9" }, { callId: "9" }],
  ["a number without a plus", { to_number: "919812345678" }, { toNumber: "919812345678" }],
  ["a number that is a number", { to_number: 919812345678 }, { toNumber: "919812345678" }],
  ["a direction in capitals", { call_direction: "Inbound" }, { direction: "inbound" }],
  ["another direction", { call_direction: "chat" }, { direction: "other" }],
  ["a spelling with a dash", { call_status: "no-answer" }, {
    outcome: "no_answer",
    reportedStatus: "no-answer",
  }],
  ["a spelling with a space", { call_status: "No Answer" }, { outcome: "no_answer" }],
  ["a status that is not known", { call_status: "in-progress" }, {
    outcome: null,
    reportedStatus: "in-progress",
  }],
  ["a voicemail", { is_voicemail: true }, { outcome: "voicemail_detected" }],
  ["a voicemail that nobody answered", { is_voicemail: true, call_status: "no_answer" }, {
    outcome: "no_answer",
  }],
  ["a time in another form", { time_of_call: "2026-01-14 17:30:05" }, { wallClockMs: null }],
  ["a day that is none", { time_of_call: "02/30/2026 10:00:00" }, { wallClockMs: null }],
  ["a month that is none", { time_of_call: "13/01/2026 10:00:00" }, { wallClockMs: null }],
  ["an hour that is none", { time_of_call: "01/14/2026 24:00:00" }, { wallClockMs: null }],
  ["a fraction of a second", { call_duration_in_seconds: 60.6 }, { durationSeconds: 61 }],
  ["a negative duration", { call_duration_in_seconds: -1 }, { durationSeconds: null }],
  ["a call without an end", { call_duration_in_seconds: 1e9 }, { durationSeconds: null }],
  ["an address that is none", { recording_url: "javascript:alert(1)" }, { recordingUrl: null }],
  ["an endless address", { recording_url: `https://x/${"y".repeat(3_000)}` }, {
    recordingUrl: null,
  }],
];
for (const [name, given, told] of fields) {
  Deno.test(`parse call log: ${name} is read as ${JSON.stringify(told)}`, () => {
    const row = readRow(given);
    for (const [field, value] of Object.entries(told)) {
      assert.equal(row[field as keyof LoggedCall], value);
    }
  });
}

Deno.test("parse call log: of the extracted variables the plain ones are kept, cut and storable", () => {
  const many = Object.fromEntries(Array.from({ length: 80 }, (_, at) => [`v${at}`, at]));
  const { extractedVariables } = readRow({
    extracted_variables: {
      text: "x".repeat(5_000),
      null_character: "a\u0000b",
      half: "\ud800",
      yes: true,
      none: null,
      nested: { a: 1 },
      list: [1],
      ["n".repeat(101)]: 1,
      ...many,
    },
  });
  assert.equal(Object.keys(extractedVariables ?? {}).length, 50);
  assert.equal(String(extractedVariables?.text).length, 1_000);
  assert.equal(extractedVariables?.null_character, "a\ufffdb");
  assert.equal(extractedVariables?.half, "\ufffd");
  assert.equal(extractedVariables?.yes, true);
  assert.equal(extractedVariables?.none, null);
  assert.ok(!("nested" in extractedVariables!) && !("list" in extractedVariables!));
  const odd = JSON.parse('{"__proto__": "x", "a": 1}');
  const kept = readRow({ extracted_variables: odd }).extractedVariables;
  assert.deepEqual(Object.keys(kept ?? {}), ["__proto__", "a"]);
});

Deno.test("parse call log: a bad row is left out and counted, and does not spoil the page", () => {
  const bad = [null, 5, "row", [], {}, { ...ROW, id: false }, { ...ROW, id: -1 }];
  const page = read(bad[0], ROW, ...bad.slice(1));
  assert.equal(page?.received, 8);
  assert.deepEqual(page?.rows.map(({ callId }) => callId), ["812345"]);
});

Deno.test("parse call log: an empty log is a page, and a total that is none is not told", () => {
  const empty = { rows: [], received: 0 };
  assert.deepEqual(read(), { ...empty, total: 0 });
  for (const total of [undefined, null, false, "12", -1, 1.5]) {
    const text = JSON.stringify({ call_log_data: [], total_records: total });
    assert.deepEqual(parseCallLog(text), { ...empty, total: null });
  }
});

const rubbish = [
  "",
  "null",
  "[]",
  "12",
  '"page"',
  "{}",
  '{"error":"unauthorized"}',
  '{"success":false,"call_log_data":null}',
  '{"call_log_data":false,"total_records":0}',
  '{"call_log_data":{"0":{}},"total_records":1}',
  '{"call_log_data":[],"total_records":',
  "<!DOCTYPE html><title>502</title>",
];
for (const text of rubbish) {
  Deno.test(`parse call log: ${text || "nothing"} is not understood`, () => {
    assert.equal(parseCallLog(text), null);
  });
}

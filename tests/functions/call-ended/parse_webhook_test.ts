import assert from "node:assert/strict";
import type { CallEvent } from "../../../supabase/functions/_shared/call_event.ts";
import { parseWebhook } from "../../../supabase/functions/call-ended/parse_webhook.ts";
import type { Reporter } from "../../../supabase/functions/call-ended/reporter.ts";
import { BadReport } from "../../../supabase/functions/call-ended/webhook_body.ts";
import { ATTEMPT_ID } from "./start_handler.ts";

const OTHER_ATTEMPT_ID = "5c9d1d7e-2f60-4c1e-8a44-0f2f6f1f9b11";
const ofCall: Reporter = { kind: "call", attemptId: ATTEMPT_ID };
const ofAgent: Reporter = { kind: "agent" };

const NOTHING: CallEvent = {
  source: "webhook",
  call_id: null,
  attempt_id: null,
  request_id: null,
  direction: null,
  to_number: null,
  outcome: null,
  reported_status: null,
  duration_seconds: null,
  recording_url: null,
  summary: null,
  extracted_variables: null,
};

Deno.test("parse webhook: everything that Omni tells is taken, but for the transcript", () => {
  const body = {
    call_id: 812_345,
    call_request_id: 3_166_940,
    bot_id: 4711,
    bot_name: "Agent",
    phone_number: "+919800000000",
    to_number: "+919812345678",
    from_number: "+14155552671",
    call_direction: "outbound",
    call_date: "2026-11-24 14:00:00",
    call_duration: 61.6,
    call_status: "completed",
    recording_url: "https://omni.example/r/5?sig=a%2Fb",
    metadata: { attempt_id: ATTEMPT_ID },
    call_report: {
      summary: "Wants a flat.",
      sentiment: "positive",
      extracted_variables: { callback_time: "tomorrow at 10 am" },
      full_conversation: "LLM: Hello",
      interactions: [{ user_query: "Yes" }],
    },
  };
  assert.deepEqual(parseWebhook(body, ofCall), {
    source: "webhook",
    call_id: "812345",
    attempt_id: ATTEMPT_ID,
    request_id: "3166940",
    direction: "outbound",
    to_number: "+919812345678",
    outcome: "completed",
    reported_status: "completed",
    duration_seconds: 62,
    recording_url: "https://omni.example/r/5?sig=a%2Fb",
    summary: "Wants a flat.",
    extracted_variables: { callback_time: "tomorrow at 10 am" },
  });
});

Deno.test("parse webhook: a payload of the older form is taken", () => {
  const body = {
    call_id: 5,
    bot_id: 4711,
    bot_name: "Agent",
    phone_number: "+919812345678",
    call_date: "2026-11-24",
    user_email: "owner@account.invalid",
    call_report: { summary: "Short." },
  };
  assert.deepEqual(parseWebhook(body, ofAgent), {
    ...NOTHING,
    call_id: "5",
    to_number: "+919812345678",
    summary: "Short.",
  });
});

for (const absent of [false, null, ""]) {
  Deno.test(`parse webhook: ${JSON.stringify(absent)} is nothing told, in every field`, () => {
    const names = [
      ...["call_id", "call_request_id", "phone_number", "to_number", "call_direction"],
      ...["call_duration", "call_status", "recording_url", "metadata"],
    ];
    const body = Object.fromEntries(names.map((name) => [name, absent]));
    const report = { summary: absent, extracted_variables: absent };
    assert.deepEqual(parseWebhook({ ...body, call_report: absent }, ofAgent), NOTHING);
    assert.deepEqual(parseWebhook({ ...body, call_report: report }, ofAgent), NOTHING);
    assert.deepEqual(parseWebhook({ metadata: { attempt_id: absent } }, ofAgent), NOTHING);
  });
}

Deno.test("parse webhook: nothing at all is an event that tells nothing", () => {
  assert.deepEqual(parseWebhook({}, ofAgent), NOTHING);
  assert.deepEqual(parseWebhook({}, ofCall), { ...NOTHING, attempt_id: ATTEMPT_ID });
});

/** A field, what it is sent as, and what is taken. */
type Row = [string, unknown, unknown];

function check(field: keyof CallEvent, rows: Row[]): void {
  for (const [name, sent, taken] of rows) {
    const event = parseWebhook({ [name]: sent }, ofAgent);
    assert.deepEqual(event, { ...event, [field]: taken }, `${name}: ${JSON.stringify(sent)}`);
    assert.deepEqual(Object.keys(event), Object.keys(NOTHING));
  }
}

const BAD_IDS = [
  ...[0, -5, 1.5, 2 ** 53, 1e300, Infinity, true, "", "abc", "1.5", "-1", "0x10", "1e3", "0"],
  ...["1".repeat(21), [5], [], {}, "٤٢"],
];

Deno.test("parse webhook: an id is an integer or its digits", () => {
  const good: [unknown, string][] = [
    [5, "5"],
    ["5", "5"],
    [" 007 ", "7"],
    [2 ** 53 - 1, "9007199254740991"],
    ["9007199254740993", "9007199254740993"],
  ];
  for (const [sent, taken] of good) {
    check("call_id", [["call_id", sent, taken]]);
    check("request_id", [["call_request_id", sent, taken], [
      "call_request_id",
      { id: sent, type_of_request: "Call" },
      taken,
    ]]);
  }
  for (const bad of BAD_IDS) {
    check("call_id", [["call_id", bad, null]]);
    check("request_id", [["call_request_id", bad, null], ["call_request_id", { id: bad }, null]]);
  }
  check("call_id", [["call_id", { id: 5 }, null]]);
  check("request_id", [["call_request_id", { id: false, type_of_request: false }, null]]);
});

Deno.test("parse webhook: a status is known in any spelling", () => {
  for (const spelling of ["no_answer", "no-answer", "No Answer", " NO_ANSWER "]) {
    const { outcome, reported_status } = parseWebhook({ call_status: spelling }, ofAgent);
    assert.deepEqual([outcome, reported_status], ["no_answer", spelling.trim()]);
  }
  for (
    const outcome of ["completed", "voicemail_detected", "failed", "busy", "cancelled"] as const
  ) {
    check("outcome", [["call_status", outcome, outcome]]);
  }
});

Deno.test("parse webhook: a status that is not known is kept as it was spelled, cut", () => {
  const { outcome, reported_status } = parseWebhook({ call_status: "x".repeat(200) }, ofAgent);
  assert.deepEqual([outcome, reported_status], [null, "x".repeat(100)]);
  check("reported_status", [["call_status", 5, null], ["call_status", {}, null]]);
});

Deno.test("parse webhook: a duration is a number of seconds of at most a day", () => {
  check("duration_seconds", [
    ["call_duration", 0, 0],
    ["call_duration", -0, 0],
    ["call_duration", "62", 62],
    ["call_duration", "61.5", 62],
    ["call_duration", 86_400, 86_400],
    ["call_duration", 86_401, null],
    ["call_duration", -0.1, null],
    ["call_duration", 1e400, null],
    ["call_duration", "NaN", null],
    ["call_duration", "Infinity", null],
    ["call_duration", "1:02", null],
    ["call_duration", "1e3", null],
    ["call_duration", true, null],
    ["call_duration", [5], null],
  ]);
});

Deno.test("parse webhook: a recording is at an address of the web, or nowhere", () => {
  const long = `https://omni.example/${"x".repeat(1_979)}`;
  check("recording_url", [
    ["recording_url", "http://omni.example/a", "http://omni.example/a"],
    ["recording_url", long, long],
    ["recording_url", `${long}x`, null],
    ["recording_url", "javascript:alert(1)", null],
    ["recording_url", "data:text/html,x", null],
    ["recording_url", "//omni.example/a", null],
    ["recording_url", "https://", null],
    ["recording_url", "https://omni.example:99999/", null],
    ["recording_url", "https://omni.example/ <script>", null],
    ["recording_url", "https://omni.example/\u0000", null],
    ["recording_url", "https://omni.example/\ud800", null],
    ["recording_url", "xhttps://omni.example/", null],
    ["recording_url", {}, null],
  ]);
});

Deno.test("parse webhook: a direction is outbound, inbound, other or not told", () => {
  check("direction", [
    ["call_direction", "outbound", "outbound"],
    ["call_direction", " Inbound ", "inbound"],
    ["call_direction", "chat", "other"],
    ["call_direction", "  ", null],
    ["call_direction", 5, "other"],
    ["call_direction", true, "other"],
    ["call_direction", { toString: 1 }, "other"],
    ["call_direction", [], "other"],
  ]);
});

Deno.test("parse webhook: a number is kept as text, cut", () => {
  check("to_number", [
    ["to_number", "+919812345678", "+919812345678"],
    ["to_number", 919_812_345_678, "919812345678"],
    ["to_number", "9".repeat(31), "9".repeat(30)],
    ["to_number", {}, null],
    ["to_number", 1.5, null],
    ["phone_number", "+919812345678", "+919812345678"],
  ]);
  assert.equal(parseWebhook({ to_number: "1", phone_number: "2" }, ofAgent).to_number, "1");
});

Deno.test("parse webhook: a summary is cut, and never inside a character", () => {
  const summaryOf = (summary: unknown) =>
    parseWebhook({ call_report: { summary } }, ofAgent).summary;
  assert.equal(summaryOf("x".repeat(4_001)), "x".repeat(4_000));
  assert.equal(summaryOf("x".repeat(3_999) + "😀"), "x".repeat(3_999) + "\uFFFD");
  assert.equal(summaryOf("a\u0000b\ud800"), "a\uFFFDb\uFFFD");
  const sql = "'); drop table public.leads; --";
  assert.equal(summaryOf(sql), sql);
});

Deno.test("parse webhook: the agent's own webhook names the attempt in the metadata, or none", () => {
  const attemptOf = (metadata: unknown) => parseWebhook({ metadata }, ofAgent).attempt_id;
  assert.equal(attemptOf({ attempt_id: ATTEMPT_ID.toUpperCase() }), ATTEMPT_ID);
  for (const bad of [5, "5", {}, [ATTEMPT_ID], { attempt_id: "x" }, { attempt_id: [ATTEMPT_ID] }]) {
    assert.equal(attemptOf(bad), null);
  }
});

Deno.test("parse webhook: at a call's own address no other attempt can be named", () => {
  const parse = (attempt_id: unknown) => parseWebhook({ metadata: { attempt_id } }, ofCall);
  assert.throws(
    () => parse(OTHER_ATTEMPT_ID),
    (error) => error instanceof BadReport && error.status === 400,
  );
  for (const same of [ATTEMPT_ID, ATTEMPT_ID.toUpperCase(), "no id", null]) {
    assert.equal(parse(same).attempt_id, ATTEMPT_ID);
  }
});

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type CallOutcome,
  judgeReply,
} from "../../../supabase/functions/call-dispatch/call_outcome.ts";

type Expected = "accepted" | "busy" | "halt" | "refused" | "unknown" | "unknown, server error";

function judge(httpStatus: number, body: unknown): CallOutcome {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return judgeReply({ kind: "reply", httpStatus, text });
}

function nameOf(outcome: CallOutcome): string {
  return outcome.kind === "unknown" && outcome.serverError ? "unknown, server error" : outcome.kind;
}

const HTML = "<!DOCTYPE html><html><body><h1>Error</h1></body></html>";
const LINES_BUSY = "Concurrency call limit exceeded";
const accepted = { success: true, status: "dispatched", requestId: 3166940 };
const said = (error: string) => ({ error, error_description: `It is ${error}` });

const cases: [name: string, httpStatus: number, body: unknown, expected: Expected][] = [
  ["success", 200, { ...accepted, custom_variables_count: 1 }, "accepted"],
  ["success and nothing else", 200, { success: true, requestId: 1 }, "accepted"],
  ["success with another status", 201, accepted, "accepted"],
  ["success with an error's status", 400, accepted, "accepted"],
  ["success with a redirect's status", 302, accepted, "accepted"],
  ["success with a server error's status", 500, accepted, "accepted"],
  ["success with an error text beside it", 200, { ...accepted, error: LINES_BUSY }, "accepted"],
  ["success with blanks around it", 200, `\n ${JSON.stringify(accepted)}\n`, "accepted"],
  ["the largest id", 200, { ...accepted, requestId: Number.MAX_SAFE_INTEGER }, "accepted"],

  ["an id that is missing", 200, { success: true }, "unknown"],
  ["an id spelled otherwise", 200, { success: true, request_id: 3166940 }, "unknown"],
  ["an id that is null", 200, { success: true, requestId: null }, "unknown"],
  ["an id that is false", 200, { success: true, requestId: false }, "unknown"],
  ["an id that is true", 200, { success: true, requestId: true }, "unknown"],
  ["an id that is a string", 200, { success: true, requestId: "3166940" }, "unknown"],
  ["an id that is no whole number", 200, { success: true, requestId: 3166940.5 }, "unknown"],
  ["an id of zero", 200, { success: true, requestId: 0 }, "unknown"],
  ["a negative id", 200, { success: true, requestId: -3166940 }, "unknown"],
  ["an id too large to be exact", 200, '{"success":true,"requestId":9007199254740993}', "unknown"],
  ["an id beyond all numbers", 200, '{"success":true,"requestId":1e400}', "unknown"],
  ["an id in a list", 200, { success: true, requestId: [3166940] }, "unknown"],
  ["an id in an object", 200, { success: true, requestId: { id: 3166940 } }, "unknown"],
  ["success without an id and a client error", 401, { success: true }, "unknown"],
  ["success without an id and 429", 429, { success: true }, "unknown"],

  ["an empty body", 200, "", "unknown"],
  ["an empty body, as the status says", 204, "", "unknown"],
  ["blanks", 200, " \n", "unknown"],
  ["HTML", 200, HTML, "unknown"],
  ["almost JSON", 200, `{"success":tru, 'requestId': 5}`, "unknown"],
  ["half of a success", 200, '{"success":true,"requestId":31669', "unknown"],
  ["a success and something behind it", 200, `${JSON.stringify(accepted)}}`, "unknown"],
  ["null characters", 200, "\u0000\u0000", "unknown"],
  ["null", 200, "null", "unknown"],
  ["true", 200, "true", "unknown"],
  ["a number", 200, "3166940", "unknown"],
  ["a string", 200, '"dispatched"', "unknown"],
  ["an empty object", 200, {}, "unknown"],
  ["an empty list", 200, [], "unknown"],
  ["a list of one success", 200, [accepted], "unknown"],
  ["two rows", 200, [accepted, { ...accepted, requestId: 3166941 }], "unknown"],
  ["a list of a refusal", 200, [{ success: false, error: "blocked" }], "unknown"],
  ["a success inside another object", 200, { data: accepted }, "unknown"],
  ["a success inside body", 200, { body: accepted, statusCode: 200 }, "unknown"],
  ["an id without success", 200, { requestId: 3166940 }, "unknown"],
  ["success that is a string", 200, { ...accepted, success: "true" }, "unknown"],
  ["success that is a number", 200, { ...accepted, success: 1 }, "unknown"],
  ["success that is null", 200, { ...accepted, success: null }, "unknown"],
  ["no success that is a string", 200, { success: "false", error: "blocked" }, "unknown"],
  ["an error without success, status 200", 200, said("unauthorized"), "unknown"],
  ["deep nesting", 200, "[".repeat(60_000), "unknown"],
  ["deep nesting that is closed", 200, "[".repeat(30_000) + "]".repeat(30_000), "unknown"],

  ["all lines busy", 200, { success: false, plan_expire: false, error: LINES_BUSY }, "busy"],
  ["all lines busy, without plan_expire", 200, { success: false, error: LINES_BUSY }, "busy"],
  ["all lines busy with 400", 400, { success: false, error: LINES_BUSY }, "busy"],
  ["all lines busy with 403", 403, { success: false, error: LINES_BUSY }, "busy"],
  ["all lines busy with 429", 429, { success: false, error: LINES_BUSY }, "busy"],
  ["all lines busy, shouted", 200, { success: false, error: LINES_BUSY.toUpperCase() }, "busy"],
  ["all lines busy, shorter", 200, { success: false, error: "concurrency limit" }, "busy"],
  ["all lines busy, of calls", 200, { success: false, error: "Concurrent call limit" }, "busy"],
  ["all lines busy, a sentence", 200, {
    success: false,
    error: "Your account has reached its concurrency limit.",
  }, "busy"],
  ["all lines busy, in the description", 200, {
    success: false,
    error: "limit",
    error_description: LINES_BUSY,
  }, "busy"],
  ["rate limit", 429, said("too_many_requests"), "busy"],
  ["rate limit as HTML", 429, HTML, "busy"],
  ["rate limit without a body", 429, "", "busy"],
  ["rate limit with success:false", 429, { success: false, error: "Slow down" }, "busy"],

  ["a plan that has expired", 200, { success: false, plan_expire: true, error: "Top up" }, "halt"],
  ["a plan that has expired, no text", 200, { success: false, plan_expire: true }, "halt"],
  ["a plan that has expired, with 400", 400, { success: false, plan_expire: true }, "halt"],
  ["a plan that has expired, with 429", 429, { success: false, plan_expire: true }, "halt"],
  ["a plan that has expired, lines busy too", 200, {
    success: false,
    plan_expire: true,
    error: LINES_BUSY,
  }, "halt"],
  ...[401, 402, 403, 404, 405].flatMap((status): [string, number, unknown, Expected][] => [
    [`${status} as documented`, status, said("unauthorized"), "halt"],
    [`${status} as HTML`, status, HTML, "halt"],
    [`${status} without a body`, status, "", "halt"],
    [`${status} with success:false`, status, { success: false, error: "No" }, "halt"],
  ]),
  ...[300, 301, 302, 303, 304, 307, 308].map((status): [string, number, unknown, Expected] => [
    `a redirect, ${status}`,
    status,
    "",
    "halt",
  ]),

  ["a missing field", 400, said("invalid_request"), "refused"],
  ["400 as HTML", 400, HTML, "refused"],
  ["400 without a body", 400, "", "refused"],
  ["400 with success:false", 400, { success: false, error: "No such agent" }, "refused"],
  ...[406, 409, 410, 413, 415, 418, 422, 451, 499].map((
    status,
  ): [string, number, unknown, Expected] => [
    `another client error, ${status}`,
    status,
    said("no"),
    "refused",
  ]),
  ["another refusal", 200, { success: false, plan_expire: false, error: "Blocked" }, "refused"],
  ["a refusal without a text", 200, { success: false }, "refused"],
  ["a refusal with an empty text", 200, { success: false, error: "" }, "refused"],
  ["a refusal with a text that is none", 200, { success: false, error: { code: 5 } }, "refused"],
  ["a refusal with an id", 200, { success: false, requestId: 3166940 }, "refused"],
  ["a refusal over concurrent updates, which may be more than busy lines", 200, {
    success: false,
    error: "could not serialize access due to concurrent update",
  }, "refused"],
  ["a refusal with 201", 201, { success: false, error: "Blocked" }, "refused"],

  ...[500, 501, 502, 503, 504, 520, 529, 599].flatMap((
    status,
  ): [string, number, unknown, Expected][] => [
    [`${status} as JSON`, status, said("server_error"), "unknown, server error"],
    [`${status} as HTML`, status, HTML, "unknown, server error"],
    [`${status} without a body`, status, "", "unknown, server error"],
    [`${status} as a list`, status, [accepted], "unknown, server error"],
    [`${status} with success:false`, status, { success: false }, "unknown, server error"],
  ]),
  ["success without an id and a server error", 500, { success: true }, "unknown, server error"],
  ["a server error over concurrent updates", 500, {
    success: false,
    error: "could not serialize access due to concurrent update",
  }, "unknown, server error"],
  ["a server error that blames the lines", 503, {
    success: false,
    error: LINES_BUSY,
  }, "unknown, server error"],
  ["a server error that blames the plan", 500, {
    success: false,
    plan_expire: true,
  }, "unknown, server error"],
  ["a status that is none", 600, "", "unknown, server error"],
];
for (const [name, httpStatus, body, expected] of cases) {
  Deno.test(`call outcome: ${name} (HTTP ${httpStatus}) is ${expected}`, () => {
    assert.equal(nameOf(judge(httpStatus, body)), expected);
  });
}

Deno.test("call outcome: the id is kept as text", () => {
  assert.deepEqual(judge(200, accepted), { kind: "accepted", requestId: "3166940" });
});

Deno.test("call outcome: what was not sent stays not sent, what got no reply is unknown", () => {
  assert.deepEqual(judgeReply({ kind: "not_sent", error: "Cannot reach Omni" }), {
    kind: "not_sent",
    error: "Cannot reach Omni",
  });
  assert.deepEqual(judgeReply({ kind: "no_reply", error: "Omni did not reply" }), {
    kind: "unknown",
    error: "Omni did not reply",
    serverError: false,
  });
});

const texts: [string, number, unknown, string][] = [
  ["words and status", 400, said("bad"), "bad: It is bad (HTTP 400)"],
  ["one word", 200, { success: false, error: "Blocked" }, "Blocked (HTTP 200)"],
  ["blanks", 400, { error: " ", error_description: 5 }, "Omni gave no reason (HTTP 400)"],
  ["no body", 401, "", "Omni gave no reason (HTTP 401)"],
];
for (const [name, httpStatus, body, error] of texts) {
  Deno.test(`call outcome: the reason is for an operator to read: ${name}`, () => {
    const outcome = judge(httpStatus, body);
    assert.equal("error" in outcome && outcome.error, error);
  });
}

Deno.test("call outcome: a long reason is cut and keeps the status", () => {
  const outcome = judge(400, { error: "x".repeat(50_000) });
  assert.ok("error" in outcome && outcome.error.length < 330);
  assert.match("error" in outcome ? outcome.error : "", /x \(HTTP 400\)$/);
});

Deno.test("call outcome: a phone number that Omni repeats is masked in the reason", () => {
  for (const number of ["+919812345678", "919812345678", "+91 98123 45678", "(981) 234-5678"]) {
    const outcome = judge(400, { error: `The number ${number} is not valid` });
    assert.ok(outcome.kind === "refused");
    assert.match(outcome.error, /^The number .*\*\*.* is not valid \(HTTP 400\)$/);
    assert.doesNotMatch(outcome.error.replace("HTTP 400", ""), /(\d\D{0,3}){6}/);
  }
});

const anyStatus = fc.integer({ min: 200, max: 599 });
const anyText = fc.oneof(
  fc.string(),
  fc.json(),
  fc.record({
    success: fc.oneof(fc.boolean(), fc.jsonValue()),
    requestId: fc.oneof(fc.integer(), fc.double(), fc.jsonValue()),
    plan_expire: fc.oneof(fc.boolean(), fc.jsonValue()),
    error: fc.oneof(fc.string(), fc.constant(LINES_BUSY), fc.jsonValue()),
  }, { requiredKeys: [] }).map((body) => JSON.stringify(body)),
);

Deno.test("call outcome: whatever comes is judged, and accepted only by success and an id", () => {
  fc.assert(
    fc.property(anyStatus, anyText, (httpStatus, text) => {
      const outcome = judge(httpStatus, text);
      assert.equal(outcome.kind === "accepted", hasSuccessAndId(text));
    }),
    { numRuns: 2_000 },
  );
});

function hasSuccessAndId(text: string): boolean {
  try {
    const body = JSON.parse(text);
    return !Array.isArray(body) && body?.success === true &&
      Number.isSafeInteger(body.requestId) && body.requestId > 0;
  } catch {
    return false;
  }
}

Deno.test("call outcome: without a clear refusal, status 2xx and 5xx are never dialled again", () => {
  const mayHaveRung = anyStatus.filter((status) => status < 300 || status >= 500);
  fc.assert(
    fc.property(mayHaveRung, anyText, (httpStatus, text) => {
      fc.pre(!/"success":\s*false/.test(text));
      assert.ok(["accepted", "unknown"].includes(judge(httpStatus, text).kind));
    }),
    { numRuns: 2_000 },
  );
});

import assert from "node:assert/strict";
import fc from "fast-check";
import { CALL_OUTCOMES, type CallEvent } from "../../../supabase/functions/_shared/call_event.ts";
import { agentReport, ATTEMPT_ID, report, startHandler } from "./start_handler.ts";

const KEYS = [
  ...["source", "call_id", "attempt_id", "request_id", "direction", "to_number", "outcome"],
  ...["reported_status", "duration_seconds", "recording_url", "summary", "extracted_variables"],
];

const isNull = (value: unknown) => value === null;
const isText = (longest: number) => (value: unknown) =>
  isNull(value) || (typeof value === "string" && value !== "" && value.length <= longest);
const isOneOf = (...values: unknown[]) => (value: unknown) => values.includes(value);
const matches = (pattern: RegExp) => (value: unknown) =>
  isNull(value) || pattern.test(String(value));

const RULES: Record<keyof CallEvent, (value: unknown) => boolean> = {
  source: isOneOf("webhook"),
  call_id: matches(/^[1-9]\d{0,19}$/),
  attempt_id: matches(/^[0-9a-f-]{36}$/),
  request_id: matches(/^[1-9]\d{0,19}$/),
  direction: isOneOf("outbound", "inbound", "other", null),
  to_number: isText(30),
  outcome: isOneOf(...CALL_OUTCOMES, null),
  reported_status: isText(100),
  duration_seconds: (value) =>
    isNull(value) || (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 86_400),
  recording_url: (value) => isText(2_000)(value) && matches(/^https?:\/\/\S+$/i)(value),
  summary: isText(4_000),
  extracted_variables: (value) => isNull(value) || areSmall(value as Record<string, unknown>),
};

function areSmall(variables: Record<string, unknown>): boolean {
  const entries = Object.entries(variables);
  return entries.length <= 50 && entries.every(([key, value]) => {
    const isPlain = typeof value !== "object" || value === null;
    if (key.length > 100) return false;
    if (!isPlain) return JSON.stringify(value).length <= 1_000;
    return typeof value !== "string" || value.length <= 1_000;
  });
}

/** What Postgres takes, and JSON gives back as it was. */
function isStorable(value: unknown): boolean {
  if (typeof value === "string") return value.isWellFormed() && !value.includes("\u0000");
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value === "boolean" || value === null) return true;
  return typeof value === "object" &&
    Object.entries(value).every(([key, part]) => isStorable(key) && isStorable(part));
}

function check(event: CallEvent): void {
  assert.deepEqual(Object.keys(event), KEYS);
  for (const [key, holds] of Object.entries(RULES)) {
    assert.ok(holds(event[key as keyof CallEvent]), `${key}: ${JSON.stringify(event)}`);
  }
  assert.ok(isStorable(event), JSON.stringify(event));
}

const rubbish = fc.oneof(
  fc.constantFrom<unknown>(
    ...[false, null, "", "NaN", "Infinity", "-0", -0, 1e308, -1e308, 2 ** 53, 0.1, "false", "null"],
    ...["\u0000", "\ud800", "'; drop table public.leads; --", "x".repeat(9_000), [[[[[]]]]], {}],
    ...["completed", "No Answer", "outbound", "https://omni.example/a", ATTEMPT_ID, 5, "61.5"],
    JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":1}}'),
  ),
  fc.string({ unit: "binary", maxLength: 5_000 }),
  fc.double(),
  fc.jsonValue({ maxDepth: 6 }),
);

const body = fc.record({
  call_id: rubbish,
  call_request_id: fc.oneof(rubbish, fc.record({ id: rubbish })),
  call_direction: rubbish,
  to_number: rubbish,
  phone_number: rubbish,
  call_status: rubbish,
  call_duration: rubbish,
  recording_url: rubbish,
  metadata: fc.oneof(rubbish, fc.record({ attempt_id: rubbish })),
  call_report: fc.oneof(
    rubbish,
    fc.record({
      summary: rubbish,
      extracted_variables: fc.oneof(
        rubbish,
        fc.dictionary(fc.string({ unit: "binary", maxLength: 150 }), rubbish, { maxKeys: 80 }),
      ),
    }, { requiredKeys: [] }),
  ),
}, { requiredKeys: [] });

const sent = fc.oneof(
  body,
  body.map((inner) => ({ body: inner })),
  body.map((inner) => ({ body: JSON.stringify(inner) })),
  rubbish,
).map((value) => JSON.stringify(value) ?? "");

for (
  const [name, ask] of [["a call's own address", report], ["the agent's", agentReport]] as const
) {
  Deno.test(`handler: whatever is sent to ${name}, it is stored within the limits or refused`, async () => {
    const started = startHandler();
    await fc.assert(
      fc.asyncProperty(sent, async (text) => {
        started.events.length = 0;
        const reply = await started.handle(ask(text));
        await reply.body?.cancel();
        assert.ok([200, 400].includes(reply.status), `${reply.status}`);
        assert.equal(started.events.length, reply.status === 200 ? 1 : 0);
        started.events.forEach(check);
      }),
      { numRuns: 1_000 },
    );
    assert.deepEqual(started.logged, []);
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
  });
}

Deno.test("handler: whatever text is sent, it is taken or refused", async () => {
  const started = startHandler();
  await fc.assert(fc.asyncProperty(fc.string({ unit: "binary" }), async (text) => {
    assert.ok([200, 400].includes((await started.handle(report(text))).status));
  }));
  assert.deepEqual(started.logged, []);
});

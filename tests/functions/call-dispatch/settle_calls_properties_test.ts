// A call that was placed and is said not to be rings somebody twice. Here the log is drawn at random,
// with everything that is not documented of it, and read by the same code as Omni's.
import assert from "node:assert/strict";
import fc from "fast-check";
import { ROWS_A_PAGE } from "../../../supabase/functions/call-dispatch/call_log.ts";
import { parseCallLog } from "../../../supabase/functions/call-dispatch/parse_call_log.ts";
import type { AttemptToSettle } from "../../../supabase/functions/call-dispatch/store.ts";
import { logTime } from "../../../supabase/local/simulated_omni/calls/log_time.ts";
import { attemptToSettle, HOUR, MINUTE } from "./settlement_rows.ts";
import { settle } from "./settling_world.ts";

const SECOND = 1_000;
const NUMBERS = Array.from({ length: 8 }, (_, at) => `+9198123456${at}0`);
const OTHERS = "+14155552671";

/** A call that Omni's log shows once it is written so far. Times in Unix ms. */
interface Call {
  toNumber: string;
  requestId: number | false;
  direction: string;
  startedAt: number;
  endedAt: number;
  rows: number;
}

interface Drawn {
  zone: string;
  aroundMs: number;
  /** So long after the beginning the log is read, and so far behind it is. */
  readAfterMs: number;
  lagMs: number;
  /** Between two pages so much time passes, in which the log goes on. */
  pageTakesMs: number;
  orderIsByEnd: boolean;
  dropsPlus: boolean;
  attempts: {
    atMs: number;
    number: number;
    /** Null = Omni's reply was stored, and the call is known to be ours. */
    wasPlaced: boolean | null;
    startsAfterMs: number;
    lastsMs: number;
    rows: number;
    hasId: boolean;
  }[];
  foreign: {
    atMs: number;
    number: number | null;
    direction: string;
    lastsMs: number;
    hasId: boolean;
  }[];
}

const msUpTo = (longest: number) =>
  fc.integer({ min: 0, max: longest / SECOND }).map((s) => s * SECOND);

// The nights when clocks change in America and in Europe, and one when none does.
const nights = [
  Date.UTC(2026, 2, 8, 7),
  Date.UTC(2026, 10, 1, 6),
  Date.UTC(2026, 2, 29, 1),
  Date.UTC(2026, 9, 25, 1),
  Date.UTC(2026, 0, 14, 1),
];
const zones = [
  "UTC",
  "Asia/Kolkata",
  "Asia/Kathmandu",
  "America/New_York",
  "America/St_Johns",
  "Europe/Berlin",
  "Europe/London",
];

function world(slowestStartMs: number): fc.Arbitrary<Drawn> {
  return fc.record({
    zone: fc.constantFrom(...zones),
    aroundMs: fc.tuple(fc.constantFrom(...nights), msUpTo(10 * HOUR))
      .map(([night, before]) => night - before),
    readAfterMs: msUpTo(14 * HOUR),
    lagMs: fc.oneof(fc.constant(0), msUpTo(3 * HOUR)),
    pageTakesMs: msUpTo(10 * MINUTE),
    orderIsByEnd: fc.boolean(),
    dropsPlus: fc.boolean(),
    attempts: fc.array(
      fc.record({
        atMs: msUpTo(10 * HOUR),
        number: fc.nat(NUMBERS.length - 1),
        wasPlaced: fc.constantFrom(null, null, true, false),
        startsAfterMs: msUpTo(slowestStartMs),
        lastsMs: msUpTo(25 * MINUTE),
        rows: fc.constantFrom(1, 1, 1, 2),
        hasId: fc.constantFrom(true, true, true, false),
      }),
      { minLength: 3, maxLength: 25, size: "max" },
    ),
    foreign: fc.array(
      fc.record({
        atMs: msUpTo(42 * HOUR).map((ms) => ms - 30 * HOUR),
        number: fc.oneof(
          { weight: 20, arbitrary: fc.constant(null) },
          fc.nat(NUMBERS.length - 1),
        ),
        direction: fc.constantFrom("outbound", "outbound", "inbound"),
        lastsMs: msUpTo(25 * MINUTE),
        hasId: fc.boolean(),
      }),
      { maxLength: 200, size: "max" },
    ),
  });
}

interface OpenedAttempt extends AttemptToSettle {
  wasPlaced: boolean | null;
}

/** The attempts that the database would have let be opened, and all calls. */
function build(drawn: Drawn) {
  const opened: OpenedAttempt[] = [];
  const calls: Call[] = [];
  const busyUntil = new Map<string, number>();
  let requestId = 1_000;
  for (const each of drawn.attempts.toSorted((one, other) => one.atMs - other.atMs)) {
    const toNumber = NUMBERS[each.number]!;
    const openedAt = drawn.aroundMs + each.atMs;
    if ((busyUntil.get(toNumber) ?? 0) > openedAt) continue;
    const startedAt = openedAt + each.startsAfterMs;
    const endedAt = startedAt + each.lastsMs;
    const id = ++requestId;
    // An unknown call keeps its number; a known one frees it, and is not repeated within minutes.
    busyUntil.set(
      toNumber,
      each.wasPlaced === null ? Math.max(endedAt, startedAt + 5 * MINUTE) : Infinity,
    );
    opened.push({
      ...attemptToSettle({
        attemptId: `attempt ${id}`,
        toNumber,
        openedAt,
        requestId: each.wasPlaced === null ? String(id) : null,
        status: each.wasPlaced === null ? "accepted" : "unknown",
      }),
      wasPlaced: each.wasPlaced,
    });
    if (each.wasPlaced === false) continue;
    const { rows, hasId } = each;
    calls.push({
      toNumber,
      requestId: hasId && id,
      direction: "outbound",
      startedAt,
      endedAt,
      rows,
    });
  }
  return { opened, calls: [...calls, ...foreignCalls(drawn)] };
}

function foreignCalls(drawn: Drawn): Call[] {
  return drawn.foreign.map(({ atMs, number, direction, lastsMs, hasId }, at) => ({
    toNumber: number === null ? OTHERS : NUMBERS[number]!,
    requestId: hasId && 900_000 + at,
    direction,
    startedAt: drawn.aroundMs + atMs,
    endedAt: drawn.aroundMs + atMs + lastsMs,
    rows: 1,
  }));
}

/** The log as it stands at this moment: everything is in it that ended before what it lags behind. */
function rowsAt(moment: number, calls: Call[], { lagMs, ...drawn }: Drawn) {
  const order = (call: Call) => drawn.orderIsByEnd ? call.endedAt : call.startedAt;
  return calls
    .map((call, at) => ({ call, at }))
    .filter(({ call }) => call.endedAt <= moment - lagMs)
    .sort((one, other) => order(other.call) - order(one.call) || other.at - one.at)
    .flatMap(({ call, at }) =>
      Array.from({ length: call.rows }, (_, copy) => ({
        id: 10 * at + copy + 1,
        call_request_id: { id: call.requestId, type_of_request: "Call" },
        to_number: drawn.dropsPlus ? call.toNumber.slice(1) : call.toNumber,
        call_direction: call.direction,
        call_status: "completed",
        time_of_call: logTime(call.startedAt, drawn.zone),
        call_duration_in_seconds: (call.endedAt - call.startedAt) / SECOND,
      }))
    );
}

function settleDrawn(drawn: Drawn, opened: OpenedAttempt[], calls: Call[]) {
  const now = drawn.aroundMs + drawn.readAfterMs;
  const known = opened
    .filter(({ requestId, openedAt }) => requestId !== null && openedAt <= now)
    .map(({ requestId, attemptId, openedAt }) => ({ requestId: requestId!, attemptId, openedAt }));
  return settle({
    attempts: opened.filter(({ sendingUntil }) => sendingUntil < now),
    known,
    now,
    log: ({ number }) => {
      const rows = rowsAt(now + (number - 1) * drawn.pageTakesMs, calls, drawn);
      const call_log_data = rows.slice((number - 1) * ROWS_A_PAGE, number * ROWS_A_PAGE);
      const page = parseCallLog(JSON.stringify({ call_log_data, total_records: rows.length }));
      assert.ok(page !== null);
      return { kind: "page", ...page };
    },
  });
}

Deno.test("settle calls: a call that was placed is never said not to be, slow dialler or not", async () => {
  let abandoned = 0;
  await fc.assert(
    fc.asyncProperty(world(20 * MINUTE), async (drawn) => {
      const { opened, calls } = build(drawn);
      const { verdicts, failure } = await settleDrawn(drawn, opened, calls);
      assert.equal(failure, null);
      for (const { attemptId, wasPlaced } of opened) {
        if (verdicts.get(attemptId)?.verdict !== "not_placed") continue;
        assert.equal(wasPlaced, false, attemptId);
        abandoned += 1;
      }
    }),
    { numRuns: 2_000 },
  );
  assert.ok(abandoned > 100, `only ${abandoned} were told not to be placed`);
});

Deno.test("settle calls: a call that was not placed is never found, and nothing is found twice", async () => {
  let found = 0;
  await fc.assert(
    fc.asyncProperty(world(4 * MINUTE), async (drawn) => {
      const { opened, calls } = build(drawn);
      // Nobody could tell a foreign call to the number, at that very time, from the one that was lost.
      const told = calls.filter((call) => !opened.some((attempt) => isMistakable(call, attempt)));
      const { events, failure } = await settleDrawn(drawn, opened, told);
      assert.equal(failure, null);
      const attempts = new Map(opened.map((attempt) => [attempt.attemptId, attempt]));
      for (const { attempt_id, to_number } of events) {
        const attempt = attempts.get(attempt_id ?? "");
        assert.ok(attempt !== undefined && attempt.wasPlaced !== false, `${attempt_id} was found`);
        assert.equal(to_number, attempt.toNumber);
        if (attempt.wasPlaced === true) found += 1;
      }
      const rows = events.map(({ call_id }) => call_id);
      assert.equal(new Set(rows).size, rows.length);
    }),
    { numRuns: 2_000 },
  );
  assert.ok(found > 100, `only ${found} were found by number`);
});

function isMistakable(call: Call, { wasPlaced, toNumber, openedAt, sendingUntil }: OpenedAttempt) {
  return wasPlaced === false && call.toNumber === toNumber && call.direction === "outbound" &&
    call.startedAt >= openedAt - 2 * MINUTE && call.startedAt <= sendingUntil + 10 * MINUTE;
}

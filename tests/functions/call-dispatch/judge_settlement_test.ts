import assert from "node:assert/strict";
import type { LoggedCall } from "../../../supabase/functions/call-dispatch/call_log.ts";
import { judgeSettlement } from "../../../supabase/functions/call-dispatch/judge_settlement.ts";
import { LogEvidence } from "../../../supabase/functions/call-dispatch/log_evidence.ts";
import type { AttemptToSettle } from "../../../supabase/functions/call-dispatch/store.ts";
import { attemptToSettle, HOUR, loggedCall, MINUTE, NOON, ourCall } from "./settlement_rows.ts";

interface Case {
  attempt?: Partial<AttemptToSettle>;
  /** Looked up together with it. */
  others?: Partial<AttemptToSettle>[];
  /** What is in the log besides the calls of ours. */
  rows?: LoggedCall[];
  /** When calls of ours were opened, a negative time = before noon. Default: before and after. */
  ours?: number[];
  /** How far the log's clock is from UTC, in ms. */
  offset?: number;
  now?: number;
  hasEnded?: boolean;
  isReadable?: boolean;
}

const LATER = 2 * HOUR;

function judge(
  { attempt, others = [], rows = [], ours = [-HOUR, LATER], offset = 0, ...given }: Case,
) {
  const known = ours.map((after) => ourCall(NOON + after, offset));
  const calls = [...rows, ...known.map(({ row }) => row)]
    .sort((one, other) => (other.wallClockMs ?? 0) - (one.wallClockMs ?? 0));
  const { hasEnded = true, isReadable = true, now = NOON + 3 * HOUR } = given;
  const evidence = new LogEvidence(
    { calls, hasEnded, isReadable },
    new Map(known.map((each) => [each.known.requestId, each.known])),
  );
  const attempts = [attempt, ...others].map(attemptToSettle);
  return judgeSettlement(attempts[0]!, { evidence, attempts, now });
}

function assertCannotTell(given: Case, reason: RegExp): void {
  const settlement = judge(given);
  assert.ok(settlement.kind === "cannot_tell", JSON.stringify(settlement));
  assert.match(settlement.reason, reason);
}

function assertFound(given: Case, calls: LoggedCall[]): void {
  const settlement = judge(given);
  assert.ok(settlement.kind === "found", JSON.stringify(settlement));
  assert.deepEqual(settlement.calls, calls);
}

/** A row for the attempt's number so long after noon. */
function rowAt(after: number, changes: Partial<LoggedCall> = {}): LoggedCall {
  return loggedCall({ wallClockMs: NOON + after, ...changes });
}

const accepted = { status: "accepted", requestId: "77" } as const;

for (const status of ["unknown", "accepted", "ended"] as const) {
  Deno.test(`judge settlement: ${status}: a row with its request's id is its call, whatever else it says`, () => {
    const rows = [rowAt(-30 * HOUR, { requestId: "77", toNumber: null, direction: null })];
    const attempt = { status, requestId: "77" };
    assertFound({ attempt, rows }, rows);
    assertFound({ attempt, rows, ours: [], hasEnded: false, isReadable: false }, rows);
    assertFound({ attempt, rows, now: NOON }, rows);
  });
}

Deno.test("judge settlement: of two rows for one request both are told", () => {
  const rows = [rowAt(5 * MINUTE, { requestId: "77" }), rowAt(0, { requestId: "77" })];
  assertFound({ attempt: accepted, rows }, rows);
  const sent = { ...attemptToSettle() };
  const foreign = rows.map((row) => ({ ...row, requestId: "78" }));
  assertFound({ attempt: sent, rows: foreign }, foreign);
});

Deno.test("judge settlement: until the log is read back a second row may follow the first", () => {
  const rows = [rowAt(0, { requestId: "77" })];
  assert.equal(judge({ attempt: accepted, rows, hasEnded: false }).readOn, true);
  assert.equal(judge({ attempt: accepted, rows }).readOn, false);
  // Without a clock nobody could say how far to read.
  assert.equal(judge({ attempt: accepted, rows, hasEnded: false, ours: [] }).readOn, false);
});

for (const status of ["accepted", "ended"] as const) {
  Deno.test(`judge settlement: ${status} and not in the log cannot be told, whatever the number did`, () => {
    const attempt = { status, requestId: status === "ended" ? null : "77" };
    assertCannotTell({ attempt }, /may leave no row/);
    assertCannotTell({ attempt, rows: [rowAt(0)] }, /may leave no row/);
    assertCannotTell({ attempt, hasEnded: false }, /not read back/);
  });
}

Deno.test("judge settlement: an unknown that has a request id is never found by number, nor not placed", () => {
  assertCannotTell({ attempt: { requestId: "77" } }, /may leave no row/);
  assertCannotTell({ attempt: { requestId: "77" }, rows: [rowAt(0)] }, /may leave no row/);
});

const windows: [string, number, boolean][] = [
  ["two minutes before the opening", -2 * MINUTE, true],
  ["earlier than that", -2 * MINUTE - 1_000, false],
  ["at the opening", 0, true],
  ["while it was sent", MINUTE, true],
  ["ten minutes after", 12 * MINUTE, true],
  ["later than that", 12 * MINUTE + 1_000, false],
];
for (const [name, after, isFound] of windows) {
  for (const offset of [0, 5.5 * HOUR, -8 * HOUR]) {
    Deno.test(
      `judge settlement: a call to the number ${name}, log at ${offset / HOUR} h: ${
        isFound ? "its" : "perhaps its"
      } call`,
      () => {
        const rows = [rowAt(after + offset)];
        if (isFound) assertFound({ rows, offset }, rows);
        else assertCannotTell({ rows, offset }, /near that time/);
      },
    );
  }
}

const spellings: [string | null, "found" | "cannot_tell" | "not_placed"][] = [
  ["+919812345678", "found"],
  ["919812345678", "found"],
  ["+91 98123-45678", "found"],
  ["09812345678", "cannot_tell"],
  ["12345678", "cannot_tell"],
  ["+449812345678", "cannot_tell"],
  ["+91******5678", "cannot_tell"],
  ["", "cannot_tell"],
  [null, "cannot_tell"],
  ["+919812345679", "not_placed"],
  ["+14155552671", "not_placed"],
];
for (const [toNumber, kind] of spellings) {
  Deno.test(`judge settlement: a call to ${JSON.stringify(toNumber)} at that time: ${kind}`, () => {
    assert.equal(judge({ rows: [rowAt(0, { toNumber })] }).kind, kind);
  });
}

const directions: [LoggedCall["direction"], string][] = [
  ["outbound", "found"],
  ["inbound", "not_placed"],
  ["other", "cannot_tell"],
  [null, "cannot_tell"],
];
for (const [direction, kind] of directions) {
  Deno.test(`judge settlement: direction ${direction} at that time: ${kind}`, () => {
    assert.equal(judge({ rows: [rowAt(0, { direction })] }).kind, kind);
  });
}

Deno.test("judge settlement: a foreign request to the number at that time is the call, its id being new", () => {
  const rows = [rowAt(0, { requestId: "4001" })];
  assertFound({ rows }, rows);
});

Deno.test("judge settlement: a call of ours is never another attempt's call, at the same number too", () => {
  const { known, row } = ourCall(NOON + MINUTE);
  const later = ourCall(NOON + LATER);
  const calls = [later.row, { ...row, toNumber: attemptToSettle().toNumber }];
  const evidence = new LogEvidence(
    { calls, hasEnded: true, isReadable: true },
    new Map([known, later.known].map((each) => [each.requestId, each])),
  );
  const attempts = [attemptToSettle()];
  const options = { evidence, attempts, now: NOON + 3 * HOUR };
  assert.equal(judgeSettlement(attempts[0]!, options).kind, "not_placed");
});

Deno.test("judge settlement: a call that was learnt to be this attempt's meanwhile is its call", () => {
  const { known, row } = ourCall(NOON);
  const attempt = attemptToSettle({ attemptId: known.attemptId });
  const evidence = new LogEvidence(
    { calls: [row], hasEnded: true, isReadable: true },
    new Map([[known.requestId, known]]),
  );
  const options = { evidence, attempts: [attempt], now: NOON + 3 * HOUR };
  assert.equal(judgeSettlement(attempt, options).kind, "found");
});

Deno.test("judge settlement: several requests to the number at that time cannot be told apart", () => {
  const several = /shows 2 calls to this number at that time/;
  assertCannotTell({ rows: [rowAt(0), rowAt(MINUTE)] }, several);
  assertCannotTell({ rows: [rowAt(0, { requestId: "1" }), rowAt(0)] }, several);
  const twice = [rowAt(0, { requestId: "1" }), rowAt(1_000, { requestId: "1" })];
  assertCannotTell({ rows: [...twice, rowAt(0, { requestId: "2" })] }, several);
});

Deno.test("judge settlement: a call at an uncertain moment that might be that time cannot be told", () => {
  const perhaps = /may have been to this number at that time/;
  assertCannotTell({ rows: [rowAt(0, { wallClockMs: null })] }, perhaps);
  assertCannotTell({ rows: [rowAt(0), rowAt(MINUTE, { wallClockMs: null })] }, perhaps);
});

// New York, 8 March 2026: at 07:00 UTC the clock goes from 2 to 3.
const SPRING = Date.UTC(2026, 2, 8, 7);
Deno.test("judge settlement: on the night when clocks change only what is certain counts", () => {
  const openedAt = SPRING + HOUR;
  const winter = (at: number) => ourCall(at, -5 * HOUR);
  const summer = (at: number) => ourCall(at, -4 * HOUR);
  const attempt = attemptToSettle({ openedAt });
  const row = loggedCall({ wallClockMs: openedAt - 4 * HOUR });
  const judged = (...ours: ReturnType<typeof ourCall>[]) => {
    const calls = [row, ...ours.map((each) => each.row)];
    const known = new Map(ours.map((each) => [each.known.requestId, each.known]));
    const evidence = new LogEvidence({ calls, hasEnded: true, isReadable: true }, known);
    return judgeSettlement(attempt, { evidence, attempts: [attempt], now: openedAt + 5 * HOUR })
      .kind;
  };
  assert.equal(judged(winter(SPRING - HOUR), summer(SPRING + 3 * HOUR)), "cannot_tell");
  assert.equal(judged(winter(SPRING - HOUR)), "cannot_tell");
  const both = [winter(SPRING - HOUR), summer(SPRING + 30 * MINUTE)];
  assert.equal(judged(...both, summer(SPRING + 3 * HOUR)), "found");
});

Deno.test("judge settlement: one call for which two attempts come into question is neither's", () => {
  const others = [{ attemptId: "other", openedAt: NOON + 5 * MINUTE }];
  const rows = [rowAt(6 * MINUTE)];
  const shared = /may be that of another attempt/;
  assertCannotTell({ others, rows }, shared);
  assertCannotTell({ attempt: others[0]!, others: [{}], rows }, shared);
  const far = [{ attemptId: "other", openedAt: NOON + 30 * MINUTE }];
  assertFound({ others: far, rows }, rows);
  assertFound({ others: [{ ...others[0]!, toNumber: "+14155550123" }], rows }, rows);
});

Deno.test("judge settlement: an attempt whose request is known comes into question only without an id", () => {
  const others = [{ ...accepted, attemptId: "other", openedAt: NOON + 5 * MINUTE }];
  assertCannotTell({ others, rows: [rowAt(6 * MINUTE)] }, /another attempt/);
  const rows = [rowAt(6 * MINUTE, { requestId: "4001" })];
  assertFound({ others, rows }, rows);
});

Deno.test("judge settlement: no call to the number, and the log proven complete: not placed", () => {
  const settlement = judge({});
  assert.ok(settlement.kind === "not_placed");
  assert.match(settlement.reason, /shows no call to this number/);
});

const doubts: [string, Case, RegExp][] = [
  ["no call of ours tells the zone", { ours: [] }, /time zone .* is not known/],
  ["the call might still be going on", { now: NOON + HOUR - 1 }, /still be going on/],
  ["the log was not read back", { hasEnded: false }, /not read back/],
  ["a row cannot be read", { isReadable: false }, /row .* cannot be read/],
  ["no later call proves it complete", { ours: [-HOUR, HOUR - 1] }, /No later call/],
  ["no later call, but one of ours at the time", { ours: [-HOUR, 0] }, /No later call/],
  ["no earlier call proves it the right log", { ours: [3 * MINUTE, LATER] }, /No earlier call/],
  ["a later call to the number", { rows: [rowAt(50 * MINUTE)] }, /near that time/],
  ["a call to the number an hour before", { rows: [rowAt(-HOUR)] }, /near that time/],
  ["the number was called a day before", { rows: [rowAt(-26 * HOUR)] }, /near that time/],
  ["the number was called a day after it", { rows: [rowAt(27 * HOUR)] }, /near that time/],
  [
    "a row that may mean the number stands near",
    { rows: [rowAt(-20 * HOUR, { toNumber: null, direction: null })] },
    /near that time/,
  ],
];
for (const [name, given, reason] of doubts) {
  Deno.test(`judge settlement: never not placed while ${name}`, () => {
    assertCannotTell(given, reason);
  });
}

const settled: [string, Case][] = [
  ["a later call of ours was opened just when it is over", { ours: [-HOUR, HOUR] }],
  ["it is just over", { now: NOON + HOUR, ours: [-HOUR, HOUR] }],
  ["the earlier call of ours was opened with it", { ours: [0, LATER] }],
  ["the number was called long before", { rows: [rowAt(-26 * HOUR - 1_000)] }],
  ["the number was called long after", { rows: [rowAt(27 * HOUR + 1_000)] }],
  ["the number called us", { rows: [rowAt(0, { direction: "inbound" })] }],
  ["others were called at that time", { rows: [rowAt(0, { toNumber: "+4930123456" })] }],
  ["the log is at +05:30", { offset: 5.5 * HOUR }],
];
for (const [name, given] of settled) {
  Deno.test(`judge settlement: not placed though ${name}`, () => {
    assert.equal(judge(given).kind, "not_placed", JSON.stringify(judge(given)));
  });
}

// London, 24 October 2026, two minutes before midnight: that night the clock goes back from 2 to 1.
Deno.test("judge settlement: a call that a misread zone moves out of its hour is no proof of absence", () => {
  const openedAt = Date.UTC(2026, 9, 24, 22, 59, 58);
  const summer = openedAt + HOUR;
  const rows = [
    { requestId: "1003", wallClockMs: Date.UTC(2026, 9, 25, 1), openedAt: openedAt + 6_920_000 },
    // A slow dialler: it seems to have begun at once, on a clock that is a quarter further ahead.
    { requestId: "1001", wallClockMs: summer + 901_000, openedAt },
    { requestId: "4001", wallClockMs: summer + 1_000, openedAt: null },
    { requestId: "1002", wallClockMs: summer, openedAt },
  ];
  const calls = rows.map(({ requestId, wallClockMs }) =>
    loggedCall({
      requestId,
      wallClockMs,
      toNumber: requestId === "4001" ? attemptToSettle().toNumber : "+14155552671",
      durationSeconds: 0,
    })
  );
  const known = new Map(
    rows.flatMap(({ requestId, openedAt }) =>
      openedAt === null ? [] : [[requestId, { requestId, attemptId: requestId, openedAt }] as const]
    ),
  );
  const evidence = new LogEvidence({ calls, hasEnded: true, isReadable: true }, known);
  const attempt = attemptToSettle({ openedAt });
  // The guard is needed: with what is known no moment of the call lies within its hour.
  const [call] = evidence.strangersTo(attempt.toNumber);
  assert.deepEqual(call?.moments, [attempt.overBy + 1_000]);
  const options = { evidence, attempts: [attempt], now: openedAt + 7_202_000 };
  assert.equal(judgeSettlement(attempt, options).kind, "cannot_tell");
});

const zonesToReach: [string, number, boolean][] = [
  ["twelve and a half hours before", -12.5 * HOUR - 61_000, true],
  ["a minute less", -12.5 * HOUR - 60_000, false],
  ["an hour before", -HOUR, false],
];
for (const [name, after, isReached] of zonesToReach) {
  Deno.test(
    `judge settlement: a log in UTC read down to ${name}: ${isReached ? "" : "never "}not placed`,
    () => {
      const toNumber = "+4930123456";
      const rows = [0, 1, 2].map((at) => rowAt(after - at * MINUTE, { toNumber }));
      const settlement = judge({ rows, hasEnded: false });
      assert.equal(settlement.kind, isReached ? "not_placed" : "cannot_tell");
      assert.equal(settlement.readOn, !isReached);
    },
  );
}

const reaches: [string, LoggedCall[], boolean][] = [
  ["three rows from before", [-32, -33, -34].map((at) => rowAt(at * MINUTE)), true],
  ["three rows that had not ended", [-30, -33, -34].map((at) => rowAt(at * MINUTE)), false],
  ["a misdated row on top", [rowAt(-99 * HOUR), rowAt(30 * MINUTE), rowAt(20 * MINUTE)], false],
  ["rows without a time", [1, 2, 3].map(() => rowAt(0, { wallClockMs: null })), false],
  ["long calls from before", [1, 2, 3].map(() => rowAt(-HOUR, { durationSeconds: 2_400 })), false],
];
for (const [name, rows, isReached] of reaches) {
  Deno.test(`judge settlement: a log read down to ${name}: ${isReached ? "" : "not "}read back`, () => {
    const others = rows.map((row) => ({ ...row, toNumber: "+4930123456" }));
    const ours = [ourCall(NOON + LATER), ourCall(NOON)];
    const calls = [...ours.map(({ row }) => row), ...others];
    const known = new Map(ours.map((each) => [each.known.requestId, each.known]));
    const evidence = new LogEvidence({ calls, hasEnded: false, isReadable: true }, known);
    assert.equal(evidence.reachesBackTo(NOON - 30 * MINUTE), isReached);
  });
}

Deno.test("judge settlement: two rows from before do not prove that the log was read back", () => {
  const { known, row } = ourCall(NOON - 2 * HOUR);
  const calls = [rowAt(-HOUR), row];
  for (const hasEnded of [false, true]) {
    const log = { calls, hasEnded, isReadable: true };
    const evidence = new LogEvidence(log, new Map([[known.requestId, known]]));
    assert.equal(evidence.reachesBackTo(NOON - 30 * MINUTE), hasEnded);
  }
});

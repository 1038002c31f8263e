import assert from "node:assert/strict";
import { calibrateLogClock } from "../../../supabase/functions/call-dispatch/log_clock.ts";
import { HOUR, MINUTE, NOON } from "./settlement_rows.ts";

const SECOND = 1_000;

/** Known calls, as when each was opened and how far from UTC the clock was then. */
function clockOf(...calls: [openedAt: number, offset: number, startedAfter?: number][]) {
  return calibrateLogClock(calls.map(([openedAt, offset, startedAfter = 5 * SECOND]) => ({
    openedAt,
    wallClockMs: openedAt + offset + startedAfter,
  })));
}

function momentsOf(clock: ReturnType<typeof clockOf>, wallClockMs: number): number[] {
  assert.ok(clock !== null);
  return clock.momentsOf(wallClockMs).sort((one, other) => one - other);
}

const zones: [string, number][] = [
  ["UTC", 0],
  ["India, +05:30", 5.5 * HOUR],
  ["Nepal, +05:45", 5.75 * HOUR],
  ["Newfoundland, -03:30", -3.5 * HOUR],
  ["California, -08:00", -8 * HOUR],
  ["Kiribati, +14:00", 14 * HOUR],
  ["the Marquesas, -09:30", -9.5 * HOUR],
];
for (const [name, offset] of zones) {
  Deno.test(`log clock: a log in ${name} is read as it was meant`, () => {
    const clock = clockOf([NOON, offset]);
    for (const moment of [NOON - 20 * HOUR, NOON, NOON + 20 * HOUR]) {
      assert.deepEqual(momentsOf(clock, moment + offset), [moment]);
    }
  });
}

for (const startedAfter of [-120, -1, 0, 1, 60, 300]) {
  Deno.test(`log clock: a call that seems to begin ${startedAfter} s after its opening tells the zone`, () => {
    const clock = clockOf([NOON, 5.5 * HOUR, startedAfter * SECOND]);
    assert.deepEqual(momentsOf(clock, NOON + 5.5 * HOUR), [NOON]);
  });
}

for (const startedAfter of [-121, 301, 450]) {
  Deno.test(`log clock: a call that seems to begin ${startedAfter} s after its opening tells none`, () => {
    assert.equal(clockOf([NOON, 0, startedAfter * SECOND]), null);
  });
}

Deno.test("log clock: without a known call, or with one from another planet, no zone is known", () => {
  assert.equal(clockOf(), null);
  for (const offset of [-12.25 * HOUR, 14.25 * HOUR, 48 * HOUR, -400 * HOUR]) {
    assert.equal(clockOf([NOON, offset]), null);
  }
});

Deno.test("log clock: a call that tells no zone does not spoil those that do", () => {
  const clock = clockOf([NOON - HOUR, 0], [NOON, 0, 7 * MINUTE], [NOON + HOUR, 0]);
  assert.deepEqual(momentsOf(clock, NOON), [NOON]);
});

// New York, 8 March 2026: at 07:00 UTC the clock goes from 2 to 3.
const SPRING = Date.UTC(2026, 2, 8, 7);
// New York, 1 November 2026: at 06:00 UTC the clock goes back from 2 to 1.
const AUTUMN = Date.UTC(2026, 10, 1, 6);
const WINTER_OFFSET = -5 * HOUR;
const SUMMER_OFFSET = -4 * HOUR;

Deno.test("log clock: known calls on both sides of the night in spring each tell of their own side", () => {
  const clock = clockOf(
    [SPRING - 3 * HOUR, WINTER_OFFSET],
    [SPRING - HOUR, WINTER_OFFSET],
    [SPRING + HOUR, SUMMER_OFFSET],
    [SPRING + 3 * HOUR, SUMMER_OFFSET],
  );
  const before = SPRING - 90 * MINUTE;
  const after = SPRING + 90 * MINUTE;
  assert.deepEqual(momentsOf(clock, before + WINTER_OFFSET), [before]);
  assert.deepEqual(momentsOf(clock, after + SUMMER_OFFSET), [after]);
});

Deno.test("log clock: between known calls that disagree a time stands for two moments", () => {
  const clock = clockOf([SPRING - 3 * HOUR, WINTER_OFFSET], [SPRING + 3 * HOUR, SUMMER_OFFSET]);
  for (const wallClock of [SPRING - HOUR + WINTER_OFFSET, SPRING + HOUR + SUMMER_OFFSET]) {
    assert.deepEqual(momentsOf(clock, wallClock), [
      wallClock - SUMMER_OFFSET,
      wallClock - WINTER_OFFSET,
    ]);
  }
});

Deno.test("log clock: the hour that the clock shows twice in autumn is uncertain", () => {
  const clock = clockOf(
    [AUTUMN - 2 * HOUR, SUMMER_OFFSET],
    [AUTUMN + 10 * MINUTE, WINTER_OFFSET],
    [AUTUMN + 5 * HOUR, WINTER_OFFSET],
  );
  // 1:45 was before the change, and again after it; the known call of 1:10 stands between.
  const wallClock = AUTUMN - 15 * MINUTE + SUMMER_OFFSET;
  assert.deepEqual(momentsOf(clock, wallClock), [AUTUMN - 15 * MINUTE, AUTUMN + 45 * MINUTE]);
});

Deno.test("log clock: a call known just before the change settles the hour that is shown twice", () => {
  const clock = clockOf(
    [AUTUMN - 10 * MINUTE, SUMMER_OFFSET],
    [AUTUMN + 10 * MINUTE, WINTER_OFFSET],
  );
  const wallClock = AUTUMN - 30 * MINUTE + SUMMER_OFFSET;
  assert.ok(momentsOf(clock, wallClock).includes(AUTUMN - 30 * MINUTE));
});

Deno.test("log clock: a time that the clock never showed is uncertain, not without a moment", () => {
  const clock = clockOf(
    [SPRING - 9 * HOUR, WINTER_OFFSET],
    [SPRING - MINUTE, WINTER_OFFSET],
    [SPRING + MINUTE, SUMMER_OFFSET],
    [SPRING + 9 * HOUR, SUMMER_OFFSET],
  );
  const halfPastTwo = SPRING + 30 * MINUTE + WINTER_OFFSET;
  assert.deepEqual(momentsOf(clock, halfPastTwo), [SPRING - 30 * MINUTE, SPRING + 30 * MINUTE]);
});

Deno.test("log clock: beyond the last known call a time is certain until the clocks may change", () => {
  const saturday = SPRING - 16 * HOUR;
  const clock = clockOf([saturday, WINTER_OFFSET]);
  assert.deepEqual(momentsOf(clock, saturday + 4 * HOUR + WINTER_OFFSET), [saturday + 4 * HOUR]);
  for (const later of [SPRING + HOUR, SPRING + 30 * HOUR]) {
    const wallClock = later + SUMMER_OFFSET;
    assert.ok(momentsOf(clock, wallClock).includes(later));
    assert.equal(momentsOf(clock, wallClock).length, 3);
  }
  const monday = clockOf([SPRING + 30 * HOUR, SUMMER_OFFSET]);
  assert.ok(momentsOf(monday, saturday + WINTER_OFFSET).includes(saturday));
  assert.deepEqual(momentsOf(monday, SPRING + 20 * HOUR + SUMMER_OFFSET), [SPRING + 20 * HOUR]);
});

Deno.test("log clock: a call just before the first known one may have been before the change", () => {
  const clock = clockOf([AUTUMN, WINTER_OFFSET], [AUTUMN + 9 * HOUR, WINTER_OFFSET]);
  const before = AUTUMN - 1_000;
  assert.deepEqual(momentsOf(clock, before + SUMMER_OFFSET), [before, before + HOUR]);
});

Deno.test("log clock: one slow call makes uncertain only what stands beside it", () => {
  const clock = clockOf(
    [NOON - 2 * HOUR, 0],
    [NOON - HOUR, 0],
    [NOON, 0, 15 * MINUTE],
    [NOON + HOUR, 0],
    [NOON + 2 * HOUR, 0],
  );
  assert.deepEqual(momentsOf(clock, NOON - 90 * MINUTE), [NOON - 90 * MINUTE]);
  assert.deepEqual(momentsOf(clock, NOON + 90 * MINUTE), [NOON + 90 * MINUTE]);
  assert.deepEqual(momentsOf(clock, NOON + 30 * MINUTE), [NOON + 15 * MINUTE, NOON + 30 * MINUTE]);
});

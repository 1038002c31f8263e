/** A call of ours that stands in the log: the one way to learn which zone the log's clock is in. */
export interface KnownTime {
  /** When it began by the log's own clock, in ms since 1970. */
  wallClockMs: number;
  /** When its attempt was opened, Unix ms. */
  openedAt: number;
}

/** Turns the log's times into moments. */
export interface LogClock {
  /** Every moment, in Unix ms, that this time may stand for: one, or more where it is uncertain. */
  momentsOf(wallClockMs: number): number[];
}

/** A known call: from its moment on the clock was this far from UTC. */
interface Mark {
  wallClockMs: number;
  moment: number;
  offset: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
// Every zone in use is a whole number of quarters of an hour from UTC.
const QUARTER = 15 * MINUTE;
const FURTHEST_WEST = -12 * HOUR;
const FURTHEST_EAST = 14 * HOUR;
/** A call begins at most this long after its attempt was opened; a later one tells no zone. */
const LONGEST_START = 5 * MINUTE;
/** Omni's clock may go slow. */
const MOST_SKEW = 2 * MINUTE;

/**
 * Learns the zone of the log's clock from the calls that are known; null = none of them tells it. The
 * distance from UTC may change within the log, where summer time begins or ends.
 */
export function calibrateLogClock(calls: readonly KnownTime[]): LogClock | null {
  const marks = calls.flatMap(toMark).sort((one, other) => one.moment - other.moment);
  if (marks.length === 0) return null;
  const offsets = [...new Set(marks.map(({ offset }) => offset))];
  return { momentsOf: (wallClockMs) => momentsOf(wallClockMs, marks, offsets) };
}

function toMark({ wallClockMs, openedAt }: KnownTime): Mark[] {
  const distance = wallClockMs - openedAt;
  const offset = Math.round(distance / QUARTER) * QUARTER;
  const startedAfter = distance - offset;
  const isPlausible = startedAfter >= -MOST_SKEW && startedAfter <= LONGEST_START &&
    offset >= FURTHEST_WEST && offset <= FURTHEST_EAST;
  return isPlausible ? [{ wallClockMs, moment: wallClockMs - offset, offset }] : [];
}

// The neighbours are sought in real time, not by the log's clock: in the night when summer time ends,
// the clock shows one hour twice, and its order is not the order of the calls. A time is possible
// with the offset of the known call before it or after it: between two that agree nothing has changed,
// and between two that do not, both are possible.
function momentsOf(wallClockMs: number, marks: Mark[], offsets: number[]): number[] {
  const between = offsets.filter((offset) => {
    const at = countUpTo(wallClockMs - offset, marks);
    return marks[at - 1]?.offset === offset || marks[at]?.offset === offset;
  });
  const possible = new Set([...between, ...offsetsBeyond(wallClockMs, marks)]);
  return [...possible.size > 0 ? possible : offsets].map((offset) => wallClockMs - offset);
}

/** The offsets that the clock may have had before the first known call, or may have after the last. */
function offsetsBeyond(wallClockMs: number, marks: Mark[]): number[] {
  const [first, last] = [marks[0]!, marks.at(-1)!];
  const changed = (mark: Mark) =>
    clocksMayChange(mark.wallClockMs, wallClockMs) ? [mark.offset - HOUR, mark.offset + HOUR] : [];
  return [
    ...changed(first).filter((offset) => wallClockMs - offset < first.moment),
    ...changed(last).filter((offset) => wallClockMs - offset > last.moment),
  ];
}

/** How many marks are not later than the moment. */
function countUpTo(moment: number, marks: Mark[]): number {
  let low = 0;
  let high = marks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (marks[middle]!.moment <= moment) low = middle + 1;
    else high = middle;
  }
  return low;
}

// Clocks are changed in the first hours of a Sunday; 1970 began on a Thursday.
function clocksMayChange(one: number, other: number): boolean {
  const from = Math.min(one, other) - 3 * DAY;
  const intoTheWeek = ((from % WEEK) + WEEK) % WEEK;
  return intoTheWeek <= 5 * HOUR || intoTheWeek + Math.abs(one - other) >= WEEK;
}

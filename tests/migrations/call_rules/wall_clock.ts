/** What a clock on the wall shows. */
export interface WallClock {
  /** The date, as days since 1970-01-01. */
  day: number;
  /** Minutes since its midnight, with their fractions. */
  minute: number;
}

const QUARTER_MS = 900_000;
const DAY_MS = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, number>();

/** The clock on a wall in this zone, by the runtime's own time zone data. */
export function wallClock(zone: string, at: number): WallClock {
  const local = at + offsetMs(zone, at);
  const day = Math.floor(local / DAY_MS);
  return { day, minute: (local - day * DAY_MS) / 60_000 };
}

/** 1 = Monday … 7 = Sunday. The first day of 1970 was a Thursday. */
export function weekday(day: number): number {
  return (day + 3) % 7 + 1;
}

// No zone changes its clock but at a quarter of an hour.
function offsetMs(zone: string, at: number): number {
  const quarter = Math.floor(at / QUARTER_MS);
  const key = `${zone} ${quarter}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  const read = readOffsetMs(zone, quarter * QUARTER_MS);
  offsets.set(key, read);
  return read;
}

function readOffsetMs(zone: string, at: number): number {
  const parts = Object.fromEntries(
    formatOf(zone).formatToParts(at).map(({ type, value }) => [type, Number(value)]),
  );
  const { year, month, day, hour, minute, second } = parts as Record<string, number>;
  return Date.UTC(year!, month! - 1, day!, hour!, minute!, second!) - at;
}

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formats.set(zone, format);
  }
  return format;
}

const UNIT_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000 };
const DAY_MS = 86_400_000;

/** Milliseconds of a duration such as `10s`, `5m` or `1h`, from a second to a day; else null. */
export function readDuration(text: string): number | null {
  const [, count, unit = ""] = /^(\d{1,6})(s|m|h)$/.exec(text.trim().toLowerCase()) ?? [];
  const ms = Number(count) * (UNIT_MS[unit] ?? NaN);
  return ms >= 1_000 && ms <= DAY_MS ? ms : null;
}

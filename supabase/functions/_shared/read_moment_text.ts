import { z } from "zod";

// Without seconds, which zod asks for otherwise, or with them.
const moment = z.union([
  z.iso.datetime({ offset: true, precision: -1 }),
  z.iso.datetime({ offset: true }),
]);

/**
 * The moment that a text names, such as `2026-12-01T09:00+05:30`; null when it is none, leaves open in
 * which zone, or lies outside the years 1 to 9999, which the database could not read.
 */
export function readMomentText(text: string): Date | null {
  if (!moment.safeParse(text).success) return null;
  const read = new Date(text);
  const year = read.getUTCFullYear();
  return year >= 1 && year <= 9999 ? read : null;
}

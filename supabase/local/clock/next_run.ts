import { Cron } from "croner";

const INTERVAL = /^\s*(\d+)\s+seconds?\s*$/i;

/**
 * When a job with this pg_cron `schedule` is due next after `from`, in UTC; null when never.
 * "N seconds" counts from `from`, a cron expression from the full minute.
 */
export function nextRun(schedule: string, from: Date): Date | null {
  const seconds = INTERVAL.exec(schedule)?.[1];
  if (seconds) return new Date(from.getTime() + Number(seconds) * 1000);
  // pg_cron writes the last day of the month as $, croner as L.
  const cron = new Cron(schedule.trim().replaceAll("$", "L"), { timezone: "UTC", paused: true });
  return cron.nextRun(from);
}

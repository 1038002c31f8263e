import { logTime } from "../calls/log_time.ts";

/** A time as a webhook writes it: `YYYY-MM-DD HH:MM:SS` in a zone that it does not state. */
export function webhookTime(atMs: number, timeZone: string): string {
  const [date = "", time] = logTime(atMs, timeZone).split(" ");
  const [month, day, year] = date.split("/");
  return `${year}-${month}-${day} ${time}`;
}

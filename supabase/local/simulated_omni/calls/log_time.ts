/** A time as the call log writes it: `MM/DD/YYYY HH:MM:SS` in a zone that it does not state. */
export function logTime(atMs: number, timeZone: string): string {
  const format = formats.get(timeZone) ?? newFormat(timeZone);
  return format.format(atMs).replace(", ", " ");
}

// Making a format costs far more than using it.
const formats = new Map<string, Intl.DateTimeFormat>();

function newFormat(timeZone: string): Intl.DateTimeFormat {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  });
  formats.set(timeZone, format);
  return format;
}

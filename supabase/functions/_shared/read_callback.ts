import { parse, type ParsedComponents, type ParsedResult } from "chrono-node";

/**
 * When somebody wants to be called: by the clock on the wall where they are (`YYYY-MM-DDTHH:MM:SS`),
 * or as an instant (ISO 8601) where the text states a zone or an offset.
 */
export type CallbackTime = { local_time: string } | { moment: string };

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** What comes later has more than four digits for its year. */
const LAST_MS = Date.UTC(9999, 11, 31);
const LONGEST_TEXT = 300;

/** The hours that are meant by those who do not say which half of the day they mean. */
const DAY_BEGINS_HOUR = 8;
const DAY_ENDS_HOUR = 21;

/** The hour of a day that is named without a time, and of parts of a day; chrono knows the others. */
const PLAIN_DAY_HOUR = 10;
const PART_HOURS: Readonly<Record<string, number>> = { morning: 10, tonight: 20 };

const REFUSAL = /\b(never|(do not|don['’]?t|stop|no more) (call|ring|phone|contact|disturb)\w*)\b/i;
/** A day of the month without its month, which chrono passes over. */
const ORDINAL = /\b\d{1,2}(st|nd|rd|th)\b/gi;
const NUMBERS = "one two three four five six seven eight nine ten eleven twelve".split(" ");
/** "After 5", but not "after 5 minutes" or "after 5 December". */
const AN_HOUR = "\\d{1,2}(?![\\d/-]| ?(sec|min|h(ou)?r|day|week|month|year|st|nd|rd|th|" +
  "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))";

/** "Half an hour", but not where it has its "in" already, nor "half an hour ago". */
const A_WHILE = "(?<![\\d.]|\\b(?:in|within|after|for|about|half|a|and|next|last|past|every) )\\b" +
  "((?:\\d{1,3}(?:\\.\\d)?|(?:half )?an|a few|(?:a )?couple of) " +
  "(?:min(?:ute)?|hour|hr|day|week)s?)\\b(?! ago)";

/** How people say what chrono would pass over or take for something else; one after the other. */
const REWORDINGS: [RegExp, string | ((all: string, part: string) => string)][] = [
  [new RegExp(`\\b(${NUMBERS.join("|")})\\b`, "gi"), (word) => String(numberOf(word))],
  [/\b(?:an|1) hour and a half\b/gi, "1.5 hours"],
  [new RegExp(A_WHILE, "gi"), "in $1"],
  [/\bhalf past (\d{1,2})\b/gi, "$1:30"],
  [/\bquarter past (\d{1,2})\b/gi, "$1:15"],
  [/\bquarter to (\d{1,2})\b/gi, (_, hour) => `${((Number(hour) + 10) % 12) + 1}:45`],
  [/\b(\d{1,2}) fifteen\b/gi, "$1:15"],
  [/\b(\d{1,2}) thirty\b/gi, "$1:30"],
  [/\b(\d{1,2}) forty[- ]5\b/gi, "$1:45"],
  [/\b(\d{1,2})ish\b/gi, "$1"],
  [/\b(?:the )?day after tomorrow\b/gi, "in 2 days"],
  [/\bnext week (?:on )?(\w+day)\b/gi, "$1 next week"],
  [/\bbetween (\d[\d:]*(?: ?[ap]\.?m\b\.?)?) and (?=\d)/gi, "from $1 to "],
  [/(?<![\d/.:-])(\d{1,2}) ?[-–] ?(?=\d{1,2}(?![\d/-]))/g, "$1 to "],
  [new RegExp(`\\b(?:after|around|about|by|before|till|until) (?=${AN_HOUR})`, "gi"), "at "],
  // Written by a machine, which means the clock of 24 hours.
  [/\b(\d{4}-\d\d-\d\d) (?=\d\d:\d\d(:\d\d)?(?! ?[ap]\.?m))/gi, "$1T"],
  [/\b(\d{1,2}(?::\d\d)?)( o'?clock)? in the evening\b/gi, "$1 pm"],
  [
    /\b(?:at )?(\d{1,2}(?::\d\d)?) (\w+day|tomorrow) (morning|afternoon|evening|night)\b/gi,
    "$2 $3 at $1",
  ],
  [/\b([ecmp])(?:astern|entral|ountain|acific)( standard| daylight)? time\b/gi, "$1T"],
  [/\bindian?( standard)? time\b/gi, "IST"],
];

/**
 * Reads when somebody asked to be called back. `localNow` is the clock on their wall when they said
 * it, `YYYY-MM-DDTHH:MM:SS`; the zone of this machine plays no part. Of several times the first is
 * taken; a day without a time means that day at 10:00; an hour that could be of either half of the
 * day is the next one between 8:00 and 21:00. Null where no time to come is named, and where people
 * say that they do not want to be called.
 */
export function readCallback(text: string, localNow: string): CallbackTime | null {
  const now = Date.parse(`${localNow}Z`);
  const said = reword(text.slice(0, LONGEST_TEXT));
  if (Number.isNaN(now) || REFUSAL.test(said)) return null;
  // Local time is reckoned as if it were UTC. What is past is moved on here and not by forwardDate,
  // which compares with the clock of this machine's zone.
  const results = parse(said, { instant: new Date(now), timezone: 0 });
  const [first, second] = results.filter((result) => isMeant(result, said));
  if (first === undefined || hasUnreadDay(said, results)) return null;
  const { day, time } = joined(first, second, said);
  const at = isExact(time) ? time.date().getTime() : firstToCome(day, time, now);
  if (at === null || at > LAST_MS) return null;
  const zone = statedZone(time) ?? statedZone(day);
  if (zone !== null) return { moment: new Date(at - zone * MINUTE_MS).toISOString() };
  return at > now ? { local_time: new Date(at).toISOString().slice(0, 19) } : null;
}

function reword(text: string): string {
  return REWORDINGS.reduce(
    (said, [pattern, words]) =>
      typeof words === "string" ? said.replace(pattern, words) : said.replace(pattern, words),
    text,
  );
}

function numberOf(word: string): number {
  return NUMBERS.indexOf(word.toLowerCase()) + 1;
}

// Not the first time in "I am busy now, call tomorrow", "not on Friday, on Monday", "you called last
// Friday, call tomorrow" and "it may be at 6".
function isMeant({ index, text, start }: ParsedResult, said: string): boolean {
  if (has(start, "casualReference/now") || /^(last|past)\b/i.test(text)) return false;
  if (/\bnot (on |at |in )?$/i.test(said.slice(0, index))) return false;
  return hasDay(start) || hasTime(start);
}

function hasUnreadDay(said: string, results: ParsedResult[]): boolean {
  return [...said.matchAll(ORDINAL)].some(({ index }) =>
    !results.some((result) => result.index <= index && index < result.index + result.text.length)
  );
}

/** "Tomorrow, please, at 5" is one time in two parts; "tomorrow or at 5" is two. */
function joined(first: ParsedResult, second: ParsedResult | undefined, said: string) {
  const [one, other] = [first.start, second?.start];
  const between = said.slice(first.index + first.text.length, second?.index ?? 0);
  if (other !== undefined && !/\bor\b/i.test(between)) {
    if (!hasTime(one) && !hasDay(other)) return { day: one, time: other };
    if (!hasDay(one) && !hasTime(other)) return { day: other, time: one };
  }
  return { day: one, time: one };
}

function firstToCome(day: ParsedComponents, time: ParsedComponents, now: number): number | null {
  // The instant that is now in another zone is not known here: the database sees what is past.
  const earliest = hasDay(day) && statedZone(time) !== null ? -Infinity : now;
  const hours = hoursOf(time);
  const toCome = midnightsOf(day, now)
    .flatMap((midnight) => hours.map((hour) => midnight + hour * HOUR_MS + minutesOf(time)))
    .filter((at) => at > earliest);
  return toCome.find(isByDay) ?? toCome[0] ?? null;
}

/** Where the days begin that may be meant, the nearest first. */
function midnightsOf(day: ParsedComponents, now: number): number[] {
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  if (!hasDay(day)) return [today, today + DAY_MS];
  const [year, month, date] = [day.get("year") ?? 0, (day.get("month") ?? 1) - 1, day.get("day")];
  const named = Date.UTC(year, month, date ?? 1);
  if (!day.isCertain("day")) return [named, named + 7 * DAY_MS];
  return day.isCertain("year") ? [named] : [named, Date.UTC(year + 1, month, date ?? 1)];
}

function minutesOf(time: ParsedComponents): number {
  if (!time.isCertain("hour")) return 0;
  return (time.get("minute") ?? 0) * MINUTE_MS + (time.get("second") ?? 0) * 1_000;
}

/** The one that is stated, or both halves of the day. */
function hoursOf(time: ParsedComponents): number[] {
  const hour = time.get("hour") ?? 0;
  const part = partOfDay(time);
  if (!time.isCertain("hour")) return [part === null ? PLAIN_DAY_HOUR : PART_HOURS[part] ?? hour];
  // 0:30, 15:30 and 2026-12-01T06:00 are by a clock of 24 hours.
  const isStated = part !== null || time.isCertain("meridiem") || hour > 12 || hour === 0 ||
    has(time, "parser/ISOFormatParser");
  return isStated ? [hour] : [hour, (hour + 12) % 24];
}

function isByDay(at: number): boolean {
  const hour = (at % DAY_MS) / HOUR_MS;
  return hour >= DAY_BEGINS_HOUR && hour <= DAY_ENDS_HOUR;
}

function hasDay(part: ParsedComponents): boolean {
  return part.isCertain("day") || part.isCertain("weekday") || has(part, "result/relativeDate");
}

function hasTime(part: ParsedComponents): boolean {
  return part.isCertain("hour") || partOfDay(part) !== null;
}

function partOfDay(part: ParsedComponents): string | null {
  const tags = [...part.tags()].join(" ");
  return /casualReference\/(morning|noon|afternoon|evening|tonight|midnight)/.exec(tags)?.[1] ??
    null;
}

/** "In two hours": by the clock, to the minute, and of no zone though chrono says so. */
function isExact(part: ParsedComponents): boolean {
  return has(part, "result/relativeDateAndTime");
}

/** Minutes ahead of UTC. */
function statedZone(part: ParsedComponents): number | null {
  return part.isCertain("timezoneOffset") && !isExact(part) ? part.get("timezoneOffset") : null;
}

function has(
  part: ParsedComponents,
  tag: Parameters<ReturnType<ParsedComponents["tags"]>["has"]>[0],
) {
  return part.tags().has(tag);
}

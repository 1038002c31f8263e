import fc from "fast-check";
import { type Limits, NUMBERS, type RulesCase } from "./rules_case.ts";

const HOUR = 60;
const DAY = 24 * HOUR;

// Two days before the clocks change, and plain ones.
const start = fc.tuple(
  fc.constantFrom(
    ...["2026-03-06", "2026-03-27", "2026-04-03", "2026-10-02", "2026-10-23", "2026-10-30"],
    ...["2026-06-10", "2026-12-23", "2026-08-01", "2026-02-27"],
  ),
  fc.nat({ max: DAY - 1 }),
).map(([day, minute]) => new Date(Date.parse(`${day}T00:00:00Z`) + minute * 60_000));

const region = fc.constantFrom(
  ...["everywhere", "everywhere", "everywhere", "US", "GB", "IN", "AU"],
  ...["+1", "+1415", "+1305", "+1800", "+447", "+91", "+870"],
);

// Wider than what calls are spread over: in less of a window than that, whoever waits may miss it.
const window = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.tuple(
      fc.integer({ min: 6 * 4, max: 11 * 4 }),
      fc.integer({ min: 2 * 4, max: 12 * 4 }),
    ),
  },
  { weight: 1, arbitrary: fc.tuple(fc.nat({ max: 95 }), fc.integer({ min: 2 * 4, max: 95 })) },
  { weight: 1, arbitrary: fc.constant([0, 96] as [number, number]) },
).map(([opens, length]) => ({
  opens: opens * 15,
  // 24:00 is a time of its own.
  closes: opens + length === 96 ? DAY : (opens + length) % 96 * 15,
}));

const weekdays = fc.oneof(
  { weight: 3, arbitrary: fc.constant<number[]>([1, 2, 3, 4, 5, 6, 7]) },
  { weight: 1, arbitrary: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }) },
);

const dates = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ from: null, until: null }) },
  { weight: 1, arbitrary: fc.nat({ max: 4 }).map((from) => ({ from, until: null })) },
  { weight: 1, arbitrary: fc.integer({ min: -1, max: 4 }).map((until) => ({ from: null, until })) },
);

const hoursRule = fc.tuple(region, weekdays, window, dates).map((
  [region, weekdays, { opens, closes }, { from, until }],
) => ({ region, weekdays, opens, closes, from, until }));

const limit = (least: number, most: number) =>
  fc.option(fc.integer({ min: least, max: most }), { freq: 2 });

const limits: fc.Arbitrary<Limits> = fc.record({
  perNumber: limit(1, 5),
  perDay: limit(1, 3),
  per24Hours: limit(1, 3),
  gap: fc.constantFrom(0, 10, 90, 600),
  expireAfter: fc.constantFrom(null, DAY, 3 * DAY, 30 * DAY),
  jitter: fc.constantFrom(0, 10, 30),
  busyDelay: fc.constantFrom(10, 30),
  defaultZone: fc.constantFrom("UTC", "America/St_Johns", "Pacific/Kiritimati"),
});

// Few, so that several leads have the same one.
const number = fc.nat({ max: NUMBERS.length - 1 });

const lead = fc.record({
  number,
  spelling: fc.nat({ max: 2 }),
  zone: fc.constantFrom(
    ...[null, null, null, "", "America/New_York", "Asia/Kolkata", "Europe/London"],
    ...["Australia/Lord_Howe", " Asia/Kathmandu ", "America/Nowhere", "IST"],
  ),
  isClosed: fc.nat({ max: 11 }).map((drawn) => drawn === 0),
  followUps: fc.array(
    fc.record({
      due: fc.integer({ min: -2 * DAY, max: 2 * DAY }),
      source: fc.constantFrom<"manual" | "recall">("manual", "recall"),
    }),
    { maxLength: 2 },
  ),
});

/** Rules, leads and moments at random. */
export const rulesCase: fc.Arbitrary<RulesCase> = fc.record({
  start,
  hours: fc.array(hoursRule, { maxLength: 5 }),
  holidays: fc.array(fc.record({ region, day: fc.nat({ max: 4 }) }), { maxLength: 2 }),
  stops: fc.uniqueArray(
    fc.record({
      number,
      by: fc.constantFrom<"number" | "prefix" | "hash">("number", "prefix", "hash"),
    }),
    { maxLength: 2, selector: (entry) => `${entry.number} ${entry.by}` },
  ),
  pauses: fc.array(
    fc.record({
      of: fc.oneof(
        fc.constantFrom("seed", "recall", "manual").map((source) => ({ source })),
        fc.nat({ max: 7 }).map((lead) => ({ lead })),
      ),
      until: fc.option(fc.integer({ min: 1, max: 2 * DAY }), { freq: 4 }),
    }),
    { maxLength: 2 },
  ),
  pausedFor: fc.constantFrom(0, 0, 0, 0, 200),
  limits,
  leads: fc.array(lead, { minLength: 3, maxLength: 8 }),
  earlierCalls: fc.array(
    fc.record({ number, ago: fc.integer({ min: 1, max: 3 * DAY }) }),
    { maxLength: 6 },
  ),
  endings: fc.array(
    fc.record({
      outcome: fc.constantFrom("completed", "no_answer", "busy", "failed", "voicemail_detected"),
      after: fc.integer({ min: 1, max: 55 }),
    }),
    { minLength: 3, maxLength: 3 },
  ),
});

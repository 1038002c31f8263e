import type { Settings } from "./read_settings.ts";

/** From tick to tick. */
const TICK_S = 300;

/** Each setting, or pair of settings, that does what nobody can have meant, and what it does. */
const CONTRADICTIONS: { says: string; holds: (settings: Settings) => boolean }[] = [
  {
    says: "Paused: nobody is called. deno task resume",
    holds: ({ paused, shadow }) => paused && !shadow,
  },
  {
    says: "Shadow mode: nobody is called. When the older dispatcher is gone, " +
      "select public.use_shadow_mode(false)",
    holds: ({ shadow }) => shadow,
  },
  {
    says: "max_calls_per_day or max_calls_per_month is 0, so that nobody is called",
    holds: (settings) => settings.max_calls_per_day === 0 || settings.max_calls_per_month === 0,
  },
  {
    says: "max_calls_per_day is above max_calls_per_month, and never counts",
    holds: (settings) => isAbove(settings.max_calls_per_day, settings.max_calls_per_month),
  },
  {
    says: "max_spend_per_day is above max_spend_per_month, and never counts",
    holds: (settings) => isAbove(settings.max_spend_per_day, settings.max_spend_per_month),
  },
  {
    says: "expected_call_cost is above a limit of spend, so that nobody is called",
    holds: ({ expected_call_cost, max_spend_per_day, max_spend_per_month }) =>
      isAbove(expected_call_cost, max_spend_per_day) ||
      isAbove(expected_call_cost, max_spend_per_month),
  },
  {
    says: "max_calls_per_number_per_24_hours is above max_calls_per_number, and never counts",
    holds: (settings) =>
      isAbove(settings.max_calls_per_number_per_24_hours, settings.max_calls_per_number),
  },
  {
    says:
      "expire_after is not longer than retry_longest_delay: a follow-up expires before its last retries",
    holds: ({ expire_after, retry_longest_delay }) =>
      expire_after !== null && expire_after <= retry_longest_delay,
  },
  {
    says:
      "expire_after is not longer than smallest_gap_per_number: a call that waits for the gap expires",
    holds: ({ expire_after, smallest_gap_per_number }) =>
      expire_after !== null && expire_after <= smallest_gap_per_number,
  },
  {
    says: "settle_for is not longer than settle_after: no call without a report is ever looked up",
    holds: ({ settle_for, settle_after }) => settle_for <= settle_after,
  },
  {
    says: "lines_left_free leaves none of the lines that Omni reports, so that nobody is called",
    holds: ({ lines_left_free, lines_limit }) =>
      lines_limit !== null && lines_left_free >= lines_limit && lines_left_free > 0,
  },
  {
    says:
      "tick_late_after is shorter than the five minutes from tick to tick: each tick is called late",
    holds: ({ tick_late_after }) => tick_late_after <= TICK_S,
  },
];

/** What is wrong with the settings as they stand together. */
export function contradictions(settings: Settings): string[] {
  return CONTRADICTIONS.filter(({ holds }) => holds(settings)).map(({ says }) => says);
}

// Null is no limit.
function isAbove(one: number | null, other: number | null): boolean {
  return one !== null && other !== null && one > other;
}

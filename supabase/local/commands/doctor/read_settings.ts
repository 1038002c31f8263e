import type { Sql } from "../../postgres/connect.ts";

/** The row of `dispatch_settings`, as far as it can contradict itself. Times are seconds. */
export interface Settings {
  paused: boolean;
  shadow: boolean;
  max_calls_per_number: number | null;
  max_calls_per_number_per_24_hours: number | null;
  smallest_gap_per_number: number;
  max_calls_per_day: number | null;
  max_calls_per_month: number | null;
  max_spend_per_day: number | null;
  max_spend_per_month: number | null;
  expected_call_cost: number | null;
  lines_left_free: number;
  /** What Omni said last of the account's lines; null = nothing. */
  lines_limit: number | null;
  longest_call: number;
  retry_longest_delay: number;
  expire_after: number | null;
  settle_after: number;
  settle_for: number;
  tick_late_after: number;
}

/** Reads the one row of settings. */
export async function readSettings(sql: Sql): Promise<Settings> {
  const [settings] = await sql<Settings[]>`
    select
      settings.paused, settings.shadow, settings.max_calls_per_number,
      settings.max_calls_per_number_per_24_hours,
      settings.max_calls_per_day, settings.max_calls_per_month, settings.lines_left_free,
      settings.max_spend_per_day::float8 as max_spend_per_day,
      settings.max_spend_per_month::float8 as max_spend_per_month,
      settings.expected_call_cost::float8 as expected_call_cost,
      account.lines_limit,
      extract(epoch from settings.smallest_gap_per_number)::float8 as smallest_gap_per_number,
      extract(epoch from settings.longest_call)::float8 as longest_call,
      extract(epoch from settings.retry_longest_delay)::float8 as retry_longest_delay,
      extract(epoch from settings.expire_after)::float8 as expire_after,
      extract(epoch from settings.settle_after)::float8 as settle_after,
      extract(epoch from settings.settle_for)::float8 as settle_for,
      extract(epoch from settings.tick_late_after)::float8 as tick_late_after
    from public.dispatch_settings as settings
    left join public.provider_account as account on true`;
  return settings!;
}

import { z } from "zod";

/** The one row of the view `call_status`. Columns that are not named here are kept as they come. */
export const callStatus = z.looseObject({
  paused: z.boolean(),
  last_tick_at: z.date().nullable(),
  last_tick_did: z.string().nullable(),
  tick_is_late: z.boolean(),
  due_now: z.int(),
  oldest_due_at: z.date().nullable(),
  under_way: z.int(),
  live_calls: z.int(),
  unknown_calls: z.int(),
  called_today: z.int(),
  failed_today: z.int(),
  /** Null = no limit. */
  free_slots: z.int().nullable(),
  last_run_stop_reason: z.string().nullable(),
  last_run_error: z.string().nullable(),
  /** What a person should look at, in words. */
  warnings: z.array(z.string()),
  /** What is wrong, in words, what is well again but not over included. */
  incidents: z.array(z.string()),
  /** Until a limit of calls or money; null = no limit. */
  calls_left: z.int().nullable(),
  why_none_is_left: z.string().nullable(),
  /** In Omni's currency; null where no limit of money is set. */
  spent_today: z.string().nullable(),
  spent_this_month: z.string().nullable(),
  omni_lines_available: z.int().nullable(),
  omni_lines_limit: z.int().nullable(),
  omni_balance: z.string().nullable(),
  omni_currency: z.string().nullable(),
  /** When Omni said so; null = never. */
  omni_told_at: z.date().nullable(),
});

export type CallStatus = z.infer<typeof callStatus>;

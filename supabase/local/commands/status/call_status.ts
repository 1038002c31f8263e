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
});

export type CallStatus = z.infer<typeof callStatus>;

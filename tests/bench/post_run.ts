import { z } from "zod";
import type { Stack } from "../../supabase/local/stack.ts";

const summary = z.looseObject({ ok: z.boolean(), accepted: z.int(), stop_reason: z.string() });

/** What a run said of itself. */
export type RunSummary = z.infer<typeof summary>;

/** Asks the function for a run, through the gateway as a scheduler would, and waits for its end. */
export async function postRun(stack: Stack): Promise<RunSummary> {
  const response = await fetch(`${stack.url}/functions/v1/call-dispatch`, {
    method: "POST",
    headers: { "x-cron-secret": stack.cronJobSecret },
  });
  return summary.parse(await response.json());
}

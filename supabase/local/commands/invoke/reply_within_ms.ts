import { LONGEST_TIME_BUDGET_MS } from "../../../functions/call-dispatch/longest_time_budget_ms.ts";
import type { InvokeFunctionOptions } from "./invoke_function.ts";

const AT_ONCE_MS = 30_000;
// What is under way at the end of the budget is still waited for by the run, and recorded.
const LAST_REQUESTS_MS = 120_000;

/** How long the function may take to reply, in ms: a run that is waited for replies at its end. */
export function replyWithinMs({ dryRun, respondAsync }: InvokeFunctionOptions): number {
  return dryRun || respondAsync ? AT_ONCE_MS : LONGEST_TIME_BUDGET_MS + LAST_REQUESTS_MS;
}

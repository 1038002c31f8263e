import { z } from "zod";
import type { Project } from "./start_project.ts";

const MOST_PREVIEWED = 500;

const preview = z.object({
  would_call: z.array(z.unknown()),
  would_not_call: z.array(z.unknown()),
});

/** How many people a run would call now; `atMost` when there are too many for a dry run to judge. */
export interface Callable {
  count: number;
  atMost: boolean;
}

/** Asks the function, by a dry run, whom it would call. */
export async function countCallable({ stack, sql }: Project): Promise<Callable> {
  const response = await fetch(`${stack.url}/functions/v1/call-dispatch?dry_run=1`, {
    headers: { "x-cron-secret": stack.cronJobSecret },
  });
  const body = await response.json();
  if (!response.ok) throw new Error(`The dry run failed: ${JSON.stringify(body)}`);
  const { would_call, would_not_call } = preview.parse(body);
  if (would_call.length + would_not_call.length < MOST_PREVIEWED) {
    return { count: would_call.length, atMost: false };
  }
  const [all] = await sql<{ count: string }[]>`
    select count(distinct lead_id) as count
    from (
      select due.lead_id from public.dispatchable_follow_ups as due where due.due_at <= now()
      union all
      select candidate.lead_id from public.seed_candidates as candidate
    ) as callable`;
  return { count: Number(all?.count), atMost: true };
}

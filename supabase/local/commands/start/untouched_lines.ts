import type { Sql } from "../../postgres/connect.ts";
import type { RunLine, RunLines } from "./run_lines.ts";
import type { DispatchRun } from "./read_runs.ts";

/** Whom the run had no reason to look at, and why: at most `limit` lines. */
export async function untouchedLines(sql: Sql, run: DispatchRun, limit: number): Promise<RunLines> {
  const rows = await sql<(RunLine & { total: string })[]>`
    with waiting as (
      select follow_up.lead_id, 'waiting' as result,
        case
          when follow_up.channel <> 'voice_call'
            then concat('Channel ', follow_up.channel, ' is not dialled')
          else concat_ws(
            ': ', 'Due ' || to_char(follow_up.due_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'),
            follow_up.reason
          )
        end as reason
      from public.follow_ups as follow_up
      where follow_up.status = 'pending'
        and not (
          follow_up.channel = 'voice_call'
          and follow_up.updated_at >= ${run.started_at}
        )
        and not exists (
          select from public.call_attempts as attempt
          where attempt.follow_up_id = follow_up.id and attempt.run_id = ${run.id}
        )
    ),
    without_one as (
      select lead.id as lead_id, 'not called' as result,
        coalesce(
          public.lead_refusal_reason(
            lead.stage::text, lead.phone::text, lead.call_date, 'manual'
          ),
          'Was called on ' || to_char(lead.call_date at time zone 'UTC', 'YYYY-MM-DD'),
          concat('Stage ', lead.stage, ': nobody made a follow-up')
        ) as reason
      from public.leads as lead
      where not public.is_seedable_lead(lead.stage::text, lead.phone::text, lead.call_date)
        and (
          public.lead_refusal_reason(
            lead.stage::text, lead.phone::text, lead.call_date, 'manual'
          ) is not null
          or not exists (
            select from public.follow_ups as follow_up where follow_up.lead_id = lead.id
          )
        )
        and not exists (
          select from public.follow_ups as follow_up
          where follow_up.lead_id = lead.id
            and (follow_up.status = 'pending' or follow_up.updated_at >= ${run.started_at})
        )
    )
    select lead.customer_name as name, lead.phone, lead.stage, listed.result, listed.reason,
      count(*) over () as total
    from (select * from without_one union all select * from waiting) as listed
    join public.leads as lead on lead.id = listed.lead_id
    order by listed.result, lead.customer_name, lead.phone
    limit ${limit}`;
  return { lines: rows, total: Number(rows[0]?.total ?? 0) };
}

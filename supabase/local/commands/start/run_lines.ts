import type { Sql } from "../../postgres/connect.ts";
import type { DispatchRun } from "./read_runs.ts";

/** What a run came to for one person. */
export interface RunLine {
  name: string | null;
  phone: string | null;
  stage: string;
  /** `called`, or why not, in one word. */
  result: string;
  reason: string | null;
}

/** The first lines of a list, and how many there are in all. */
export interface RunLines {
  lines: RunLine[];
  total: number;
}

/** Everybody whom the run called, or did something else with, at most `limit` lines of each. */
export async function runLines(
  sql: Sql,
  run: DispatchRun,
  limit: number,
): Promise<{ called: RunLines; notCalled: RunLines }> {
  const rows = await sql<(RunLine & { total: string; is_called: boolean })[]>`
    with attempted as (
      select distinct on (attempt.follow_up_id) attempt.*
      from public.call_attempts as attempt
      where attempt.run_id = ${run.id}
      order by attempt.follow_up_id, attempt.opened_at desc
    ),
    touched as (
      select attempted.lead_id, attempted.to_number, attempted.request_id,
        attempted.status as attempt, attempted.error, follow_up.status, follow_up.reason
      from attempted
      left join public.follow_ups as follow_up on follow_up.id = attempted.follow_up_id
      union all
      select follow_up.lead_id, null, null, null, null, follow_up.status, follow_up.reason
      from public.follow_ups as follow_up
      where follow_up.updated_at between ${run.started_at}
          and ${run.finished_at ?? new Date()}::timestamptz + interval '1 millisecond'
        and follow_up.status <> 'completed'
        and follow_up.channel = 'voice_call'
        -- Planned after a call that ended meanwhile: told as that.
        and (follow_up.recall_of is null or follow_up.created_at < ${run.started_at})
        and not exists (
          select from attempted where attempted.follow_up_id = follow_up.id
        )
    ),
    told as (
      select
        lead.customer_name as name, coalesce(touched.to_number, lead.phone) as phone,
        coalesce(lead.stage, 'deleted') as stage,
        coalesce(touched.attempt, '') in ('accepted', 'ended') as is_called,
        case
          when touched.attempt in ('accepted', 'ended') then 'called'
          when touched.attempt in ('unknown', 'sending') then 'held'
          when touched.status = 'pending' then 'waiting'
          else coalesce(touched.status, 'deleted')
        end as result,
        case
          when touched.attempt in ('accepted', 'ended')
            then concat('Omni''s request ', touched.request_id)
          else coalesce(touched.reason, touched.error, 'Due: the run did not come to it')
        end as reason
      from touched
      left join public.leads as lead on lead.id = touched.lead_id
    ),
    numbered as (
      select told.*, count(*) over parts as total,
        row_number() over (parts order by told.result, told.name, told.phone) as place
      from told
      window parts as (partition by told.is_called)
    )
    select name, phone, stage, result, reason, is_called, total
    from numbered
    where place <= ${limit}
    order by is_called desc, place`;
  return { called: listOf(rows, true), notCalled: listOf(rows, false) };
}

function listOf(rows: (RunLine & { total: string; is_called: boolean })[], isCalled: boolean) {
  const lines = rows.filter((row) => row.is_called === isCalled);
  return { lines, total: Number(lines[0]?.total ?? 0) };
}

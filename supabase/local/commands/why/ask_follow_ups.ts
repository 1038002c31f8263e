import type { Sql } from "../../postgres/connect.ts";
import { type Answer, answer } from "./answer.ts";
import type { Question } from "./question.ts";

/** An open follow-up, and why it is or is not called. */
export interface FollowUpAnswer extends Answer {
  id: string;
  source: string;
  due_at: Date;
}

interface Row {
  id: string;
  source: string;
  due_at: Date;
  refusal: string | null;
  refused_until: Date | null;
  wait: string | null;
  wait_until: Date | null;
}

/** Asks the database about every open follow-up of the lead. */
export async function askFollowUps(sql: Sql, question: Question): Promise<FollowUpAnswer[]> {
  const rows = await readRows(sql, question);
  return rows.map(({ id, source, due_at, refusal, refused_until, wait, wait_until }) => ({
    id,
    source,
    due_at,
    ...answer({
      refusal: refusal === null ? null : { reason: refusal, until: refused_until },
      unreadable: question.unreadable,
      wait: wait === null ? null : { reason: wait, until: wait_until },
    }, question.settings),
  }));
}

// Whose turn it is stands in the view that the claim reads too.
async function readRows(sql: Sql, { leadId, number, at }: Question): Promise<Row[]> {
  return await sql<Row[]>`
    select
      follow_up.id, follow_up.source::text, follow_up.due_at::timestamptz as due_at,
      refusal.reason as refusal, refusal.until as refused_until,
      case
        when follow_up.due_at > ${at} then concat_ws(': ', 'Not due yet', follow_up.reason)
        when follow_up.leased_until > ${at} then 'A run is working on it'
        when is_dispatchable then null
        when is_under_way then coalesce(follow_up.reason, 'Its call is under way')
        else 'An older follow-up of the same lead comes first'
      end as wait,
      case
        when follow_up.due_at > ${at} then follow_up.due_at::timestamptz
        when follow_up.leased_until > ${at} then follow_up.leased_until
      end as wait_until
    from public.follow_ups as follow_up
    join public.leads as lead on lead.id = follow_up.lead_id
    cross join lateral (
      select
        exists (
          select from public.dispatchable_follow_ups as open_one where open_one.id = follow_up.id
        ) as is_dispatchable,
        exists (
          select
          from public.call_attempts as attempt
          where attempt.follow_up_id = follow_up.id
            and attempt.status in ('sending', 'accepted', 'unknown')
        ) as is_under_way
    ) as turn
    left join lateral public.call_refusal(follow_up, lead, ${number}, ${at}) as refusal on true
    where follow_up.lead_id = ${leadId}
      and follow_up.status::text = 'pending'
      and follow_up.channel::text = 'voice_call'
    order by follow_up.due_at, follow_up.id`;
}

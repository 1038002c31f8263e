import type { Sql } from "../../postgres/connect.ts";

// Reading a wish takes a moment longer than storing it.
const WISH_IS_READ_WITHIN_MS = 5_000;

/** A call whose end has been reported, and what follows it. */
export interface EndedCall {
  attempt_id: string;
  lead_id: string;
  name: string | null;
  to_number: string;
  ended_at: Date;
  /** Null: nobody told it in a known word. */
  outcome: string | null;
  /** Nobody is called again after this outcome. */
  is_terminal: boolean;
  duration_seconds: number | null;
  reported_by: string;
  callback_text: string | null;
  callback_status: string | null;
  /** When the lead is called next; null = no call is planned. */
  recall_at: Date | null;
  /** The same by the lead's clock, `Mon 23 Nov 09:00`. */
  recall_local: string | null;
  /** IANA name of the zone of that clock. */
  zone: string;
}

/** The calls whose end was reported at `since` or later, oldest first, without those in `except`. */
export async function readEndedCalls(
  sql: Sql,
  { since, except }: { since: Date; except: Iterable<string> },
): Promise<EndedCall[]> {
  return await sql<EndedCall[]>`
    select attempt.id as attempt_id, attempt.lead_id, lead.customer_name as name,
      attempt.to_number, attempt.ended_at, attempt.outcome,
      coalesce(rule.is_terminal, true) as is_terminal, attempt.duration_seconds,
      attempt.reported_by, attempt.callback_text, attempt.callback_status,
      next.due_at as recall_at,
      to_char(next.due_at at time zone clock.zone, 'Dy FMDD Mon HH24:MI') as recall_local,
      clock.zone
    from public.call_attempts as attempt
    left join public.leads as lead on lead.id = attempt.lead_id
    left join public.recall_rules as rule on rule.outcome = attempt.outcome
    cross join lateral (select public.lead_time_zone(lead.time_zone::text) as zone) as clock
    left join lateral (
      select follow_up.due_at
      from public.follow_ups as follow_up
      where follow_up.lead_id = attempt.lead_id
        and follow_up.status::text = 'pending'
        and follow_up.channel = 'voice_call'
        -- What was open already is the next try, where there is to be one.
        and (
          follow_up.recall_of = attempt.id
          or attempt.callback_status = 'planned'
          or not rule.is_terminal
        )
      order by (follow_up.recall_of = attempt.id) desc nulls last, follow_up.due_at
      limit 1
    ) as next on true
    where attempt.ended_at >= ${since}
      and attempt.reported_by is not null
      and attempt.erased_at is null
      and attempt.id <> all (${`{${[...except].join(",")}}`}::text::uuid[])
      and (
        attempt.callback_status is distinct from 'to_read'
        or attempt.ended_at < ${new Date(Date.now() - WISH_IS_READ_WITHIN_MS)}
      )
    order by attempt.ended_at, attempt.id`;
}

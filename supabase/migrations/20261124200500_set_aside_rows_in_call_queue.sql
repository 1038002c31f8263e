-- The queue says of a follow-up that the app's database refuses to write what it is waiting for.
create or replace view public.call_queue
with (security_invoker = on)
as
select
  listed.lead_id,
  listed.id as follow_up_id,
  (select lead.customer_name::text from public.leads as lead where lead.id = listed.lead_id)
    as customer_name,
  (select lead.phone::text from public.leads as lead where lead.id = listed.lead_id) as phone,
  (select lead.stage::text from public.leads as lead where lead.id = listed.lead_id) as stage,
  (listed.follow_up).source::text as source,
  listed.is_callback,
  listed.due_at::timestamptz as due_at,
  case
    when (
      select attempt.id
      from public.call_attempts as attempt
      where attempt.follow_up_id = listed.id
        and attempt.status in ('sending', 'accepted', 'unknown')
      limit 1
    ) is null
    then (
      select case
        when refusal.reason is not null and refusal.until is null then null
        else greatest(
          listed.due_at::timestamptz,
          refusal.until,
          -- What is due later may find another day, and other lines.
          case when listed.due_at <= now() then (
            select allowance.until from public.call_allowance() as allowance where allowance.calls = 0
          ) end
        )
      end
      from (select) as always
      left join public.leads as lead on lead.id = listed.lead_id
      left join lateral public.call_refusal(
        listed.follow_up, lead, public.number_as_written(lead.phone::text),
        greatest(listed.due_at::timestamptz, now())
      ) as refusal on true
    )
  end as next_allowed_at,
  coalesce(
    (
      select coalesce((listed.follow_up).reason::text, 'Its call is under way')
      from public.call_attempts as attempt
      where attempt.follow_up_id = listed.id
        and attempt.status in ('sending', 'accepted', 'unknown')
      limit 1
    ),
    case when (listed.follow_up).leased_until > now() then 'A run is working on it' end,
    (
      select concat('Cannot be written: ', left(aside.error, 200))
      from public.set_aside_rows as aside
      where aside.row_id = listed.id
        and aside.until > now()
        and aside.row_version = (
          select own.xmin::text from public.follow_ups as own where own.id = listed.id
        )
    ),
    (
      select case
        when refusal.reason is not null and refusal.until is null then refusal.reason
        when listed.id is not null and (
          select open_one.id
          from public.dispatchable_follow_ups as open_one
          where open_one.id = listed.id
        ) is null
          and public.waits_for_an_older(listed.id, greatest(listed.due_at::timestamptz, now()))
          then 'An older follow-up of the same lead comes first'
        else refusal.reason
      end
      from (select) as always
      left join public.leads as lead on lead.id = listed.lead_id
      left join lateral public.call_refusal(
        listed.follow_up, lead, public.number_as_written(lead.phone::text),
        greatest(listed.due_at::timestamptz, now())
      ) as refusal on true
    ),
    case
      when listed.due_at > now() then 'Due later'
      when (select settings.paused from public.dispatch_settings as settings where settings.id)
        then 'Paused: dispatch_settings.paused is true'
    end,
    (select allowance.reason from public.call_allowance() as allowance where allowance.calls = 0),
    'Due'
  ) as waits_for,
  (listed.follow_up).reason::text as reason
-- Put in order before the questions are asked, which stand among the columns and are so asked of the rows
-- that are shown, in whatever order a person wants these.
from (
  select waiting.follow_up, waiting.id, waiting.lead_id, waiting.is_callback, waiting.due_at
  from (
    -- Without a condition, which stands below instead: only so the order of the index is made use of.
    select
      follow_up, follow_up.id, follow_up.lead_id, follow_up.is_callback, follow_up.due_at,
      follow_up.status, follow_up.channel
    from public.follow_ups as follow_up
    union all
    select
      seed, seed.id, seed.lead_id, seed.is_callback, seed.due_at, seed.status, seed.channel
    from public.seeds_to_come() as seed
  ) as waiting
  where waiting.status = 'pending'
    and waiting.channel = 'voice_call'
    -- Of every row true; "is not null" would be left out of the plan, and the index with it.
    and waiting.is_callback >= false
  order by waiting.is_callback desc, waiting.due_at, waiting.id
) as listed;

revoke all on table public.call_queue from public, anon, authenticated;
grant select on table public.call_queue to service_role;
comment on view public.call_queue is
  'For the operator: every pending call in the order of the claim, and, with follow_up_id null, the leads that the next run would seed, of the first 1,000 that are noted. waits_for: Due, or the one thing that keeps it from being called, as the claim would say. next_allowed_at: the first moment at which it may be called as far as is known now; null = never, or not before its own live call is settled. reason: what was last noted on the follow-up. Each row that is shown asks call_refusal, and each row before it (offset) too: look at it with a limit, or for one lead.';

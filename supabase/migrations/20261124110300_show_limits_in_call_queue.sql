-- The queue says so when the calls or the money are used up.
create or replace view public.call_queue
with (security_invoker = on)
as
with engine as materialized (
  select
    settings.paused,
    case when allowance.calls = 0 then allowance.reason end as allows_none,
    case when allowance.calls = 0 then allowance.until end as allowed_from
  from public.dispatch_settings as settings
  cross join public.call_allowance() as allowance
),
to_seed as (
  select distinct noted.lead_id
  from (
    select candidate.lead_id
    from public.seed_candidates as candidate
    order by candidate.id
    limit 1000
  ) as noted
)
select
  (listed.lead).id as lead_id,
  (listed.follow_up).id as follow_up_id,
  (listed.lead).customer_name::text as customer_name,
  (listed.lead).phone::text as phone,
  (listed.lead).stage::text as stage,
  (listed.follow_up).source::text as source,
  listed.is_callback,
  listed.due_at,
  case
    when live.id is not null or (refusal.reason is not null and refusal.until is null) then null
    -- What is due later may find another day, and other lines.
    when listed.due_at <= now() then greatest(listed.due_at, refusal.until, engine.allowed_from)
    else greatest(listed.due_at, refusal.until)
  end as next_allowed_at,
  case
    when live.id is not null then coalesce((listed.follow_up).reason::text, 'Its call is under way')
    when (listed.follow_up).leased_until > now() then 'A run is working on it'
    when refusal.reason is not null and refusal.until is null then refusal.reason
    when (listed.follow_up).id is not null and (
      select open_one.id
      from public.dispatchable_follow_ups as open_one
      where open_one.id = (listed.follow_up).id
    ) is null then 'An older follow-up of the same lead comes first'
    when refusal.reason is not null then refusal.reason
    when listed.due_at > now() then 'Due later'
    when engine.paused then 'Paused: dispatch_settings.paused is true'
    when engine.allows_none is not null then engine.allows_none
    else 'Due'
  end as waits_for,
  (listed.follow_up).reason::text as reason
-- Put in order before the questions are asked: who looks at the first page asks no more than for that.
-- And asked for one row each, by select … limit 1 and not by exists, which is planned for all rows at
-- once: without statistics that takes time by the square of the tables' size.
from (
  select
    follow_up, lead, follow_up.is_callback, follow_up.due_at::timestamptz as due_at
  from public.follow_ups as follow_up
  left join public.leads as lead on lead.id = follow_up.lead_id
  where follow_up.status = 'pending' and follow_up.channel = 'voice_call'
  union all
  -- As the seed phase would make it, so that a pause of that source counts.
  select
    jsonb_populate_record(
      null::public.follow_ups,
      jsonb_build_object('lead_id', lead.id, 'source', 'seed', 'due_at', now())
    ),
    lead, false, now()
  from to_seed
  join public.leads as lead on lead.id = to_seed.lead_id
  where public.is_seedable_lead(lead.stage::text, lead.phone::text, lead.call_date)
    and (
      select other.id
      from public.follow_ups as other
      where other.lead_id = lead.id and public.blocks_seeding(other.status::text)
      limit 1
    ) is null
    and not public.was_called(lead.id)
  order by 3 desc, 4
) as listed
cross join engine
left join lateral (
  select attempt.id
  from public.call_attempts as attempt
  where attempt.follow_up_id = (listed.follow_up).id
    and attempt.status in ('sending', 'accepted', 'unknown')
  limit 1
) as live on true
left join lateral public.call_refusal(
  listed.follow_up, listed.lead, public.number_as_written((listed.lead).phone::text),
  greatest(listed.due_at, now())
) as refusal on true
order by listed.is_callback desc, listed.due_at;

revoke all on table public.call_queue from public, anon, authenticated;
grant select on table public.call_queue to service_role;
comment on view public.call_queue is
  'For the operator: every pending call in the order of the claim, and, with follow_up_id null, the leads that the next run would seed, of the first 1,000 that are noted. waits_for: Due, or the one thing that keeps it from being called, as the claim would say. next_allowed_at: the first moment at which it may be called as far as is known now; null = never, or not before its own live call is settled. reason: what was last noted on the follow-up. Each row asks call_refusal: look at it with a limit, or for one lead.';

-- For people who work in Supabase Studio: who is called next and why not, how the engine is doing, and
-- what came of the calls.

create index follow_ups_failed_by_day on public.follow_ups (updated_at)
  where status = 'failed';

create view public.call_queue
with (security_invoker = on)
as
with engine as materialized (
  select settings.paused, public.free_call_slots(now()) <= 0 as is_full
  from public.dispatch_settings as settings
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
    when engine.is_full then 'All lines are in use: see dispatch_settings.max_concurrent_calls'
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

create view public.call_status
with (security_invoker = on)
as
with today as (
  select date_trunc('day', now() at time zone 'UTC') at time zone 'UTC' as began
),
last_run as (
  select run.stop_reason, run.error
  from public.dispatch_runs as run
  where run.finished_at is not null
  order by run.started_at desc
  limit 1
),
counted as materialized (
  select
    (
      select count(*)::integer
      from (
        select
        from public.call_attempts as attempt
        where attempt.status in ('sending', 'accepted')
        limit 1000
      ) as attempt
    ) as live_calls,
    (
      select count(*)::integer
      from (
        select from public.call_attempts as attempt where attempt.status = 'unknown' limit 1000
      ) as attempt
    ) as unknown_calls,
    -- Those that are not looked for again in Omni's call log: see unsettled_calls.
    (
      select count(*)::integer
      from (
        select
        from public.call_attempts as attempt
        cross join public.dispatch_settings as settings
        where attempt.status = 'unknown'
          and attempt.next_lookup_at is null
          and (
            attempt.looked_up_at is not null or attempt.opened_at <= now() - settings.settle_for
          )
        limit 1000
      ) as attempt
    ) as calls_for_a_person,
    -- A follow-up that was made since is somebody's answer.
    (
      select count(*)::integer
      from (
        select
        from public.unread_callbacks as wish
        where wish.ended_at > now() - interval '30 days'
          and not exists (
            select
            from public.follow_ups as follow_up
            where follow_up.lead_id = wish.lead_id and follow_up.created_at > wish.ended_at
          )
        limit 1000
      ) as wish
    ) as unread_callbacks,
    (
      select count(*)::integer
      from (
        select
        from public.parked_call_events as event
        where event.received_at > now() - interval '1 day'
        limit 1000
      ) as event
    ) as parked_events,
    (
      select coalesce(sum(stated.leads), 0)::integer
      from (
        select btrim(lead.time_zone::text) as zone, count(*) as leads
        from public.leads as lead
        where btrim(lead.time_zone::text) <> ''
        group by btrim(lead.time_zone::text)
      ) as stated
      where not public.is_time_zone(stated.zone)
    ) as leads_without_a_known_zone
),
heartbeat as materialized (
  select
    beat.last_tick_at, beat.last_tick_did, now() - beat.last_tick_at as silence,
    coalesce(beat.last_tick_at < now() - interval '12 minutes', true) as tick_is_late
  from public.dispatch_heartbeat as beat
)
select
  backlog.paused,
  heartbeat.last_tick_at,
  heartbeat.last_tick_did,
  heartbeat.tick_is_late,
  backlog.due as due_now,
  (
    select follow_up.due_at::timestamptz
    from public.dispatchable_follow_ups as follow_up
    where follow_up.due_at <= now()
      and (follow_up.leased_until is null or follow_up.leased_until <= now())
    order by follow_up.due_at, follow_up.id
    limit 1
  ) as oldest_due_at,
  (select count(*)::integer from public.runs_under_way(now())) as under_way,
  counted.live_calls,
  counted.unknown_calls,
  (
    select count(*)::integer
    from public.call_attempts as attempt
    where attempt.status in ('accepted', 'ended') and attempt.opened_at >= today.began
  ) as called_today,
  (
    select count(*)::integer
    from public.follow_ups as follow_up
    where follow_up.status = 'failed'
      and follow_up.channel = 'voice_call'
      and follow_up.updated_at >= today.began
  ) as failed_today,
  backlog.free_slots,
  last_run.stop_reason as last_run_stop_reason,
  last_run.error as last_run_error,
  array_remove(
    array[
      case when backlog.paused then 'Paused: nobody is called until dispatch_settings.paused is false' end,
      case
        when heartbeat.last_tick_at is null then 'The schedule has never ticked'
        when heartbeat.silence >= interval '2 days' then
          format('The schedule has not ticked for %s days', extract(day from heartbeat.silence))
        when heartbeat.tick_is_late then
          format(
            'The schedule has not ticked for %s minutes',
            floor(extract(epoch from heartbeat.silence) / 60)
          )
      end,
      case last_run.stop_reason
        when 'halted' then concat_ws(': ', 'The last run was halted', last_run.error)
        when 'error' then concat_ws(': ', 'The last run met an error', last_run.error)
      end,
      case when counted.calls_for_a_person > 0 then
        format(
          'Calls that may have been placed and wait for a person: %s (see unsettled_calls)',
          counted.calls_for_a_person
        )
      end,
      case when not exists (select from public.calling_hours) then
        'No calling hours are set, so people are called at any time (see use_calling_hours_pack)'
      end,
      case when counted.unread_callbacks > 0 then
        format(
          'Wishes to be called again that a person must read: %s (see unread_callbacks)',
          counted.unread_callbacks
        )
      end,
      case when counted.parked_events > 0 then
        format(
          'Reports of the last day that fit no attempt: %s (see parked_call_events)',
          counted.parked_events
        )
      end,
      case when counted.leads_without_a_known_zone > 0 then
        format(
          'Leads with a time zone that is not known, who are not called: %s',
          counted.leads_without_a_known_zone
        )
      end
    ],
    null
  ) as warnings
from public.dispatch_backlog(now()) as backlog
cross join heartbeat
cross join counted
cross join today
left join last_run on true;

revoke all on table public.call_status from public, anon, authenticated;
grant select on table public.call_status to service_role;
comment on view public.call_status is
  'For the operator: one row, how the engine is doing now. warnings: what a person should look at, in words; empty when all is well. tick_is_late: no tick for 12 minutes. due_now, live_calls (sending or accepted), unknown_calls and the numbers of calls, wishes and reports in the warnings stop at 1,000. called_today: calls placed, and failed_today: follow-ups given up, since midnight UTC. under_way: runs. free_slots: null = no limit. last_run_…: of the run that finished, begun last. A wish counts for 30 days, until the lead has a newer follow-up.';

create view public.calls_daily
with (security_invoker = on)
as
select
  (attempt.opened_at at time zone 'UTC')::date as day,
  count(*)::integer as calls,
  (count(*) filter (where attempt.outcome = 'completed'))::integer as completed,
  (count(*) filter (where attempt.outcome = 'voicemail_detected'))::integer as voicemail_detected,
  (count(*) filter (where attempt.outcome = 'no_answer'))::integer as no_answer,
  (count(*) filter (where attempt.outcome = 'busy'))::integer as busy,
  (count(*) filter (where attempt.outcome = 'failed'))::integer as failed,
  (count(*) filter (where attempt.outcome = 'cancelled'))::integer as cancelled,
  (count(*) filter (where attempt.outcome is null))::integer as not_told,
  coalesce(sum(attempt.duration_seconds), 0)::bigint as talk_seconds
from public.call_attempts as attempt
where attempt.status in ('accepted', 'ended')
group by 1
order by 1 desc;

revoke all on table public.calls_daily from public, anon, authenticated;
grant select on table public.calls_daily to service_role;
comment on view public.calls_daily is
  'For the operator: the calls placed on each day (UTC, by the opening of the attempt), newest first, by how they ended. not_told: nobody has reported an outcome, or not yet. Days without a call have no row.';

create view public.calls_by_outcome
with (security_invoker = on)
as
select
  coalesce(attempt.outcome, 'not_told') as outcome,
  count(*)::integer as calls,
  round(count(*) / sum(count(*)) over (), 3) as share,
  round(avg(attempt.duration_seconds), 1) as average_seconds
from public.call_attempts as attempt
where attempt.status in ('accepted', 'ended')
  and attempt.opened_at > now() - interval '30 days'
group by 1
order by 2 desc, 1;

revoke all on table public.calls_by_outcome from public, anon, authenticated;
grant select on table public.calls_by_outcome to service_role;
comment on view public.calls_by_outcome is
  'For the operator: how the calls placed within the last 30 days ended, the most frequent first. not_told: nobody has reported an outcome, or not yet. share: of all these calls, 0 to 1. average_seconds: of those whose length was told; null = of none. An outcome without a call has no row.';

create view public.calls_by_hour
with (security_invoker = on)
as
with placed as materialized (
  select attempt.opened_at, attempt.outcome, coalesce(lead.time_zone::text, '') as stated
  from public.call_attempts as attempt
  left join public.leads as lead on lead.id = attempt.lead_id
  where attempt.status in ('accepted', 'ended')
    and attempt.opened_at > now() - interval '30 days'
),
-- Asked once a zone and not once a call.
clock as materialized (
  select zone.stated, public.lead_time_zone(zone.stated) as name
  from (select distinct placed.stated from placed) as zone
)
select
  extract(hour from placed.opened_at at time zone clock.name)::integer as hour,
  count(*)::integer as calls,
  (count(*) filter (where placed.outcome = 'completed'))::integer as completed,
  round((count(*) filter (where placed.outcome = 'completed'))::numeric / count(*), 3)
    as share_answered
from placed
join clock on clock.stated = placed.stated
group by 1
order by 1;

revoke all on table public.calls_by_hour from public, anon, authenticated;
grant select on table public.calls_by_hour to service_role;
comment on view public.calls_by_hour is
  'For the operator: the calls placed within the last 30 days by the hour, 0 to 23, on the lead''s own clock (lead_time_zone) when they were begun. completed: a person answered. share_answered: completed of all these calls, 0 to 1. An hour without a call has no row.';

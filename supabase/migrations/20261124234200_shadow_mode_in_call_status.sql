-- Who looks why nobody is called reads that the engine only watches, and not to lift a pause that cannot be lifted.
create or replace view public.call_status
with (security_invoker = on)
as
with today as (
  select
    public.first_moment_of(
      date_trunc('day', now() at time zone settings.default_time_zone), settings.default_time_zone
    ) as began,
    public.first_moment_of(
      date_trunc('month', now() at time zone settings.default_time_zone), settings.default_time_zone
    ) as month_began,
    num_nonnulls(settings.max_spend_per_day, settings.max_spend_per_month) > 0 as has_limit_of_money,
    settings.expected_call_cost,
    settings.lines_left_free,
    settings.shadow
  from public.dispatch_settings as settings
  -- There is one. A planner without statistics expects a hundred, and as many of all else for each.
  limit 1
),
allowance as materialized (
  select * from public.call_allowance() as allowance
),
-- As call_allowance counts it.
spent as materialized (
  select
    (
      select placed.cost + placed.calls_without_cost * today.expected_call_cost
      from public.calls_placed_since(today.began) as placed
      where today.has_limit_of_money
    ) as spent_today,
    (
      select placed.cost + placed.calls_without_cost * today.expected_call_cost
      from public.calls_placed_since(today.month_began) as placed
      where today.has_limit_of_money
    ) as spent_this_month
  from today
),
last_run as (
  select run.stop_reason, run.error
  from public.dispatch_runs as run
  where run.finished_at is not null
  order by run.started_at desc
  limit 1
),
-- By the index that holds the live calls, of a table that holds all there ever were.
live as materialized (
  select attempt.status, attempt.opened_at, attempt.next_lookup_at, attempt.looked_up_at
  from public.call_attempts as attempt
  where attempt.status in ('sending', 'accepted', 'unknown') and attempt.to_number is not null
),
counted as materialized (
  select
    (
      select least(count(*), 1000)::integer
      from live
      where live.status in ('sending', 'accepted')
    ) as live_calls,
    (
      select least(count(*), 1000)::integer from live where live.status = 'unknown'
    ) as unknown_calls,
    -- Those that are not looked for again in Omni's call log: see unsettled_calls.
    (
      select least(count(*), 1000)::integer
      from live
      where live.status = 'unknown'
        and live.next_lookup_at is null
        and (
          live.looked_up_at is not null
          or live.opened_at <= now() - (
            select settings.settle_for from public.dispatch_settings as settings
          )
        )
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
    public.leads_without_a_known_zone() as leads_without_a_known_zone
),
heartbeat as materialized (
  select
    beat.last_tick_at, beat.last_tick_did, silence.is_late as tick_is_late,
    silence.detail as silence,
    coalesce(beat.last_watched_at, beat.installed_at) < now() - (
      select settings.tick_late_after from public.dispatch_settings as settings
    ) as watch_is_late
  from public.dispatch_heartbeat as beat
  cross join public.schedule_silence(now()) as silence
  limit 1
),
incident as materialized (
  select * from public.open_incidents(now())
),
undelivered as materialized (
  select count(*)::integer as messages
  from public.dispatch_incidents as told
  where told.request_id is not null
    and told.tries >= 5
    and coalesce(told.end_said_at, told.said_at) > now() - interval '1 day'
)
select
  backlog.paused,
  heartbeat.last_tick_at,
  heartbeat.last_tick_did,
  heartbeat.tick_is_late,
  backlog.due as due_now,
  public.oldest_due_at(now()) as oldest_due_at,
  (select count(*)::integer from public.runs_under_way(now())) as under_way,
  counted.live_calls,
  counted.unknown_calls,
  day.called as called_today,
  day.given_up as failed_today,
  allowance.calls as free_slots,
  last_run.stop_reason as last_run_stop_reason,
  last_run.error as last_run_error,
  array_remove(
    array[
      case
        when today.shadow then
          'Shadow mode is on: nobody is called, and shadow_report compares; to go live, select use_shadow_mode(false), then set dispatch_settings.paused to false'
        when backlog.paused then 'Paused: nobody is called until dispatch_settings.paused is false'
      end,
      case when heartbeat.tick_is_late then heartbeat.silence end,
      case last_run.stop_reason
        when 'halted' then concat_ws(': ', 'The last run was halted', last_run.error)
        when 'error' then concat_ws(': ', 'The last run met an error', last_run.error)
      end,
      case when allowance.calls = 0 and allowance.is_limit then
        concat(
          allowance.reason,
          '; calls go on ' || to_char(allowance.until at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')
        )
      end,
      case when today.lines_left_free > 0 and today.lines_left_free >= account.lines_limit then
        format(
          'dispatch_settings.lines_left_free is %s and Omni gives the account %s lines, so nobody is called',
          today.lines_left_free, account.lines_limit
        )
      end,
      case when account.balance <= 0 and account.read_at > now() - interval '1 day' then
        format('Omni''s balance is used up: %s', concat_ws(' ', account.balance, account.currency))
      end,
      case when heartbeat.watch_is_late then
        'The alarm does not look: select public.schedule_call_dispatch() sets its job'
      end,
      case when undelivered.messages > 0 then
        format(
          'Messages of the alarm that did not arrive: %s (see the Vault secret alarm_webhook_url)',
          undelivered.messages
        )
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
  ) || array(
    select incident.detail
    from incident
    where incident.well_since is null
      -- What is said above is not said twice.
      and (incident.kind, coalesce(last_run.stop_reason, '')) not in
        (('runs_halted', 'halted'), ('runs_failed', 'error'))
      and incident.kind <> 'late_tick'
    order by incident.began_at, incident.kind
  ) || array(select public.set_aside_warnings()) as warnings,
  array(
    select case
      when incident.well_since is null then incident.detail
      else format(
        'Well again since %s UTC, not over yet: %s',
        to_char(incident.well_since at time zone 'UTC', 'HH24:MI'), incident.detail
      )
    end
    from incident
    order by incident.began_at, incident.kind
  ) as incidents,
  allowance.calls as calls_left,
  case when allowance.calls = 0 then allowance.reason end as why_none_is_left,
  spent.spent_today,
  spent.spent_this_month,
  account.lines_available as omni_lines_available,
  account.lines_limit as omni_lines_limit,
  account.balance as omni_balance,
  account.currency as omni_currency,
  account.read_at as omni_told_at
from public.dispatch_backlog(now()) as backlog
cross join heartbeat
cross join counted
cross join undelivered
cross join today
cross join public.day_so_far(today.began) as day
cross join allowance
cross join spent
cross join (select * from public.provider_account limit 1) as account
left join last_run on true;

revoke all on table public.call_status from public, anon, authenticated;
grant select on table public.call_status to service_role;
comment on view public.call_status is
  'For the operator: one row, how the engine is doing now. warnings: what a person should look at, in words; empty when all is well. tick_is_late: no tick for dispatch_settings.tick_late_after. incidents: what the alarm tells of, or will when it lasts (see open_incidents); empty when all is well. due_now, live_calls (sending or accepted), unknown_calls and the numbers of calls, wishes, reports and leads in the warnings stop at 1,000. called_today: calls placed, and failed_today: follow-ups given up, since midnight in dispatch_settings.default_time_zone. under_way: runs. free_slots and calls_left: calls that may still be begun, null = no limit; why_none_is_left: in words, when it is 0. spent_today, spent_this_month: money for calls, the expected cost for those not told yet; null = no limit of money is set. omni_…: what Omni last told of lines and balance, at omni_told_at; null = never. last_run_…: of the run that finished, begun last. A wish counts for 30 days, until the lead has a newer follow-up.';

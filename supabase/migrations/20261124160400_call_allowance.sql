-- Asked twice by each claim as soon as Omni tells of its lines: what is claimed is counted by its keys.
create or replace function public.call_allowance(
  run_id uuid default null,
  lines_of_omni boolean default true,
  as_of timestamptz default now()
)
returns table (
  calls integer,
  reason text,
  is_limit boolean,
  until timestamptz
)
language plpgsql
stable
security invoker
set search_path = ''
-- A few rows of large tables: through indexes, whatever the statistics say or do not say yet.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_material = off
set enable_bitmapscan = off
set plan_cache_mode = force_generic_plan
set max_parallel_workers_per_gather = 0
set jit = off
as $$
declare
  settings public.dispatch_settings;
  account public.provider_account;
  run_began timestamptz;
  day_began timestamptz;
  month_began timestamptz;
  counted_from timestamptz;
  claims integer := 0;
  placed_in_run integer;
  used record;
begin
  select * into strict settings from public.dispatch_settings;
  if call_allowance.lines_of_omni then
    select * into account
    from public.provider_account as known
    -- Older than this it says nothing about now: then Omni's own reply does.
    where known.read_at > call_allowance.as_of - interval '1 minute'
      and known.lines_available is not null;
  end if;
  if settings.max_calls_per_run is not null and call_allowance.run_id is not null then
    run_began := coalesce(
      (select run.started_at from public.dispatch_runs as run where run.id = call_allowance.run_id),
      call_allowance.as_of
    );
  end if;
  if settings.max_concurrent_calls is null
    and account.read_at is null
    and run_began is null
    and num_nonnulls(
      settings.max_calls_per_day, settings.max_calls_per_month,
      settings.max_spend_per_day, settings.max_spend_per_month
    ) = 0
  then
    calls := null;
    is_limit := false;
    return next;
    return;
  end if;

  -- Claimed is as good as called: else two claims would share what is left.
  select count(*) into claims
  from public.follow_ups as follow_up
  where follow_up.status = 'pending'
    and follow_up.lease_token is not null
    and follow_up.leased_until > call_allowance.as_of
    -- Looked up for each, by its key: as a join it may be planned, in a young project, to read all live
    -- calls for each claim.
    and (
      select attempt.id
      from public.call_attempts as attempt
      where attempt.follow_up_id = follow_up.id
        and attempt.status in ('sending', 'accepted', 'unknown')
      limit 1
    ) is null;

  day_began := date_trunc('day', call_allowance.as_of at time zone settings.default_time_zone)
    at time zone settings.default_time_zone;
  month_began := date_trunc('month', call_allowance.as_of at time zone settings.default_time_zone)
    at time zone settings.default_time_zone;
  counted_from := case
    when num_nonnulls(settings.max_calls_per_month, settings.max_spend_per_month) > 0
      then month_began
    when num_nonnulls(settings.max_calls_per_day, settings.max_spend_per_day) > 0 then day_began
  end;
  select
    count(*) filter (where attempt.opened_at >= day_began) as calls_today,
    count(*) as calls_this_month,
    coalesce(
      sum(coalesce(attempt.call_cost, settings.expected_call_cost))
        filter (where attempt.opened_at >= day_began),
      0
    ) as spent_today,
    coalesce(sum(coalesce(attempt.call_cost, settings.expected_call_cost)), 0) as spent_this_month
  into used
  from public.call_attempts as attempt
  where attempt.status in ('sending', 'accepted', 'unknown', 'ended')
    -- With no limit by time this is null, and no row is read.
    and attempt.opened_at >= counted_from;
  if run_began is not null then
    select count(*) into placed_in_run
    from public.call_attempts as attempt
    where attempt.status in ('sending', 'accepted', 'unknown', 'ended')
      and attempt.opened_at >= run_began
      and attempt.run_id = call_allowance.run_id;
  end if;

  return query
    select greatest(0, least(bound.calls, 1000000))::integer, bound.reason, bound.is_limit, bound.until
    from (
      values
        (
          1, settings.max_concurrent_calls - claims - (
            select count(*)
            from public.call_attempts as attempt
            where settings.max_concurrent_calls is not null
              and attempt.status in ('sending', 'accepted', 'unknown')
              and attempt.opened_at > call_allowance.as_of - settings.longest_call
          ),
          'All lines are in use: see dispatch_settings.max_concurrent_calls', false,
          null::timestamptz
        ),
        (
          2, account.lines_available - settings.lines_left_free - claims - (
            select count(*)
            from public.call_attempts as attempt
            where account.read_at is not null
              and attempt.status in ('sending', 'accepted', 'unknown')
              and attempt.opened_at > account.read_at
          ),
          concat(
            'Omni has no free line', ' beside those kept for inbound calls: '
              || nullif(settings.lines_left_free, 0)
          ),
          false, null
        ),
        (
          3, settings.max_calls_per_run - placed_in_run,
          'The run has begun its most calls: see dispatch_settings.max_calls_per_run', true, null
        ),
        (
          4, settings.max_calls_per_day - used.calls_today - claims,
          format('The most calls for today are made: %s', settings.max_calls_per_day), true,
          (date_trunc('day', call_allowance.as_of at time zone settings.default_time_zone)
            + interval '1 day') at time zone settings.default_time_zone
        ),
        (
          5, settings.max_calls_per_month - used.calls_this_month - claims,
          format('The most calls for this month are made: %s', settings.max_calls_per_month), true,
          (date_trunc('month', call_allowance.as_of at time zone settings.default_time_zone)
            + interval '1 month') at time zone settings.default_time_zone
        ),
        (
          6,
          floor((settings.max_spend_per_day - used.spent_today) / settings.expected_call_cost)
            - claims,
          format('The money for today is used up: %s', settings.max_spend_per_day), true,
          (date_trunc('day', call_allowance.as_of at time zone settings.default_time_zone)
            + interval '1 day') at time zone settings.default_time_zone
        ),
        (
          7,
          floor((settings.max_spend_per_month - used.spent_this_month) / settings.expected_call_cost)
            - claims,
          format('The money for this month is used up: %s', settings.max_spend_per_month), true,
          (date_trunc('month', call_allowance.as_of at time zone settings.default_time_zone)
            + interval '1 month') at time zone settings.default_time_zone
        )
    ) as bound (position, calls, reason, is_limit, until)
    where bound.calls is not null
    -- Of several the one that lasts longest is told.
    order by greatest(0, bound.calls), bound.is_limit desc, bound.until desc nulls last, bound.position
    limit 1;
end
$$;

revoke all on function public.call_allowance from public, anon, authenticated;
grant execute on function public.call_allowance to service_role;

comment on function public.call_allowance is
  'How many calls may still be begun at as_of, whoever they are for. One row: calls, null = no limit; reason, what bounds it, in words, and until, when that ends (null = not by the clock); is_limit true for a limit of the operator (run, day, month, money), false for lines. Bounded by max_concurrent_calls, by the lines that Omni last reported as free (unless lines_of_omni is false; calls opened since count against them), by max_calls_per_run where run_id is given (one that is not known stands for a run that begins now), and by the calls and the money of the day and the month in default_time_zone. Claims without an attempt, and calls that may have been placed, count as calls; a call without a known cost counts with expected_call_cost. Exact only under the lock that claim_due_follow_ups holds on dispatch_settings. The claim, the dry run and the views ask here and nowhere else.';

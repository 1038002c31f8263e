-- How many calls may be begun at all, whoever they are for: lines, calls and money.

alter table public.dispatch_settings
  add column max_calls_per_run integer
    constraint max_calls_per_run_is_positive check (max_calls_per_run > 0),
  add column max_calls_per_day integer
    constraint max_calls_per_day_is_not_negative check (max_calls_per_day >= 0),
  add column max_calls_per_month integer
    constraint max_calls_per_month_is_not_negative check (max_calls_per_month >= 0),
  add column max_spend_per_day numeric
    constraint max_spend_per_day_is_not_negative check (max_spend_per_day >= 0 and max_spend_per_day < 'Infinity'),
  add column max_spend_per_month numeric
    constraint max_spend_per_month_is_not_negative check (max_spend_per_month >= 0 and max_spend_per_month < 'Infinity'),
  add column expected_call_cost numeric
    constraint expected_call_cost_is_positive check (expected_call_cost > 0 and expected_call_cost < 'Infinity'),
  add column lines_left_free integer not null default 0
    constraint lines_left_free_is_not_negative check (lines_left_free >= 0),
  -- What a call costs is known only after it, and money must not be spent unseen until then.
  add constraint a_limit_of_spend_needs_the_expected_cost_of_a_call
    check (
      num_nonnulls(max_spend_per_day, max_spend_per_month) = 0 or expected_call_cost is not null
    );

comment on column public.dispatch_settings.max_calls_per_run is
  'Most calls that one run begins; what is left waits for the next tick of the schedule. null = no limit. After a pause it keeps the backlog from being called all at once.';
comment on column public.dispatch_settings.max_calls_per_day is
  'Most calls begun on one day of default_time_zone, by all runs; null = no limit.';
comment on column public.dispatch_settings.max_calls_per_month is
  'Most calls begun in one month of default_time_zone, by all runs; null = no limit.';
comment on column public.dispatch_settings.max_spend_per_day is
  'Most money for the calls begun on one day of default_time_zone, in the currency of Omni''s call log; needs expected_call_cost. null = no limit.';
comment on column public.dispatch_settings.max_spend_per_month is
  'Most money for the calls begun in one month of default_time_zone, in the currency of Omni''s call log; needs expected_call_cost. null = no limit.';
comment on column public.dispatch_settings.expected_call_cost is
  'What a call is taken to cost until Omni''s call log tells its cost, in the same currency: take it rather too high.';
comment on column public.dispatch_settings.lines_left_free is
  'Of the lines that Omni reports as free (its account balance, where the key may read it) so many are left for inbound calls and campaigns.';

alter table public.call_attempts
  add column call_cost numeric
    constraint call_cost_is_not_negative check (call_cost >= 0 and call_cost < 'Infinity');

comment on column public.call_attempts.call_cost is
  'What the call cost by Omni''s call log, in the account''s currency; null = not told, or not yet.';

-- Every call that was or may have been placed, by time: what the limits of a run, a day and a month count.
create index call_attempts_placed_by_time on public.call_attempts (opened_at)
  include (run_id, call_cost)
  where status in ('sending', 'accepted', 'unknown', 'ended');

create table public.provider_account (
  id boolean primary key default true
    constraint there_is_one_row check (id),
  asked_at timestamptz,
  read_at timestamptz,
  lines_limit integer,
  lines_in_use integer,
  lines_available integer,
  balance numeric,
  currency text,
  refused_at timestamptz,
  refusal text,
  costs_read_at timestamptz
);

insert into public.provider_account default values;

alter table public.provider_account enable row level security;
create policy service_role_manages_provider_account on public.provider_account
  to service_role using (true) with check (true);
revoke all on table public.provider_account from public, anon, authenticated;
grant select, insert, update on table public.provider_account to service_role;

comment on table public.provider_account is
  'One row: what Omni last said of the account, its lines and its balance. Written by record_provider_account.';
comment on column public.provider_account.id is 'Always true: there is one row.';
comment on column public.provider_account.asked_at is
  'When a run last began to ask; others then do not ask for ten seconds.';
comment on column public.provider_account.read_at is
  'When the question was begun that the figures answer: calls opened since are not among them. null = never answered.';
comment on column public.provider_account.lines_limit is 'Simultaneous calls that the account may have.';
comment on column public.provider_account.lines_in_use is
  'Calls that were going on, inbound calls and campaigns included.';
comment on column public.provider_account.lines_available is 'Lines that were free.';
comment on column public.provider_account.balance is
  'Money left, in currency; null = not told.';
comment on column public.provider_account.currency is 'Currency of balance, as Omni writes it.';
comment on column public.provider_account.refused_at is
  'When Omni last refused to tell; it is then not asked for an hour. null = never.';
comment on column public.provider_account.refusal is 'Why, without secrets.';
comment on column public.provider_account.costs_read_at is
  'When the costs of calls were last read from Omni''s call log; null = never.';

create function public.call_allowance(
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
  day_ends timestamptz;
  month_ends timestamptz;
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
  day_ends := (date_trunc('day', call_allowance.as_of at time zone settings.default_time_zone)
    + interval '1 day') at time zone settings.default_time_zone;
  month_ends := (date_trunc('month', call_allowance.as_of at time zone settings.default_time_zone)
    + interval '1 month') at time zone settings.default_time_zone;
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
          ) - (
            -- Also those whose request may have reached Omni after it counted.
            select count(*)
            from public.call_attempts as attempt
            where account.read_at is not null
              and attempt.status = 'sending'
              and attempt.sending_until > account.read_at
              and attempt.opened_at <= account.read_at
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
          day_ends
        ),
        (
          5, settings.max_calls_per_month - used.calls_this_month - claims,
          format('The most calls for this month are made: %s', settings.max_calls_per_month), true,
          month_ends
        ),
        (
          6,
          floor((settings.max_spend_per_day - used.spent_today) / settings.expected_call_cost)
            - claims,
          format('The money for today is used up: %s', settings.max_spend_per_day), true,
          day_ends
        ),
        (
          7,
          floor((settings.max_spend_per_month - used.spent_this_month) / settings.expected_call_cost)
            - claims,
          format('The money for this month is used up: %s', settings.max_spend_per_month), true,
          month_ends
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
  'How many calls may still be begun at as_of, whoever they are for. One row: calls, null = no limit; reason, what bounds it, in words, and until, when that ends (null = not by the clock); is_limit true for a limit of the operator (run, day, month, money), false for lines. Bounded by max_concurrent_calls, by the lines that Omni last reported as free (unless lines_of_omni is false; calls opened since count against them), by max_calls_per_run where run_id is given (one that is not known stands for a run that begins now), and by the calls and the money of the day and the month in default_time_zone. Claims without an attempt, and calls that may have been placed, count as calls; a call without a known cost counts with expected_call_cost. Exact only under the lock that claim_due_follow_ups holds. The claim, the dry run and the views ask here and nowhere else.';

create or replace function public.free_call_slots(
  as_of timestamptz default now()
)
returns integer
language sql
stable
security invoker
set search_path = ''
as $$
  select allowance.calls
  from public.call_allowance(as_of => free_call_slots.as_of) as allowance
$$;

revoke all on function public.free_call_slots from public, anon, authenticated;
grant execute on function public.free_call_slots to service_role;

comment on function public.free_call_slots is
  'Calls that may still be begun, by every limit that does not belong to one run: see call_allowance. Null when there is no limit.';

create function public.claim_stop_reason(
  run_id uuid default null,
  as_of timestamptz default now()
)
returns text
language plpgsql
stable
security invoker
set search_path = ''
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  allowance record;
begin
  if (select settings.paused from public.dispatch_settings as settings) then
    return 'paused';
  end if;
  if not exists (
    select
    from public.dispatchable_follow_ups as follow_up
    where follow_up.due_at <= claim_stop_reason.as_of
      and (follow_up.leased_until is null or follow_up.leased_until <= claim_stop_reason.as_of)
    order by follow_up.due_at, follow_up.id
    limit 1
  ) then
    return 'drained';
  end if;
  select * into allowance
  from public.call_allowance(
    claim_stop_reason.run_id, as_of => claim_stop_reason.as_of
  );
  if allowance.calls = 0 then
    return case when allowance.is_limit then 'limited' else 'no_capacity' end;
  end if;
  return null;
end
$$;

revoke all on function public.claim_stop_reason from public, anon, authenticated;
grant execute on function public.claim_stop_reason to service_role;

comment on function public.claim_stop_reason is
  'Why a claim of this run finds nothing: paused; drained, nothing is due; no_capacity, no line is free; limited, the most calls of the run, the day or the month are made, or the money is used up. Null = it may find something. Asked by a run that claimed nothing.';

alter table public.dispatch_runs
  add column put_off integer not null default 0,
  drop constraint stop_reason_is_known,
  add constraint stop_reason_is_known
    check (
      stop_reason in (
        'drained', 'deadline', 'no_capacity', 'limited', 'halted', 'paused', 'error'
      )
    );
comment on column public.dispatch_runs.put_off is
  'Follow-ups that may not be called yet, moved to the first moment when they may.';
comment on column public.dispatch_runs.stop_reason is
  'drained = nothing due was left; deadline = time budget used; no_capacity = no free line; limited = the most calls of the run, the day or the month are made, or the money is used up; halted = nothing will work until the configuration is mended, see error; paused; error.';

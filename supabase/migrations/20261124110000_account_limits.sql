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
  'Most calls that one run begins; what is left waits for the next tick of the schedule: while this is set, a new lead or the end of a call starts no run within four minutes after one that called somebody. null = no limit. After a pause it keeps the backlog from being called all at once.';
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

create function public.first_moment_of(
  local_time timestamp,
  time_zone text
)
returns timestamptz
language sql
immutable
security invoker
set search_path = ''
as $$
  -- Of a local time that comes twice, because the clocks are put back over it, Postgres takes the later
  -- one. They are put back by half an hour, one, two or three.
  select min(earlier.moment)
  from unnest(array['0', '30 minutes', '1 hour', '2 hours', '3 hours']::interval[]) as back (by)
  cross join lateral (
    select first_moment_of.local_time at time zone first_moment_of.time_zone - back.by as moment
  ) as earlier
  where earlier.moment at time zone first_moment_of.time_zone >= first_moment_of.local_time
$$;

revoke all on function public.first_moment_of from public, anon, authenticated;
grant execute on function public.first_moment_of to service_role;

comment on function public.first_moment_of is
  'The first moment at which the clocks of time_zone (IANA) show local_time; where they are put forward over it, the moment at which that is done. For the beginning of a day or a month: in the night in which clocks are put back over midnight, midnight comes twice. Raises for a zone that is not known.';

create table public.call_totals (
  id bigint generated always as identity primary key,
  hour timestamptz not null,
  calls integer not null,
  cost numeric not null,
  calls_without_cost integer not null
);

alter table public.call_totals enable row level security;
create policy service_role_manages_call_totals on public.call_totals
  to service_role using (true) with check (true);
revoke all on table public.call_totals from public, anon, authenticated;
grant select, insert, update, delete on table public.call_totals to service_role;

comment on table public.call_totals is
  'How many calls were placed, by the hour, so that nobody counts a whole month for each claim: see calls_placed_since. Several rows of one hour are added up. Up to the end of the newest hour that stands here the sums are exact at every moment; what came later is counted in call_attempts. Hours of UTC, so that they hold for each default_time_zone. Written by sum_up_calls and by triggers; nobody else may delete rows here.';
comment on column public.call_totals.id is 'Order of noting.';
comment on column public.call_totals.hour is
  'When the hour began in which the calls were opened, a whole hour of UTC.';
comment on column public.call_totals.calls is
  'Calls that were or may have been placed (sending, accepted, unknown, ended); negative = as many were counted that were not placed after all.';
comment on column public.call_totals.cost is
  'What those of them cost whose cost is known, in the account''s currency.';
comment on column public.call_totals.calls_without_cost is
  'Those of them whose cost is not known; negative = the cost of as many has become known.';

create index call_totals_by_hour on public.call_totals (hour);

create function public.calls_summed_up_to()
returns timestamptz
language sql
stable
security invoker
set search_path = ''
as $$
  select total.hour + interval '1 hour'
  from public.call_totals as total
  order by total.hour desc
  limit 1
$$;

revoke all on function public.calls_summed_up_to from public, anon, authenticated;
grant execute on function public.calls_summed_up_to to service_role;

comment on function public.calls_summed_up_to is
  'Calls opened before this moment are in call_totals, all others are not. Null = none is.';

create function public.note_late_change()
returns trigger
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  summed_up_to timestamptz;
begin
  if tg_op = 'TRUNCATE' then
    delete from public.call_totals as total where total.id is not null;
    return null;
  end if;
  -- Mostly it is a call of now.
  summed_up_to := public.calls_summed_up_to();
  if summed_up_to is null or least(old.opened_at, new.opened_at) >= summed_up_to then
    return null;
  end if;
  -- One row more, and not a change of the hour's row: who settles several calls of old would hold rows
  -- for which another waits.
  insert into public.call_totals (hour, calls, cost, calls_without_cost)
  select
    date_trunc('hour', changed.opened_at, 'UTC'), sum(changed.by),
    sum(changed.by * coalesce(changed.call_cost, 0)),
    sum(changed.by * (changed.call_cost is null)::integer)
  from (
    values
      (-1, old.opened_at, old.status, old.call_cost), (1, new.opened_at, new.status, new.call_cost)
  ) as changed (by, opened_at, status, call_cost)
  where changed.status in ('sending', 'accepted', 'unknown', 'ended')
    and changed.opened_at < summed_up_to
  group by date_trunc('hour', changed.opened_at, 'UTC');
  return null;
end
$$;

revoke all on function public.note_late_change from public, anon, authenticated;
grant execute on function public.note_late_change to service_role;

comment on function public.note_late_change is
  'Trigger on call_attempts: keeps call_totals exact when a call of an hour that has been added up turns out not to have been placed, or to have been, is told its cost, is moved, comes late or is deleted. Who changes an attempt cannot meet sum_up_calls: that waits until nobody does. To be relied on where attempts are written in read committed, as by all of our functions: a snapshot taken before a sum was made does not show it.';

create trigger note_late_call
  after insert on public.call_attempts
  for each row when (new.status in ('sending', 'accepted', 'unknown', 'ended'))
  execute function public.note_late_change();

create trigger note_late_change
  after update on public.call_attempts
  for each row
  when (
    (old.opened_at, old.call_cost) is distinct from (new.opened_at, new.call_cost)
    or (old.status in ('sending', 'accepted', 'unknown', 'ended'))
      is distinct from (new.status in ('sending', 'accepted', 'unknown', 'ended'))
  )
  execute function public.note_late_change();

create trigger note_deleted_call
  after delete on public.call_attempts
  for each row execute function public.note_late_change();

create trigger note_truncated_calls
  after truncate on public.call_attempts
  for each statement execute function public.note_late_change();

create function public.sum_up_calls(
  as_of timestamptz default now()
)
returns integer
language plpgsql
volatile
security invoker
set search_path = ''
-- Who has waited for longer holds up those who place calls: the next tick tries again.
set lock_timeout = '100ms'
-- A few rows of large tables: through indexes, whatever the statistics say or do not say yet.
set enable_seqscan = off
set jit = off
as $$
declare
  -- Most calls of the hour have been told their cost by then, which saves a row for each.
  up_to constant timestamptz := date_trunc(
    'hour', sum_up_calls.as_of - interval '15 minutes', 'UTC'
  );
  summed_up_to timestamptz := coalesce(public.calls_summed_up_to(), '-infinity');
  calls integer;
begin
  if summed_up_to >= up_to
    -- A snapshot that is older than the lock does not see what was committed before it.
    or current_setting('transaction_isolation') <> 'read committed'
  then
    return 0;
  end if;
  begin
    -- Nobody is changing an attempt, and nobody begins to before this is committed: a change that is not
    -- to be seen yet would be counted neither here nor by its trigger.
    lock table public.call_attempts in share row exclusive mode;
    summed_up_to := coalesce(public.calls_summed_up_to(), '-infinity');
    if summed_up_to >= up_to then
      return 0;
    end if;

    -- What was noted late goes into one row of its hour.
    with several as (
      delete from public.call_totals as total
      where total.hour in (
        select noted.hour
        from public.call_totals as noted
        where noted.hour >= up_to - interval '62 days'
        group by noted.hour
        having count(*) > 1
      )
      returning total.hour, total.calls, total.cost, total.calls_without_cost
    )
    insert into public.call_totals (hour, calls, cost, calls_without_cost)
    select several.hour, sum(several.calls), sum(several.cost), sum(several.calls_without_cost)
    from several
    group by several.hour;

    with placed as (
      select
        date_trunc('hour', attempt.opened_at, 'UTC') as hour, count(*) as calls,
        coalesce(sum(attempt.call_cost), 0) as cost,
        count(*) filter (where attempt.call_cost is null) as calls_without_cost
      from public.call_attempts as attempt
      where attempt.status in ('sending', 'accepted', 'unknown', 'ended')
        and attempt.opened_at >= summed_up_to
        and attempt.opened_at < up_to
      group by 1
      union all
      -- The newest hour stands there though nobody was called in it: by it it is known how far the sums go.
      select up_to - interval '1 hour', 0, 0, 0
    ),
    noted as (
      insert into public.call_totals (hour, calls, cost, calls_without_cost)
      select placed.hour, sum(placed.calls), sum(placed.cost), sum(placed.calls_without_cost)
      from placed
      group by placed.hour
      returning call_totals.calls
    )
    select sum(noted.calls) into calls from noted;
    return calls;
  exception
    when lock_not_available then
      return 0;
  end;
end
$$;

revoke all on function public.sum_up_calls from public, anon, authenticated;
grant execute on function public.sum_up_calls to service_role;

comment on function public.sum_up_calls is
  'Adds the calls of the hours that ended 15 minutes ago or earlier to call_totals. Locks call_attempts against changes until the end of the transaction, and so comes last in it; does nothing while others are changing attempts, or hold rows of call_totals, for 100 ms, and in a transaction that is not read committed. Returns how many calls were added. Called by the tick and by the daily purge; a day without either makes counting dearer and no less exact.';

-- An engine that has called for long: once, while nobody else is in the table.
select public.sum_up_calls();

create function public.calls_placed_since(
  began timestamptz
)
returns table (
  calls bigint,
  cost numeric,
  calls_without_cost bigint
)
language plpgsql
stable
security invoker
set search_path = ''
-- A few rows of large tables: through indexes, whatever the statistics say or do not say yet.
set enable_seqscan = off
set enable_bitmapscan = off
set plan_cache_mode = force_generic_plan
set max_parallel_workers_per_gather = 0
set jit = off
as $$
declare
  summed_up_to constant timestamptz := coalesce(public.calls_summed_up_to(), '-infinity');
  -- A day may begin within an hour of UTC.
  first_hour constant timestamptz := least(
    summed_up_to,
    date_trunc('hour', calls_placed_since.began + interval '1 hour' - interval '1 microsecond', 'UTC')
  );
begin
  return query
    select
      coalesce(sum(part.calls), 0)::bigint, coalesce(sum(part.cost), 0),
      coalesce(sum(part.calls_without_cost), 0)::bigint
    from (
      select total.calls, total.cost, total.calls_without_cost
      from public.call_totals as total
      where total.hour >= first_hour
      union all
      select
        count(*), sum(attempt.call_cost), count(*) filter (where attempt.call_cost is null)
      from public.call_attempts as attempt
      where attempt.status in ('sending', 'accepted', 'unknown', 'ended')
        and attempt.opened_at >= calls_placed_since.began
        and attempt.opened_at < first_hour
      union all
      select
        count(*), sum(attempt.call_cost), count(*) filter (where attempt.call_cost is null)
      from public.call_attempts as attempt
      where attempt.status in ('sending', 'accepted', 'unknown', 'ended')
        and attempt.opened_at >= greatest(calls_placed_since.began, summed_up_to)
    ) as part;
end
$$;

revoke all on function public.calls_placed_since from public, anon, authenticated;
grant execute on function public.calls_placed_since to service_role;

comment on function public.calls_placed_since is
  'How many calls were or may have been placed (sending, accepted, unknown, ended) since began, what those of them cost whose cost is known, in the account''s currency, and how many the others are. One row, exact at every moment. Whole hours are taken from call_totals, so that it reads one row an hour and the calls of the last hours, whatever the size of the month. Asked by call_allowance and call_status.';

create function public.fresh_provider_account(
  as_of timestamptz default now()
)
returns setof public.provider_account
language sql
stable
security invoker
set search_path = ''
as $$
  select known.*
  from public.provider_account as known
  -- Older than this it says nothing about now: then Omni's own reply does.
  where known.read_at > fresh_provider_account.as_of - interval '1 minute'
    and known.lines_available is not null
$$;

revoke all on function public.fresh_provider_account from public, anon, authenticated;
grant execute on function public.fresh_provider_account to service_role;

comment on function public.fresh_provider_account is
  'What Omni said of its lines within the last minute: the row of provider_account, or none.';

create function public.is_allowance_bounded(
  run_id uuid default null,
  lines_of_omni boolean default true,
  as_of timestamptz default now()
)
returns boolean
language sql
stable
security invoker
set search_path = ''
as $$
  select settings.max_concurrent_calls is not null
    or settings.max_calls_per_run is not null and is_allowance_bounded.run_id is not null
    or num_nonnulls(
      settings.max_calls_per_day, settings.max_calls_per_month,
      settings.max_spend_per_day, settings.max_spend_per_month
    ) > 0
    or is_allowance_bounded.lines_of_omni
      and exists (select from public.fresh_provider_account(is_allowance_bounded.as_of))
  from public.dispatch_settings as settings
$$;

revoke all on function public.is_allowance_bounded from public, anon, authenticated;
grant execute on function public.is_allowance_bounded to service_role;

comment on function public.is_allowance_bounded is
  'Whether anything at all bounds how many calls may be begun: a setting, or what Omni said of its lines within the last minute. Counts nothing. Asked by the claim before it takes its lock, and by call_allowance.';

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
  zone text;
  run_began timestamptz;
  day timestamp;
  month timestamp;
  claims integer;
  live_calls integer;
  calls_omni_did_not_count integer;
  placed_in_run integer;
  calls_today bigint;
  calls_this_month bigint;
  spent_today numeric;
  spent_this_month numeric;
begin
  select * into strict settings from public.dispatch_settings;
  if call_allowance.lines_of_omni then
    select * into account from public.fresh_provider_account(call_allowance.as_of);
  end if;
  if settings.max_calls_per_run is not null and call_allowance.run_id is not null then
    run_began := coalesce(
      (select run.started_at from public.dispatch_runs as run where run.id = call_allowance.run_id),
      call_allowance.as_of
    );
  end if;
  if not public.is_allowance_bounded(
    call_allowance.run_id, call_allowance.lines_of_omni, call_allowance.as_of
  ) then
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

  -- Each is counted only where it bounds anything: what is not counted is null, and so is its bound.
  if settings.max_concurrent_calls is not null then
    select count(*) into live_calls
    from public.call_attempts as attempt
    where attempt.status in ('sending', 'accepted', 'unknown')
      and attempt.opened_at > call_allowance.as_of - settings.longest_call;
  end if;
  if account.read_at is not null then
    select
      (
        select count(*)
        from public.call_attempts as attempt
        where attempt.status in ('sending', 'accepted', 'unknown')
          and attempt.opened_at > account.read_at
      ) + (
        -- Also those whose request may have reached Omni after it counted.
        select count(*)
        from public.call_attempts as attempt
        where attempt.status = 'sending'
          and attempt.sending_until > account.read_at
          and attempt.opened_at <= account.read_at
      )
    into calls_omni_did_not_count;
  end if;
  if run_began is not null then
    select count(*) into placed_in_run
    from public.call_attempts as attempt
    where attempt.status in ('sending', 'accepted', 'unknown', 'ended')
      and attempt.opened_at >= run_began
      and attempt.run_id = call_allowance.run_id;
  end if;
  zone := settings.default_time_zone;
  if num_nonnulls(settings.max_calls_per_day, settings.max_spend_per_day) > 0 then
    day := date_trunc('day', call_allowance.as_of at time zone zone);
    select placed.calls, placed.cost + placed.calls_without_cost * settings.expected_call_cost
    into calls_today, spent_today
    from public.calls_placed_since(public.first_moment_of(day, zone)) as placed;
  end if;
  if num_nonnulls(settings.max_calls_per_month, settings.max_spend_per_month) > 0 then
    month := date_trunc('month', call_allowance.as_of at time zone zone);
    select placed.calls, placed.cost + placed.calls_without_cost * settings.expected_call_cost
    into calls_this_month, spent_this_month
    from public.calls_placed_since(public.first_moment_of(month, zone)) as placed;
  end if;

  return query
    select greatest(0, least(bound.calls, 1000000))::integer, bound.reason, bound.is_limit, bound.until
    from (
      values
        (
          1, settings.max_concurrent_calls - claims - live_calls,
          'All lines are in use: see dispatch_settings.max_concurrent_calls', false,
          null::timestamptz
        ),
        (
          2,
          account.lines_available - settings.lines_left_free - claims - calls_omni_did_not_count,
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
          4, settings.max_calls_per_day - calls_today - claims,
          format('The most calls for today are made: %s', settings.max_calls_per_day), true,
          public.first_moment_of(day + interval '1 day', zone)
        ),
        (
          5, settings.max_calls_per_month - calls_this_month - claims,
          format('The most calls for this month are made: %s', settings.max_calls_per_month), true,
          public.first_moment_of(month + interval '1 month', zone)
        ),
        (
          6,
          floor((settings.max_spend_per_day - spent_today) / settings.expected_call_cost) - claims,
          format('The money for today is used up: %s', settings.max_spend_per_day), true,
          public.first_moment_of(day + interval '1 day', zone)
        ),
        (
          7,
          floor((settings.max_spend_per_month - spent_this_month) / settings.expected_call_cost)
            - claims,
          format('The money for this month is used up: %s', settings.max_spend_per_month), true,
          public.first_moment_of(month + interval '1 month', zone)
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

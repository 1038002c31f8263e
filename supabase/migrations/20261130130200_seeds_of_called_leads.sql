create or replace function public.was_called(
  lead_id uuid
)
returns boolean
language sql
stable
security invoker
set search_path = ''
as $$
  select exists (
    select
    from public.call_attempts as attempt
    where attempt.lead_id = was_called.lead_id
      and attempt.status in ('sending', 'accepted', 'unknown', 'ended')
  )
  -- Also where an app has merged two leads since, and the attempt names the other one.
  or exists (
    select
    from public.follow_ups as follow_up
    join public.call_attempts as attempt on attempt.follow_up_id = follow_up.id
    where follow_up.lead_id = was_called.lead_id
      and attempt.status in ('sending', 'accepted', 'unknown', 'ended')
  )
$$;

revoke all on function public.was_called from public, anon, authenticated;
grant execute on function public.was_called to service_role;

comment on function public.was_called is
  'True when a call to this lead, or to one that an app has merged into it, was, or may have been, placed: then it is never seeded again, also after somebody has tidied its finished follow-ups away.';

create or replace function public.call_refusal(
  follow_up public.follow_ups,
  lead public.leads,
  number text,
  as_of timestamptz default now()
)
returns table (
  reason text,
  until timestamptz,
  zones text[],
  ending text
)
language plpgsql
stable
rows 1
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
  first_due constant timestamptz := coalesce(follow_up.first_due_at, follow_up.due_at::timestamptz);
  prefix public.number_prefixes;
  has_hours boolean;
  possible_zones text[];
  wanted timestamptz;
  opens timestamptz;
  calls integer;
  calls_today integer;
  tomorrow timestamptz;
  calls_in_24_hours integer;
  oldest_in_24_hours timestamptz;
  last_call timestamptz;
  is_live boolean;
  placed_at timestamptz;
  has_stops boolean;
  has_pauses boolean;
  was_called boolean;
  -- Beyond, moments cannot be reckoned with: an app's or an operator's infinity.
  last_moment constant timestamptz := timestamptz '9999-01-01 00:00:00+00';
begin
  select * into strict settings from public.dispatch_settings;

  -- In one look with it which rules there are at all: two of these are made for every call.
  select
    count(*),
    count(*) filter (where attempt.opened_at > as_of - interval '24 hours'),
    min(attempt.opened_at) filter (where attempt.opened_at > as_of - interval '24 hours'),
    max(attempt.opened_at), coalesce(bool_or(attempt.status <> 'ended'), false),
    max(attempt.opened_at) filter (
      where attempt.follow_up_id = follow_up.id and attempt.status in ('accepted', 'ended')
    ),
    exists (select from public.do_not_call), exists (select from public.call_pauses),
    exists (select from public.calling_hours) or exists (select from public.calling_holidays),
    -- Whatever is known of how that call went, the person's phone has rung: also where an app has merged two leads
    -- since, and the attempt names the other one.
    follow_up.source::text = 'seed' and (
      exists (
        select
        from public.call_attempts as earlier
        where earlier.lead_id = lead.id
          and earlier.status = 'ended'
          and earlier.follow_up_id is distinct from follow_up.id
      )
      or exists (
        select
        from public.follow_ups as other
        join public.call_attempts as earlier on earlier.follow_up_id = other.id
        where other.lead_id = lead.id
          and other.id <> follow_up.id
          and earlier.status = 'ended'
      )
    )
  into
    calls, calls_in_24_hours, oldest_in_24_hours, last_call, is_live, placed_at,
    has_stops, has_pauses, has_hours, was_called
  from public.call_attempts as attempt
  where attempt.to_number = number
    and attempt.status in ('sending', 'accepted', 'unknown', 'ended');

  -- For good. What lies with the lead skips the follow-up: when the lead is changed, it is seeded anew.
  -- What lies with the number or with time fails it, which keeps the lead from being seeded anew for ever.
  reason := case
    when lead.id is null then 'Lead does not exist'
    else public.lead_refusal_reason(
      lead.stage::text, lead.phone::text, lead.call_date::timestamptz, follow_up.source::text
    )
  end;
  if reason is null and was_called then
    reason := 'Lead has been called meanwhile';
  end if;
  ending := case when reason is null then 'failed' else 'skipped' end;
  if reason is null and has_stops and public.is_on_stop_list(number) then
    reason := 'Number is on the stop list';
  end if;
  if reason is null and first_due < as_of - settings.expire_after then
    reason := format(
      'Expired: it could not be called since %s', to_char(first_due, 'YYYY-MM-DD HH24:MI "UTC"')
    );
  end if;

  -- One that was pending again without a new time, such as a row that an app has written back whole, or one
  -- that was cancelled while its call was placed. What it has had to wait for is no new time.
  if reason is null and placed_at >= first_due then
    reason := format(
      'Its call was placed at %s: a later due_at calls again',
      to_char(placed_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')
    );
    ending := 'skipped';
  end if;
  if reason is null and calls >= settings.max_calls_per_number then
    reason := format('Number has been called %s times, which is the most', calls);
  end if;
  if reason is not null then
    return next;
    return;
  end if;
  ending := null;

  -- For now: the follow-up waits until then.
  if has_pauses then
    select
      coalesce('Paused: ' || pause.reason, 'Paused'),
      coalesce(pause.until, as_of + interval '30 minutes')
    into reason, until
    from public.call_pauses as pause
    where (pause.lead_id = lead.id or pause.source = follow_up.source::text)
      and (pause.until is null or pause.until > as_of)
    order by pause.until desc nulls first
    limit 1;
    if found then
      return next;
      return;
    end if;
  end if;

  -- Without hours nobody asks where the number is, nor for its day before it has been called; where the lead
  -- says it, it must be true all the same.
  if has_hours or calls > 0 then
    prefix := public.number_prefix(number);
  end if;
  if has_hours or calls > 0 or lead.time_zone is not null then
    possible_zones := public.call_zones(lead.time_zone::text, prefix.time_zones);
    if possible_zones is null then
      reason := format('Time zone "%s" of the lead is not known', lead.time_zone);
      until := as_of + interval '1 hour';
      return next;
      return;
    end if;
  end if;

  if is_live then
    reason := 'Number is in another live call';
    until := as_of + settings.number_busy_delay;
  elsif last_call + settings.smallest_gap_per_number > as_of then
    reason := 'Number was called a moment ago';
    until := last_call + settings.smallest_gap_per_number;
  end if;
  if calls_in_24_hours >= settings.max_calls_per_number_per_24_hours then
    reason := format('Number has been called %s times within 24 hours', calls_in_24_hours);
    until := greatest(until, oldest_in_24_hours + interval '24 hours');
  end if;

  begin
    -- Where the number can be in several zones, the day of each of them counts.
    if calls > 0 and settings.max_calls_per_number_per_day is not null and as_of < last_moment then
      select
        max(today.calls),
        max(
          public.first_moment_of(
            date_trunc('day', as_of at time zone today.zone) + interval '1 day', today.zone
          )
        )
      into calls_today, tomorrow
      from (
        select zone.name as zone, count(*) as calls
        from unnest(possible_zones) as zone (name)
        join public.call_attempts as attempt
          on attempt.to_number = number
          and attempt.status in ('sending', 'accepted', 'unknown', 'ended')
          and attempt.opened_at
            >= public.first_moment_of(date_trunc('day', as_of at time zone zone.name), zone.name)
        group by zone.name
        having count(*) >= settings.max_calls_per_number_per_day
      ) as today;
      if calls_today is not null then
        reason := format('Number has been called %s times today', calls_today);
        until := greatest(until, tomorrow);
      end if;
    end if;

    -- Where neither the number nor a zone is known yet, the opening of the attempt decides.
    wanted := coalesce(until, as_of);
    if has_hours and wanted < last_moment
      and (number is not null or btrim(coalesce(lead.time_zone::text, '')) <> '')
    then
      select opening.opens_at into opens
      from public.calling_openings as opening
      where opening.hours_key = public.hours_key(number, prefix.country)
        and opening.zones = possible_zones
        and opening.closed_from <= wanted
        and opening.opens_at > wanted;
      if opens is null and not public.is_calling_hour(number, prefix.country, possible_zones, wanted) then
        opens := coalesce(
          public.next_calling_moment(number, prefix.country, possible_zones, wanted), wanted + interval '1 day'
        );
      end if;
      if opens is not null then
        reason := coalesce(reason, 'Outside the calling hours');
        until := opens;
        zones := possible_zones;
      end if;
    end if;
  exception
    -- A zone of the number that this database does not know: its calls stop, and nobody else's.
    when invalid_parameter_value then
      reason := concat('The hours cannot be told: ', sqlerrm);
      until := as_of + interval '1 hour';
  end;
  if until is not null then
    return next;
  end if;
end
$$;

revoke all on function public.call_refusal from public, anon, authenticated;
grant execute on function public.call_refusal to service_role;

comment on function public.call_refusal is
  'Why this follow-up of this lead must not be called at as_of at this number (E.164, or as number_as_written reads it), and when that ends: until null = for good, and the follow-up takes the status in ending: skipped, when it lies with the lead, or failed. zones: those whose hours are closed, else null. No row = it may be called. The claim, the opening of an attempt and the dry run ask here and nowhere else. In this order: the lead itself, the stop list, expiry, a call to this number that was placed for this follow-up since it was due, the budget of the number; then pauses, an unknown time zone, a live call to the number, its gap and limits, the calling hours.';

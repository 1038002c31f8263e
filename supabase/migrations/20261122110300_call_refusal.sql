-- The one place that says no. The claim, the opening of an attempt, the dry run and the views ask it.

alter table public.dispatch_settings
  add column max_calls_per_number integer
    constraint max_calls_per_number_is_positive check (max_calls_per_number > 0),
  add column max_calls_per_number_per_day integer default 5
    constraint max_calls_per_number_per_day_is_positive check (max_calls_per_number_per_day > 0),
  add column max_calls_per_number_per_24_hours integer
    constraint max_calls_per_number_per_24_hours_is_positive
    check (max_calls_per_number_per_24_hours > 0),
  add column smallest_gap_per_number interval not null default '10 minutes'
    constraint smallest_gap_per_number_is_not_negative
    check (smallest_gap_per_number >= interval '0'),
  add column hours_jitter interval not null default '10 minutes'
    constraint hours_jitter_is_not_negative check (hours_jitter >= interval '0'),
  add column expire_after interval default '30 days'
    constraint expire_after_is_positive check (expire_after > interval '0');

comment on column public.dispatch_settings.max_calls_per_number is
  'Most calls to one number, ever, whichever leads and follow-ups they are for; null = no limit.';
comment on column public.dispatch_settings.max_calls_per_number_per_day is
  'Most calls to one number on one day of its own calendar; null = no limit.';
comment on column public.dispatch_settings.max_calls_per_number_per_24_hours is
  'Most calls to one number within any 24 hours; null = no limit.';
comment on column public.dispatch_settings.smallest_gap_per_number is
  'No number is called again before this time has passed since it was called last.';
comment on column public.dispatch_settings.hours_jitter is
  'What waits for its hours is spread over so much time after they open.';
comment on column public.dispatch_settings.expire_after is
  'A follow-up that could not be called for this long after it was first due is skipped rather than called stale; null = never.';

alter table public.follow_ups add column if not exists first_due_at timestamptz;
comment on column public.follow_ups.first_due_at is
  'When it was due before a rule moved it; null = it has not been moved. It expires by this moment.';

create index call_attempts_to_a_number on public.call_attempts (to_number, opened_at)
  where status in ('sending', 'accepted', 'unknown', 'ended');

create table public.call_pauses (
  id bigint generated always as identity primary key,
  source text
    constraint source_is_known check (source in ('seed', 'recall', 'manual')),
  lead_id uuid,
  reason text,
  until timestamptz,
  paused_at timestamptz not null default now(),
  constraint it_pauses_a_source_or_a_lead check (num_nonnulls(source, lead_id) = 1)
);

create index call_pauses_of_a_lead on public.call_pauses (lead_id) where lead_id is not null;
create index call_pauses_of_a_source on public.call_pauses (source) where source is not null;

alter table public.call_pauses enable row level security;
create policy service_role_manages_call_pauses on public.call_pauses
  to service_role using (true) with check (true);
revoke all on table public.call_pauses from public, anon, authenticated;
grant select, insert, update, delete on table public.call_pauses to service_role;

comment on table public.call_pauses is
  'Stops one source of follow-ups or one lead, read inside every claim. Delete the row, or let it run out, to go on. dispatch_settings.paused stops everything.';
comment on column public.call_pauses.id is 'Key of the pause.';
comment on column public.call_pauses.source is 'The source that is paused: seed, recall or manual.';
comment on column public.call_pauses.lead_id is
  'The lead that is paused. No foreign key: an app that empties its leads must not fail for a pause.';
comment on column public.call_pauses.reason is 'Why, in your own words.';
comment on column public.call_pauses.until is 'When it ends by itself; null = when it is deleted.';
comment on column public.call_pauses.paused_at is 'When it was begun.';

create function public.number_as_written(
  phone text
)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  with written as (
    select regexp_replace(coalesce(number_as_written.phone, ''), '[^0-9+]', '', 'g') as text
  )
  select case
    when written.text ~ '^\+[1-9][0-9]{7,14}$' then written.text
    when written.text ~ '^00[1-9][0-9]{7,14}$' then '+' || substr(written.text, 3)
  end
  from written
$$;

revoke all on function public.number_as_written from public, anon, authenticated;
grant execute on function public.number_as_written to service_role;

comment on function public.number_as_written is
  'The number in E.164 as far as it can be read without a library: null for one that is written without its country. For the claim and the dry run, which look ahead; the opening of an attempt has the number as it is dialled.';

create function public.call_zones(
  time_zone text,
  number_zones text[]
)
returns text[]
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  return (
    select case
      when btrim(coalesce(call_zones.time_zone, '')) <> '' then
        case when public.is_time_zone(btrim(call_zones.time_zone))
          then array[btrim(call_zones.time_zone)]
        end
      else coalesce(
        nullif(call_zones.number_zones, '{}'),
        (select array[settings.default_time_zone] from public.dispatch_settings as settings)
      )
    end
  );
end
$$;

revoke all on function public.call_zones from public, anon, authenticated;
grant execute on function public.call_zones to service_role;

comment on function public.call_zones is
  'The zones in which the person may be: the one stated on the lead, else all zones of the number, else the default. Null when the stated one is not known: then nobody is called by it.';

create function public.call_refusal(
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
security invoker
set search_path = ''
-- A few rows of large tables: through indexes, whatever the statistics say or do not say yet.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
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
  calls_in_24_hours integer;
  oldest_in_24_hours timestamptz;
  last_call timestamptz;
  is_live boolean;
begin
  select * into strict settings from public.dispatch_settings;

  -- For good. What lies with the lead skips the follow-up: when the lead is changed, it is seeded anew.
  -- What lies with the number or with time fails it, which keeps the lead from being seeded anew for ever.
  reason := case
    when lead.id is null then 'Lead does not exist'
    else public.lead_refusal_reason(
      lead.stage::text, lead.phone::text, lead.call_date::timestamptz, follow_up.source::text
    )
  end;
  ending := case when reason is null then 'failed' else 'skipped' end;
  if reason is null
    and exists (select from public.do_not_call)
    and public.is_on_stop_list(number)
  then
    reason := 'Number is on the stop list';
  end if;
  if reason is null and first_due + settings.expire_after < as_of then
    reason := format(
      'Expired: it could not be called since %s', to_char(first_due, 'YYYY-MM-DD HH24:MI "UTC"')
    );
  end if;

  select
    count(*),
    count(*) filter (where attempt.opened_at > as_of - interval '24 hours'),
    min(attempt.opened_at) filter (where attempt.opened_at > as_of - interval '24 hours'),
    max(attempt.opened_at), coalesce(bool_or(attempt.status <> 'ended'), false)
  into calls, calls_in_24_hours, oldest_in_24_hours, last_call, is_live
  from public.call_attempts as attempt
  where attempt.to_number = number
    and attempt.status in ('sending', 'accepted', 'unknown', 'ended');
  if reason is null and calls >= settings.max_calls_per_number then
    reason := format('Number has been called %s times, which is the most', calls);
  end if;
  if reason is not null then
    return next;
    return;
  end if;
  ending := null;

  -- For now: the follow-up waits until then.
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

  has_hours := exists (select from public.calling_hours)
    or exists (select from public.calling_holidays);
  -- Without hours nobody asks where the number is.
  if has_hours or calls > 0 then
    prefix := public.number_prefix(number);
  end if;
  possible_zones := public.call_zones(lead.time_zone::text, prefix.time_zones);
  if possible_zones is null then
    reason := format('Time zone "%s" of the lead is not known', lead.time_zone);
    until := as_of + interval '1 hour';
    return next;
    return;
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
  if calls > 0 and settings.max_calls_per_number_per_day is not null then
    select count(*) into calls_today
    from public.call_attempts as attempt
    where attempt.to_number = number
      and attempt.status in ('sending', 'accepted', 'unknown', 'ended')
      and attempt.opened_at
        >= date_trunc('day', as_of at time zone possible_zones[1]) at time zone possible_zones[1];
    if calls_today >= settings.max_calls_per_number_per_day then
      reason := format('Number has been called %s times today', calls_today);
      until := greatest(
        until, (date_trunc('day', as_of at time zone possible_zones[1]) + interval '1 day') at time zone possible_zones[1]
      );
    end if;
  end if;

  begin
    -- Where neither the number nor a zone is known yet, the opening of the attempt decides.
    if has_hours and (number is not null or btrim(coalesce(lead.time_zone::text, '')) <> '') then
      wanted := coalesce(until, as_of);
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
  'Why this follow-up of this lead must not be called at as_of at this number (E.164, or as number_as_written reads it), and when that ends: until null = for good, and the follow-up takes the status in ending: skipped, when it lies with the lead, or failed. zones: those whose hours are closed, else null. No row = it may be called. The claim, the opening of an attempt and the dry run ask here and nowhere else. In this order: the lead itself, the stop list, expiry, the budget of the number; then pauses, an unknown time zone, a live call to the number, its gap and limits, the calling hours.';

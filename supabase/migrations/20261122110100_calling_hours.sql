-- When people may be called, as data: a change counts from the next claim on. Without a row, there are
-- no hours: everybody may be called at any time.
create table public.calling_hours (
  id bigint generated always as identity primary key,
  region text not null default 'everywhere'
    constraint region_is_a_country_a_prefix_or_everywhere
    check (region = 'everywhere' or region ~ '^[A-Z]{2}$' or region ~ '^\+[1-9][0-9]{0,14}$'),
  weekdays integer[] not null default '{1,2,3,4,5,6,7}'
    constraint weekdays_are_from_monday_1_to_sunday_7
    check (weekdays <@ '{1,2,3,4,5,6,7}' and cardinality(weekdays) > 0),
  opens time not null,
  closes time not null,
  valid_from date,
  valid_until date
    constraint valid_until_is_not_before_valid_from check (valid_until >= valid_from),
  pack text,
  source text,
  constraint hours_are_not_empty check (opens <> closes)
);

create table public.calling_holidays (
  region text not null default 'everywhere'
    constraint region_is_a_country_a_prefix_or_everywhere
    check (region = 'everywhere' or region ~ '^[A-Z]{2}$' or region ~ '^\+[1-9][0-9]{0,14}$'),
  day date not null,
  name text,
  pack text,
  source text,
  primary key (region, day)
);

alter table public.calling_hours enable row level security;
create policy service_role_manages_calling_hours on public.calling_hours
  to service_role using (true) with check (true);
revoke all on table public.calling_hours from public, anon, authenticated;
grant select, insert, update, delete on table public.calling_hours to service_role;
alter table public.calling_holidays enable row level security;
create policy service_role_manages_calling_holidays on public.calling_holidays
  to service_role using (true) with check (true);
revoke all on table public.calling_holidays from public, anon, authenticated;
grant select, insert, update, delete on table public.calling_holidays to service_role;

comment on table public.calling_hours is
  'Hours in which people may be called, by the clock on their wall. For a number the rows of its longest prefix count, else those of its country, else those for everywhere; with none of them it may be called at any time.';
comment on column public.calling_hours.id is 'Key of the rule.';
comment on column public.calling_hours.region is
  'everywhere, a country in two letters (US), or a prefix of numbers with + (+1305).';
comment on column public.calling_hours.weekdays is
  'Days on which the window begins: 1 = Monday … 7 = Sunday.';
comment on column public.calling_hours.opens is 'Local time from which on calls may begin.';
comment on column public.calling_hours.closes is
  'Local time from which on none may begin; not after opens = the window ends on the next day; 24:00 = midnight.';
comment on column public.calling_hours.valid_from is
  'First local date on which the rule holds; null = always.';
comment on column public.calling_hours.valid_until is
  'Last local date on which the rule holds; null = for ever.';
comment on column public.calling_hours.pack is
  'The rule pack that brought it, see use_calling_hours_pack; null = your own.';
comment on column public.calling_hours.source is 'Where the rule comes from, such as a law.';
comment on table public.calling_holidays is
  'Days on which nobody in the region is called. All that fit a number count.';
comment on column public.calling_holidays.region is
  'everywhere, a country in two letters (US), or a prefix of numbers with + (+1305).';
comment on column public.calling_holidays.day is 'The local date.';
comment on column public.calling_holidays.name is 'What is celebrated.';
comment on column public.calling_holidays.pack is
  'The rule pack that brought it; null = your own.';
comment on column public.calling_holidays.source is 'Where the date comes from.';

-- These are plpgsql because they are called once a row: it keeps their plans, and an SQL function would be
-- planned anew at each call.
create function public.governing_hours(
  number text,
  country text
)
returns setof public.calling_hours
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  return query
    with fitting as (
      select
        rule.*,
        case
          when rule.region = 'everywhere' then 0
          when rule.region like '+%' then 10 + length(rule.region)
          else 1
        end as closeness
      from public.calling_hours as rule
      where rule.region = 'everywhere'
        or rule.region = governing_hours.country
        or starts_with(governing_hours.number, rule.region)
    )
    select
      fitting.id, fitting.region, fitting.weekdays, fitting.opens, fitting.closes,
      fitting.valid_from, fitting.valid_until, fitting.pack, fitting.source
    from fitting
    where fitting.closeness = (select max(closest.closeness) from fitting as closest);
end
$$;

create function public.is_calling_hour(
  number text,
  country text,
  zones text[],
  at_moment timestamptz
)
returns boolean
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  return (
    with rule as materialized (
      select * from public.governing_hours(is_calling_hour.number, is_calling_hour.country)
    ),
    here as (
      select is_calling_hour.at_moment at time zone zone.name as local
      from unnest(is_calling_hour.zones) as zone (name)
    )
    select not exists (
      select
      from here
      where exists (select from rule)
        and not exists (
          select
          from rule
          -- A window over midnight, seen from the day on which it began.
          cross join lateral (
            values (here.local::date), (here.local::date - 1)
          ) as began (day)
          where extract(isodow from began.day)::integer = any (rule.weekdays)
            and (rule.valid_from is null or began.day >= rule.valid_from)
            and (rule.valid_until is null or began.day <= rule.valid_until)
            and here.local >= began.day + rule.opens
            and here.local < began.day + rule.closes
              + case when rule.closes <= rule.opens then interval '1 day' else interval '0' end
        )
        or exists (
          select
          from public.calling_holidays as holiday
          where holiday.day = here.local::date
            and (
              holiday.region = 'everywhere'
              or holiday.region = is_calling_hour.country
              or starts_with(is_calling_hour.number, holiday.region)
            )
        )
    )
  );
end
$$;

create function public.next_calling_moment(
  number text,
  country text,
  zones text[],
  from_moment timestamptz
)
returns timestamptz
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  candidate timestamptz;
begin
  -- Hours open when a window opens, or at the midnight that ends a holiday, in one of the zones.
  for candidate in
    select next_calling_moment.from_moment as moment
    union
    select (day.began + rule.opens) at time zone zone.name
    from unnest(next_calling_moment.zones) as zone (name)
    cross join generate_series(-1, 16) as ahead (days)
    cross join lateral (
      select
        (next_calling_moment.from_moment at time zone zone.name)::date + ahead.days as began
    ) as day
    cross join lateral (
      select governing.opens
      from public.governing_hours(next_calling_moment.number, next_calling_moment.country)
        as governing
      union
      select time '00:00'
    ) as rule
    where (day.began + rule.opens) at time zone zone.name >= next_calling_moment.from_moment
    order by moment
  loop
    if public.is_calling_hour(
      next_calling_moment.number, next_calling_moment.country, next_calling_moment.zones, candidate
    ) then
      return candidate;
    end if;
  end loop;
  return null;
end
$$;

revoke all on function public.governing_hours from public, anon, authenticated;
grant execute on function public.governing_hours to service_role;
revoke all on function public.is_calling_hour from public, anon, authenticated;
grant execute on function public.is_calling_hour to service_role;
revoke all on function public.next_calling_moment from public, anon, authenticated;
grant execute on function public.next_calling_moment to service_role;

comment on function public.governing_hours is
  'The rules that count for this number (E.164) of this country (number_country): those of its longest prefix, else of its country, else for everywhere. None = no hours are set for it.';
comment on function public.is_calling_hour is
  'True when a number (E.164) of this country (number_country) may be called at this moment in all of these zones, by calling_hours and calling_holidays. Without hours for it, at any time that is no holiday.';
comment on function public.next_calling_moment is
  'The first moment from from_moment on at which the number may be called in all of these zones; null when there is none within 16 days.';

-- What was worked out of the hours: until when they are closed. The many follow-ups that wait for the
-- same hours would else each ask anew.
create table public.calling_openings (
  hours_key text not null,
  zones text[] not null,
  closed_from timestamptz not null,
  opens_at timestamptz not null,
  primary key (hours_key, zones)
);

alter table public.calling_openings enable row level security;
create policy service_role_manages_calling_openings on public.calling_openings
  to service_role using (true) with check (true);
revoke all on table public.calling_openings from public, anon, authenticated;
grant select, insert, update, delete on table public.calling_openings to service_role;

comment on table public.calling_openings is
  'A memory of the claim: by these rules and in these zones nobody may be called from closed_from until opens_at. Emptied when a rule or a holiday changes.';
comment on column public.calling_openings.hours_key is 'The rules, see hours_key.';
comment on column public.calling_openings.zones is 'The zones.';
comment on column public.calling_openings.closed_from is 'The moment that was asked about.';
comment on column public.calling_openings.opens_at is 'The first moment after it at which calls may begin.';

create function public.hours_key(
  number text,
  country text
)
returns text
language plpgsql
stable
security invoker
set search_path = ''
set jit = off
as $$
begin
  return (
    select coalesce(string_agg(fitting.region, ' ' order by fitting.region), '')
    from (
      select rule.region from public.calling_hours as rule
      union
      select holiday.region from public.calling_holidays as holiday
    ) as fitting
    where fitting.region = 'everywhere'
      or fitting.region = hours_key.country
      or starts_with(hours_key.number, fitting.region)
  );
end
$$;

create function public.forget_calling_openings()
returns trigger
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  delete from public.calling_openings as opening where opening.opens_at is not null;
  return null;
end
$$;

revoke all on function public.hours_key from public, anon, authenticated;
grant execute on function public.hours_key to service_role;
revoke all on function public.forget_calling_openings from public, anon, authenticated;
grant execute on function public.forget_calling_openings to service_role;

comment on function public.hours_key is
  'The regions with rules or holidays that fit this number: numbers with the same key have the same hours.';
comment on function public.forget_calling_openings is
  'Trigger on calling_hours and calling_holidays: what was worked out of them does not hold any more.';

create trigger forget_calling_openings
  after insert or update or delete or truncate on public.calling_hours
  for each statement execute function public.forget_calling_openings();
create trigger forget_calling_openings
  after insert or update or delete or truncate on public.calling_holidays
  for each statement execute function public.forget_calling_openings();

-- A rule counts on the days on which it holds and not before or after, and hours open at the very moment
-- also in the nights in which the clock changes.

-- Before, the closest rule counted also on days on which it does not hold: a rule for a prefix that begins
-- next month closed that prefix until then, whatever was allowed in its country.
drop function public.governing_hours;

create function public.fitting_hours(
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
    select rule.*
    from public.calling_hours as rule
    where rule.region = 'everywhere'
      or rule.region = fitting_hours.country
      or starts_with(fitting_hours.number, rule.region);
end
$$;

create or replace function public.is_calling_hour(
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
    with fitting as materialized (
      select
        rule.*,
        case
          when rule.region = 'everywhere' then 0
          when rule.region like '+%' then 10 + length(rule.region)
          else 1
        end as closeness
      from public.fitting_hours(is_calling_hour.number, is_calling_hour.country) as rule
    ),
    here as materialized (
      select is_calling_hour.at_moment at time zone zone.name as local
      from unnest(is_calling_hour.zones) as zone (name)
    ),
    -- Of the rules that hold on the day on which a window begins, the closest count.
    rule as materialized (
      select began.day, holding.*
      from (
        -- A window over midnight, seen from the day on which it began.
        select here.local::date as day from here union select here.local::date - 1 from here
      ) as began
      cross join lateral (
        select fitting.*, max(fitting.closeness) over () as closest
        from fitting
        where (fitting.valid_from is null or began.day >= fitting.valid_from)
          and (fitting.valid_until is null or began.day <= fitting.valid_until)
      ) as holding
      where holding.closeness = holding.closest
        and extract(isodow from began.day)::integer = any (holding.weekdays)
    )
    select not exists (
      select
      from here
      -- Where rules fit and none of them holds, nobody is called.
      where exists (select from fitting)
        and not exists (
          select
          from rule
          where rule.day between here.local::date - 1 and here.local::date
            and here.local >= rule.day + rule.opens
            and here.local < rule.day + rule.closes
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

create or replace function public.next_calling_moment(
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
  -- Hours open when a window opens, or at the midnight that ends a holiday or begins a rule, in one of
  -- the zones.
  for candidate in
    with local_day as materialized (
      select
        zone.name as zone,
        began.day,
        began.day::timestamp at time zone zone.name as begins,
        (began.day + 1)::timestamp at time zone zone.name as ends
      from unnest(next_calling_moment.zones) as zone (name)
      cross join generate_series(-1, 16) as ahead (days)
      cross join lateral (
        select (next_calling_moment.from_moment at time zone zone.name)::date + ahead.days as day
      ) as began
    ),
    opening as materialized (
      select fitting.opens
      from public.fitting_hours(next_calling_moment.number, next_calling_moment.country) as fitting
      union
      select time '00:00'
    )
    select found.moment
    from (
      select next_calling_moment.from_moment as moment
      union
      select (local_day.day + opening.opens) at time zone local_day.zone
      from local_day
      cross join opening
      union
      -- On a day on which the clock changes the hour in which a window opens may be skipped, or come
      -- twice: every quarter of it is looked at, and the first of two openings.
      select quarter.moment
      from local_day
      cross join generate_series(local_day.begins, local_day.ends, '15 minutes') as quarter (moment)
      where local_day.ends - local_day.begins <> interval '24 hours'
      union
      select
        (local_day.day + opening.opens) at time zone local_day.zone
          - (local_day.ends - local_day.begins - interval '24 hours')
      from local_day
      cross join opening
      where local_day.ends - local_day.begins > interval '24 hours'
    ) as found
    where found.moment >= next_calling_moment.from_moment
    order by found.moment
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

revoke all on function public.fitting_hours from public, anon, authenticated;
grant execute on function public.fitting_hours to service_role;
revoke all on function public.is_calling_hour from public, anon, authenticated;
grant execute on function public.is_calling_hour to service_role;
revoke all on function public.next_calling_moment from public, anon, authenticated;
grant execute on function public.next_calling_moment to service_role;

comment on function public.fitting_hours is
  'The rules whose region fits this number (E.164) of this country (number_country), whether they hold now or not. None = no hours are set for it.';
comment on function public.is_calling_hour is
  'True when a number (E.164) of this country (number_country) may be called at this moment in all of these zones, by calling_hours and calling_holidays. Of the rules that hold on a day those of the longest prefix count, else of the country, else for everywhere. Without hours for the number, at any time that is no holiday; where hours are set and none of them holds, never.';
comment on function public.next_calling_moment is
  'The first moment from from_moment on at which the number may be called in all of these zones; null when there is none within 16 days.';
comment on table public.calling_hours is
  'Hours in which people may be called, by the clock on their wall. For a number, of the rows that hold on the day those of its longest prefix count, else those of its country, else those for everywhere; with no row at all it may be called at any time, with rows of which none holds never.';

-- The memory was worked out by the old rules.
delete from public.calling_openings as opening where opening.opens_at is not null;

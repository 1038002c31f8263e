-- Rule packs: hours that laws, regulators and trade bodies name, ready to be switched on. None is on
-- until it is chosen, and none is legal advice: whether it fits a call is for whoever calls to find out.
create view public.calling_hours_packs
with (security_invoker = true)
as
  select
    pack.name as pack,
    region.name as region,
    pack.weekdays::integer[] as weekdays,
    pack.opens::time as opens,
    pack.closes::time as closes,
    pack.valid_from::date as valid_from,
    pack.source
  from (
    values
      (
        'everywhere', '{everywhere}', '{1,2,3,4,5,6,7}', '09:00', '20:00', null,
        'A plain default of this project: no law, and stricter than most. Choose it first.'
      ),
      (
        'US', '{US}', '{1,2,3,4,5,6,7}', '08:00', '21:00', null,
        'United States: 47 CFR 64.1200(c)(1). Some states are stricter: see the packs US-….'
      ),
      (
        'US-FL',
        '{+1239,+1305,+1321,+1324,+1352,+1386,+1407,+1448,+1561,+1645,+1656,+1689,+1727,+1728,+1754,
          +1772,+1786,+1813,+1850,+1863,+1904,+1941,+1954}',
        '{1,2,3,4,5,6,7}', '08:00', '20:00', '2021-07-01',
        'Florida: Fla. Stat. 501.616(6)(a). By area code: who moved to Florida with another number is not found by it.'
      ),
      (
        'US-OK', '{+1405,+1539,+1572,+1580,+1918}',
        '{1,2,3,4,5,6,7}', '08:00', '20:00', '2022-11-01',
        'Oklahoma: Telephone Solicitation Act of 2022, 15 O.S. 775C.1 and following. 15 O.S. 755.1 names 09:00 to 21:00 for automatic dial announcing devices: check with counsel.'
      ),
      (
        'IN', '{IN}', '{1,2,3,4,5,6,7}', '10:00', '19:00', null,
        'India: opens with the hours for promotional calls under TCCCPR 2018, closes with those of the Reserve Bank for recovery calls (08:00 to 19:00, circular of 2022-08-12). The stricter choice; IN-21 is the other, and the choice is yours: check with counsel.'
      ),
      (
        'IN-21', '{IN}', '{1,2,3,4,5,6,7}', '10:00', '21:00', null,
        'India: 10:00 to 21:00, the hours for promotional calls under TCCCPR 2018 as operators apply them. Not for recovery calls; IN is the stricter choice, and the choice is yours: check with counsel.'
      ),
      (
        'GB', '{GB}', '{1,2,3,4,5}', '08:00', '21:00', null,
        'United Kingdom: guidance of the trade (Direct Marketing Association), no statute; the regulators name no hours and warn of antisocial ones. Bank holidays are not in the pack: check with counsel.'
      ),
      (
        'GB', '{GB}', '{6}', '09:00', '17:00', null,
        'United Kingdom: a choice stricter than the guidance of the trade, which has 09:00 to 21:00 on Saturdays and no calls on Sundays; no statute: check with counsel.'
      ),
      (
        'AU', '{AU}', '{1,2,3,4,5}', '09:00', '20:00', null,
        'Australia: Telecommunications (Telemarketing and Research Calls) Industry Standard 2017, telemarketing calls. No calls on Sundays and national public holidays.'
      ),
      (
        'AU', '{AU}', '{6}', '09:00', '17:00', null,
        'Australia: Telecommunications (Telemarketing and Research Calls) Industry Standard 2017, telemarketing calls. No calls on Sundays and national public holidays.'
      )
  ) as pack (name, regions, weekdays, opens, closes, valid_from, source)
  cross join lateral unnest(pack.regions::text[]) as region (name);

create view public.calling_holidays_packs
with (security_invoker = true)
as
  -- Easter moves, so each year is listed; the pack ends with the list.
  with easter as (
    select unnest(array[
      '2026-04-05', '2027-03-28', '2028-04-16', '2029-04-01', '2030-04-21'
    ]::date[]) as sunday
  ),
  australian as (
    select easter.sunday + holiday.days as day, holiday.name
    from easter
    cross join (values (-2, 'Good Friday'), (1, 'Easter Monday')) as holiday (days, name)
    union all
    select make_date(extract(year from easter.sunday)::integer, holiday.month, holiday.day), holiday.name
    from easter
    cross join (
      values
        (1, 1, 'New Year''s Day'), (1, 26, 'Australia Day'), (4, 25, 'Anzac Day'),
        (12, 25, 'Christmas Day'), (12, 26, 'Boxing Day')
    ) as holiday (month, day, name)
  )
  select
    'AU' as pack, 'AU' as region, australian.day, australian.name,
    'Australia: Fair Work Act 2009, section 115' as source
  from australian
  union all
  -- The states differ on which of these they declare; all are kept. Christmas and Boxing Day take each
  -- other's Monday, so theirs is always two days later.
  select
    'AU', 'AU',
    australian.day + case
      when australian.name in ('Christmas Day', 'Boxing Day') then 2
      else 8 - extract(isodow from australian.day)::integer
    end,
    australian.name || ', observed',
    'Australia: for a weekend''s holiday, as states declare it year by year: check theirs'
  from australian
  where extract(isodow from australian.day) >= 6;

revoke all on table public.calling_hours_packs from public, anon, authenticated;
grant select on table public.calling_hours_packs to service_role;
revoke all on table public.calling_holidays_packs from public, anon, authenticated;
grant select on table public.calling_holidays_packs to service_role;

comment on view public.calling_hours_packs is
  'The hours in each rule pack, with where they come from, to be read before one is chosen. They count once use_calling_hours_pack has been called.';
comment on view public.calling_holidays_packs is
  'The holidays in the rule packs, until the last year that is listed. They count once use_calling_hours_pack has been called.';

create function public.drop_calling_hours_pack(
  pack text
)
returns integer
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  hours integer;
  holidays integer;
begin
  delete from public.calling_hours as rule where rule.pack = drop_calling_hours_pack.pack;
  get diagnostics hours = row_count;
  delete from public.calling_holidays as holiday
  where holiday.pack = drop_calling_hours_pack.pack;
  get diagnostics holidays = row_count;
  return hours + holidays;
end
$$;

create function public.use_calling_hours_pack(
  pack text
)
returns integer
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  hours integer;
  holidays integer;
begin
  if not exists (
    select
    from public.calling_hours_packs as known
    where known.pack = use_calling_hours_pack.pack
  ) then
    raise exception 'Cannot use the calling hours pack "%"', use_calling_hours_pack.pack
      using hint = format(
        'Use one of these: %s.',
        (
          select string_agg(distinct known.pack, ', ' order by known.pack)
          from public.calling_hours_packs as known
        )
      );
  end if;

  -- Two calls at the same moment would each delete the old rows and each insert the new ones.
  lock table public.calling_hours, public.calling_holidays in share row exclusive mode;
  perform public.drop_calling_hours_pack(use_calling_hours_pack.pack);

  -- The windows of one region add up: beside IN-21, IN would change nothing.
  delete from public.calling_hours as other
  where other.pack is not null
    and other.region in (
      select chosen.region
      from public.calling_hours_packs as chosen
      where chosen.pack = use_calling_hours_pack.pack
    );

  insert into public.calling_hours
    (region, weekdays, opens, closes, valid_from, pack, source)
  select
    chosen.region, chosen.weekdays, chosen.opens, chosen.closes, chosen.valid_from, chosen.pack,
    chosen.source
  from public.calling_hours_packs as chosen
  where chosen.pack = use_calling_hours_pack.pack
  order by chosen.region, chosen.weekdays;
  get diagnostics hours = row_count;

  -- A day that is listed already stays as it is.
  insert into public.calling_holidays (region, day, name, pack, source)
  select chosen.region, chosen.day, chosen.name, chosen.pack, chosen.source
  from public.calling_holidays_packs as chosen
  where chosen.pack = use_calling_hours_pack.pack
  order by chosen.day
  on conflict do nothing;
  get diagnostics holidays = row_count;
  return hours + holidays;
end
$$;

revoke all on function public.drop_calling_hours_pack from public, anon, authenticated;
grant execute on function public.drop_calling_hours_pack to service_role;
revoke all on function public.use_calling_hours_pack from public, anon, authenticated;
grant execute on function public.use_calling_hours_pack to service_role;

comment on function public.drop_calling_hours_pack is
  'Takes a rule pack back: deletes its rows of calling_hours and calling_holidays, and only those. Returns how many; 0 when there were none.';
comment on function public.use_calling_hours_pack is
  'Puts the rows of a rule pack, see calling_hours_packs, into calling_hours and calling_holidays, in place of those that it or another pack put there for the same regions: calling it again brings a newer version. Your own rows stay, and widen the hours when they are for the same region. Nothing may change the two tables meanwhile; claims go on. Returns how many rows it put there.';

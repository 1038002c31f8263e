create or replace function public.is_time_zone(
  name text
)
returns boolean
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  -- Postgres also takes abbreviations, of which IST is Israel's and not India's, and made-up names
  -- with an offset, "Mars+3" or "UTC/GMT+5", of which it reads the sign the other way round. Only names of places
  -- are meant, and the offsets that have a name.
  if is_time_zone.name is null
    or is_time_zone.name !~ '^([A-Za-z_]+(/[A-Za-z_]+(-[A-Za-z_]+)*){1,2}|Etc/GMT(0|[+-][0-9]|[+]1[0-2]|-1[0-4])|UTC|GMT)$'
  then
    return false;
  end if;
  perform now() at time zone is_time_zone.name;
  return true;
exception
  when invalid_parameter_value then
    return false;
end
$$;

revoke all on function public.is_time_zone from public, anon, authenticated;
grant execute on function public.is_time_zone to service_role;

comment on function public.is_time_zone is
  'True for the IANA name of a time zone that the database knows, such as Asia/Kolkata; false for null.';

create or replace function public.lead_time_zone(
  time_zone text
)
returns text
language sql
stable
security invoker
set search_path = ''
as $$
  select case
    when public.is_time_zone(btrim(lead_time_zone.time_zone)) then btrim(lead_time_zone.time_zone)
    else settings.default_time_zone
  end
  from public.dispatch_settings as settings
$$;

revoke all on function public.lead_time_zone from public, anon, authenticated;
grant execute on function public.lead_time_zone to service_role;

comment on function public.lead_time_zone is
  'The zone in which a lead''s clock is read: the one stated on it where the database knows it, else the default.';

-- A function that was deployed before does not say from which phone it has read a number, and would call the
-- old one of a lead whose phone was corrected meanwhile.
create or replace function public.dispatch_contract()
returns integer
language sql
immutable
security invoker
set search_path = ''
as $$
  select 3
$$;

revoke all on function public.dispatch_contract from public, anon, authenticated;
grant execute on function public.dispatch_contract to service_role;

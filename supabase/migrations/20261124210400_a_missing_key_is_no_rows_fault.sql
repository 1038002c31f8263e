-- A stop list that cannot be read concerns everybody: no row is set aside for it.
create or replace function public.stop_list_hash(
  number text
)
returns text
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  key bytea;
begin
  select known.key into key from public.stop_list_key as known;
  -- Without the key no entry would be found, and those who were erased would be called.
  if key is null then
    raise exception 'Cannot read the stop list: stop_list_key is empty'
      using errcode = 'CD001', hint = 'Restore its row from a backup.';
  end if;
  return encode(sha256(key || convert_to(stop_list_hash.number, 'UTF8')), 'hex');
end
$$;

revoke all on function public.stop_list_hash from public, anon, authenticated;
grant execute on function public.stop_list_hash to service_role;

comment on function public.stop_list_hash is
  'The keyed SHA-256, in hex, of a number (E.164) as it stands in do_not_call.number_hash; null for null. It fails when the key is gone.';

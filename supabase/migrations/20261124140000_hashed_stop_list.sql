-- Entries of the stop list that do not name the number: what is kept of somebody who is erased.

-- The hash is keyed by a secret of this database. Numbers are few: whoever holds the key can hash them
-- all and find the one. So this hides a number from those who read the list, a copy of it or a log, and
-- not from those who hold the database. Without any entry nobody would know whom not to call again.
create table public.stop_list_key (
  id boolean primary key default true
    constraint there_is_one_row check (id),
  key bytea not null
    constraint key_is_long_enough check (length(key) = 32)
);

-- Two random uuids hold 244 bits from the system's source of randomness.
insert into public.stop_list_key (key)
select sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));

alter table public.stop_list_key enable row level security;
create policy service_role_manages_stop_list_key on public.stop_list_key
  to service_role using (true) with check (true);
revoke all on table public.stop_list_key from public, anon, authenticated;
grant select on table public.stop_list_key to service_role;

comment on table public.stop_list_key is
  'One row: the secret with which numbers on the stop list are hashed, made at random in each project. It cannot be changed: the hashed entries would stop nobody any more.';
comment on column public.stop_list_key.id is 'Always true: there is one row.';
comment on column public.stop_list_key.key is '32 random bytes.';

create function public.keep_stop_list_key()
returns trigger
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  raise exception 'Cannot change the key of the stop list: those who were erased would be called again';
end
$$;

revoke all on function public.keep_stop_list_key from public, anon, authenticated;
grant execute on function public.keep_stop_list_key to service_role;
comment on function public.keep_stop_list_key is
  'Trigger on stop_list_key: refuses every change.';

create trigger keep_stop_list_key
  before update or delete or truncate on public.stop_list_key
  for each statement execute function public.keep_stop_list_key();

alter table public.do_not_call
  drop constraint do_not_call_pkey;
alter table public.do_not_call
  alter column number drop not null,
  add column id bigint generated always as identity primary key,
  add column number_hash text
    constraint number_hash_is_a_hash check (number_hash ~ '^[0-9a-f]{64}$'),
  add constraint do_not_call_number_key unique (number),
  add constraint do_not_call_number_hash_key unique (number_hash),
  add constraint an_entry_has_a_number_or_its_hash check (num_nonnulls(number, number_hash) = 1);

comment on table public.do_not_call is
  'The stop list: numbers that are never called, whichever lead or follow-up names them. Looked at when a follow-up is claimed, and for the number as it is dialled when the attempt is opened. An entry names a number or a prefix, or holds the hash of the number of somebody who was erased.';
comment on column public.do_not_call.id is 'Key of the entry.';
comment on column public.do_not_call.number is
  'E.164, such as +14155550123; or a prefix that ends in a star, +1900*; null = see number_hash.';
comment on column public.do_not_call.number_hash is
  'stop_list_hash of the number of somebody who was erased: to let a number be called again, delete where number_hash = stop_list_hash(''+14155550123''). Null = see number.';
comment on column public.do_not_call.added_by is
  'Who added it: operator, call when the person said so in a call, or erasure.';

create function public.stop_list_hash(
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
      using hint = 'Restore its row from a backup.';
  end if;
  return encode(sha256(key || convert_to(stop_list_hash.number, 'UTF8')), 'hex');
end
$$;

create or replace function public.is_on_stop_list(
  number text
)
returns boolean
language plpgsql
stable
security invoker
set search_path = ''
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
begin
  return (
    select exists (
        select
        from public.do_not_call as stopped
        where stopped.number = is_on_stop_list.number
      )
      or exists (
        select
        from generate_series(2, length(is_on_stop_list.number)) as prefix (length)
        join public.do_not_call as stopped
          on stopped.number = left(is_on_stop_list.number, prefix.length) || '*'
      )
  ) or public.is_erased_number(is_on_stop_list.number);
end
$$;

create function public.is_erased_number(
  number text
)
returns boolean
language plpgsql
stable
security invoker
set search_path = ''
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
begin
  -- Most projects have no such entry, and nothing is hashed.
  if not exists (select from public.do_not_call as any_one where any_one.number_hash is not null) then
    return false;
  end if;
  return exists (
    select
    from public.do_not_call as stopped
    where stopped.number_hash = public.stop_list_hash(is_erased_number.number)
  );
end
$$;

revoke all on function public.stop_list_hash from public, anon, authenticated;
grant execute on function public.stop_list_hash to service_role;
revoke all on function public.is_on_stop_list from public, anon, authenticated;
grant execute on function public.is_on_stop_list to service_role;
revoke all on function public.is_erased_number from public, anon, authenticated;
grant execute on function public.is_erased_number to service_role;

comment on function public.stop_list_hash is
  'The keyed SHA-256, in hex, of a number (E.164) as it stands in do_not_call.number_hash; null for null. It fails when the key is gone.';
comment on function public.is_on_stop_list is
  'True when this number (E.164), a prefix of it, or its hash is in do_not_call; false for null.';
comment on function public.is_erased_number is
  'True when the person with this number (E.164) has been erased: do_not_call holds its hash. False for null.';

create table public.do_not_call (
  number text primary key
    constraint number_is_e164_or_a_prefix_with_a_star
    check (number ~ '^\+[1-9][0-9]{7,14}$' or number ~ '^\+[1-9][0-9]{0,13}\*$'),
  reason text,
  added_by text not null default 'operator',
  added_at timestamptz not null default now()
);

alter table public.do_not_call enable row level security;
create policy service_role_manages_do_not_call on public.do_not_call
  to service_role using (true) with check (true);
revoke all on table public.do_not_call from public, anon, authenticated;
grant select, insert, update, delete on table public.do_not_call to service_role;

comment on table public.do_not_call is
  'The stop list: numbers that are never called, whichever lead or follow-up names them. Looked at when a follow-up is claimed, and for the number as it is dialled when the attempt is opened.';
comment on column public.do_not_call.number is
  'E.164, such as +14155550123; or a prefix that ends in a star, +1900*.';
comment on column public.do_not_call.reason is 'Why, in your own words.';
comment on column public.do_not_call.added_by is
  'Who added it: operator, or call when the person said so in a call.';
comment on column public.do_not_call.added_at is 'When it was added.';

create function public.is_on_stop_list(
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
  );
end
$$;

revoke all on function public.is_on_stop_list from public, anon, authenticated;
grant execute on function public.is_on_stop_list to service_role;

comment on function public.is_on_stop_list is
  'True when this number (E.164), or a prefix of it, is in do_not_call.';

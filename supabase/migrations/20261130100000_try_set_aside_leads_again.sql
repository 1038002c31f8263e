-- A lead for which no follow-up could be made is tried again after its time also where nothing else is to be done.
create index set_aside_leads_key on public.set_aside_rows (until) where kind = 'lead';

create or replace function public.dispatch_backlog(
  as_of timestamptz default now()
)
returns table (
  paused boolean,
  free_slots integer,
  seedable integer,
  due integer,
  stale integer
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
set max_parallel_workers_per_gather = 0
as $$
declare
  settings public.dispatch_settings;
begin
  select * into strict settings from public.dispatch_settings;
  paused := settings.paused;
  select count(*) into seedable
  from (
    (select from public.seed_candidates limit 1000)
    union all
    (
      select
      from public.set_aside_rows as aside
      where aside.kind = 'lead' and aside.until <= dispatch_backlog.as_of
      limit 1000
    )
  ) as candidate;
  select count(*) into due
  from (
    select
    from public.dispatchable_follow_ups as follow_up
    where follow_up.due_at <= dispatch_backlog.as_of
      and (follow_up.leased_until is null or follow_up.leased_until <= dispatch_backlog.as_of)
    order by follow_up.due_at, follow_up.id
    limit 1000
  ) as follow_up;
  if not paused and seedable + due > 0 then
    free_slots := public.free_call_slots(dispatch_backlog.as_of);
  end if;
  select count(*) into stale
  from (
    (
      select
      from public.call_attempts as attempt
      where attempt.status = 'sending' and attempt.sending_until < dispatch_backlog.as_of
      limit 1000
    )
    union all
    (
      select
      from public.call_attempts as attempt
      where attempt.status = 'accepted'
        and attempt.opened_at < dispatch_backlog.as_of - settings.longest_call
      limit 1000
    )
    union all
    (select from public.attempts_to_settle(100, dispatch_backlog.as_of))
    union all
    (
      select
      from public.call_attempts as attempt
      where attempt.callback_status = 'to_read'
      limit 1000
    )
    union all
    (select from public.settleable_parked_events(100, dispatch_backlog.as_of))
    union all
    (select from public.attempts_with_refused_parts(100, dispatch_backlog.as_of))
  ) as attempt;
  return next;
end
$$;

revoke all on function public.dispatch_backlog from public, anon, authenticated;
grant execute on function public.dispatch_backlog to service_role;

comment on function public.dispatch_backlog is
  'What there is to do at as_of; each count stops at 1,000 so that a look costs the same at any size. paused; free_slots: calls that may still be begun, counted only while not paused and with somebody to seed or to call, else null, and null = no limit; seedable: leads to be looked at by the seed phase; due: follow-ups that a claim could take; stale: attempts to be rescued or settled, wishes to be read, and what the app has refused of what follows from a call. Asked by the schedule, before it sends anything, by a run that ends, and by call_status.';

create function public.dispatch_backlog(
  as_of timestamptz default now()
)
returns table (
  paused boolean,
  free_slots integer,
  seedable integer,
  due integer,
  stale integer
)
language sql
stable
security invoker
set search_path = ''
-- A few rows of large tables: through indexes, whatever the statistics say or do not say yet.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
  select
    settings.paused,
    public.free_call_slots(dispatch_backlog.as_of),
    (
      select count(*)::integer
      from (select from public.seed_candidates limit 1000) as candidate
    ),
    (
      select count(*)::integer
      from (
        select
        from public.dispatchable_follow_ups as follow_up
        where follow_up.due_at <= dispatch_backlog.as_of
          and (follow_up.leased_until is null or follow_up.leased_until <= dispatch_backlog.as_of)
        order by follow_up.due_at, follow_up.id
        limit 1000
      ) as follow_up
    ),
    (
      select count(*)::integer
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
      ) as attempt
    )
  from public.dispatch_settings as settings
$$;

revoke all on function public.dispatch_backlog from public, anon, authenticated;
grant execute on function public.dispatch_backlog to service_role;

comment on function public.dispatch_backlog is
  'What there is to do at as_of; each count stops at 1,000 so that a look costs the same at any size. paused; free_slots (null = no limit); seedable: leads to be looked at by the seed phase; due: follow-ups that a claim could take; stale: attempts to be rescued. Asked by the schedule, before it sends anything, and by a run that found nothing to claim.';

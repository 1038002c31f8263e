-- The run, the tick and the daily purge learn of calls that have to be settled.
create or replace function public.rescue_stale_attempts(
  run_id uuid default null,
  as_of timestamptz default now()
)
returns integer
language plpgsql
volatile
security invoker
set search_path = ''
-- A few rows of large tables: through indexes, whatever the statistics say or do not say yet.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
  batch constant integer := 5000;
  given_up integer;
  freed integer;
  settings public.dispatch_settings;
begin
  select * into strict settings from public.dispatch_settings;

  -- The run that sent these has died. Whether its requests left is not known: never dial them again.
  with stale as materialized (
    select attempt.id
    from public.call_attempts as attempt
    where attempt.status = 'sending' and attempt.sending_until < rescue_stale_attempts.as_of
    order by attempt.sending_until
    for update skip locked
    limit batch
  ),
  moved as (
    update public.call_attempts as attempt
    set status = 'unknown',
      error = 'The run ended before the reply was stored'
    from stale
    where attempt.id = stale.id
    returning attempt.follow_up_id
  ),
  held as (
    update public.follow_ups as follow_up
    set reason = 'Held, the call may have been placed: the run ended before the reply was stored',
      lease_token = null,
      leased_until = null,
      updated_at = rescue_stale_attempts.as_of
    from moved
    where follow_up.id = moved.follow_up_id and follow_up.status = 'pending'
  )
  select count(*) into given_up from moved;

  -- Nobody told how these ended. The number is free again, and the history says that nobody did.
  with stale as materialized (
    select attempt.id
    from public.call_attempts as attempt
    where attempt.status = 'accepted'
      and attempt.opened_at < rescue_stale_attempts.as_of - settings.longest_call
    order by attempt.opened_at
    for update skip locked
    limit batch
  )
  update public.call_attempts as attempt
  set status = 'ended',
    ended_at = rescue_stale_attempts.as_of
  from stale
  where attempt.id = stale.id;

  with stale as materialized (
    select follow_up.id
    from public.follow_ups as follow_up
    where follow_up.status = 'pending'
      and follow_up.lease_token is not null
      and follow_up.leased_until <= rescue_stale_attempts.as_of
      and not exists (
        select
        from public.call_attempts as attempt
        where attempt.follow_up_id = follow_up.id
          and attempt.status in ('sending', 'accepted', 'unknown')
      )
    order by follow_up.leased_until
    for update skip locked
    limit batch
  )
  update public.follow_ups as follow_up
  set lease_token = null,
    leased_until = null,
    updated_at = rescue_stale_attempts.as_of
  from stale
  where follow_up.id = stale.id;
  get diagnostics freed = row_count;

  perform public.close_lost_runs(rescue_stale_attempts.as_of);

  update public.dispatch_runs as run
  set rescued = run.rescued + given_up + freed
  where run.id = rescue_stale_attempts.run_id and given_up + freed > 0;

  -- Last, with everything else done.
  perform public.settle_parked_events(rescue_stale_attempts.as_of);
  return given_up + freed;
end
$$;

revoke all on function public.rescue_stale_attempts from public, anon, authenticated;
grant execute on function public.rescue_stale_attempts to service_role;

comment on function public.rescue_stale_attempts is
  'Tidies up after runs that died; the first step of every run. sending past sending_until becomes unknown and stays held; accepted past dispatch_settings.longest_call becomes ended without an outcome; claims past their lease without an attempt are free; parked reports whose attempt has turned up are settled; runs that never reported their end are closed. At most 5,000 of each a call, rows locked by others are left to them. Never makes a call that may have been placed dialable. Returns how many attempts and claims were left behind by dead runs.';

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
      ) as attempt
    )
  from public.dispatch_settings as settings
$$;

revoke all on function public.dispatch_backlog from public, anon, authenticated;
grant execute on function public.dispatch_backlog to service_role;

comment on function public.dispatch_backlog is
  'What there is to do at as_of; each count stops at 1,000 so that a look costs the same at any size. paused; free_slots (null = no limit); seedable: leads to be looked at by the seed phase; due: follow-ups that a claim could take; stale: attempts to be rescued or settled, and wishes to be read. Asked by the schedule, before it sends anything, and by a run that found nothing to claim.';

create or replace function public.purge_dispatch_history(
  as_of timestamptz default now()
)
returns integer
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  purged_runs integer;
begin
  delete from public.dispatch_runs as run
  using public.dispatch_settings as settings
  where run.started_at < purge_dispatch_history.as_of - settings.history_kept;
  get diagnostics purged_runs = row_count;

  delete from public.call_events as event
  using public.dispatch_settings as settings
  where event.received_at < purge_dispatch_history.as_of - settings.history_kept
    -- What counts for an attempt is worked out from all of these, whenever the next one comes.
    and event.status <> 'settled';

  -- pg_cron never deletes its own history.
  if to_regclass('cron.job_run_details') is not null then
    delete from cron.job_run_details as detail
    where detail.end_time < purge_dispatch_history.as_of - interval '7 days';
  end if;

  perform public.note_unseeded_leads();
  return purged_runs;
end
$$;

revoke all on function public.purge_dispatch_history from public, anon, authenticated;
grant execute on function public.purge_dispatch_history to service_role;

comment on function public.purge_dispatch_history is
  'Daily, by the schedule: deletes runs, and call events that count for no attempt, older than dispatch_settings.history_kept and pg_cron''s own history older than 7 days, and notes leads that the triggers have missed. Returns how many runs went. Call attempts, with what came of them, are never deleted.';

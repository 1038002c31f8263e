create function public.close_lost_runs(
  as_of timestamptz default now()
)
returns integer
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  closed integer;
begin
  -- No run lives this long: the platform ends a function after 400 seconds.
  update public.dispatch_runs as run
  set finished_at = close_lost_runs.as_of,
    stop_reason = 'error',
    error = concat(
      'The run did not report its end: see the log of the function',
      ', and net._http_response, request ' || run.net_request_id
    )
  where run.finished_at is null
    and run.started_at < close_lost_runs.as_of - interval '15 minutes';
  get diagnostics closed = row_count;
  return closed;
end
$$;

revoke all on function public.close_lost_runs from public, anon, authenticated;
grant execute on function public.close_lost_runs to service_role;

comment on function public.close_lost_runs is
  'Closes, with stop_reason error, the runs that were asked for over 15 minutes ago and never told their end: the function refused them, could not be reached, or died. Called by every tick and every run. Returns how many.';

create function public.rescue_stale_attempts(
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

  return given_up + freed;
end
$$;

revoke all on function public.rescue_stale_attempts from public, anon, authenticated;
grant execute on function public.rescue_stale_attempts to service_role;

comment on function public.rescue_stale_attempts is
  'Tidies up after runs that died; the first step of every run. sending past sending_until becomes unknown and stays held; accepted past dispatch_settings.longest_call becomes ended without an outcome; claims past their lease without an attempt are free; runs that never reported their end are closed. At most 5,000 of each a call, rows locked by others are left to them. Never makes a call that may have been placed dialable. Returns how many attempts and claims were left behind by dead runs.';

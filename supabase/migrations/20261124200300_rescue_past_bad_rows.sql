-- What an app holds, and what it refuses, stays as it is until the next run; all the rest is rescued.
create function public.free_follow_ups(
  follow_up_ids uuid[],
  reason text default null,
  as_of timestamptz default now()
)
returns integer
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  freed integer;
  freed_in_all integer := 0;
  left_over uuid[] := free_follow_ups.follow_up_ids;
  part uuid[];
  part_size integer := cardinality(free_follow_ups.follow_up_ids);
begin
  while cardinality(left_over) > 0 loop
    part := left_over[1:part_size];
    begin
      update public.follow_ups as follow_up
      set reason = coalesce(free_follow_ups.reason, follow_up.reason),
        lease_token = null,
        leased_until = null,
        updated_at = free_follow_ups.as_of
      where follow_up.id = any (part) and follow_up.status = 'pending';
      get diagnostics freed = row_count;
      freed_in_all := freed_in_all + freed;
      left_over := left_over[part_size + 1:];
      part_size := part_size * 2;
    exception
      when deadlock_detected or serialization_failure or insufficient_resources
        or operator_intervention
      then
        raise;
      when lock_not_available then
        -- A trigger of the app waits for what others hold. To wait for it row by row would take too long.
        return freed_in_all;
      when others then
        if cardinality(part) > 1 then
          part_size := cardinality(part) / 2;
        else
          perform public.set_aside(part[1], 'follow_up', sqlerrm, free_follow_ups.as_of);
          left_over := left_over[2:];
        end if;
    end;
    -- Those that are left keep their lease, which is over or will be, and the next run comes to them.
    exit when clock_timestamp() - statement_timestamp() > interval '2 seconds';
  end loop;
  return freed_in_all;
end
$$;

revoke all on function public.free_follow_ups from public, anon, authenticated;
grant execute on function public.free_follow_ups to service_role;

comment on function public.free_follow_ups is
  'Takes the lease from these pending follow-ups, which the caller has locked, and notes the reason, null = leaves it. Those that the database refuses to write are set aside (see set_aside_rows); after two seconds the rest is left. Returns how many were freed. Called by rescue_stale_attempts.';

create or replace function public.rescue_stale_attempts(
  run_id uuid default null,
  as_of timestamptz default now()
)
returns integer
language plpgsql
volatile
security invoker
set search_path = ''
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
set max_parallel_workers_per_gather = 0
-- Shorter than deadlock_timeout, after which the server ends whoever looks first: it is this, and not the app.
set lock_timeout = '700ms'
as $$
declare
  batch constant integer := 5000;
  given_up integer;
  freed integer;
  stale_attempts uuid[];
  stale_follow_ups uuid[];
  settings public.dispatch_settings;
begin
  select * into strict settings from public.dispatch_settings;

  -- The run that sent these has died. Whether its requests left is not known: never dial them again.
  -- An attempt whose follow-up somebody holds is left to the next run, and nothing is waited for. One whose
  -- follow-up is gone, or pending no more, needs nobody's row.
  with stale as materialized (
    select attempt.id, attempt.follow_up_id
    from public.call_attempts as attempt
    where attempt.status = 'sending' and attempt.sending_until < rescue_stale_attempts.as_of
    order by attempt.sending_until
    for update skip locked
    limit batch
  ),
  reachable as materialized (
    select follow_up.id
    from public.follow_ups as follow_up
    where follow_up.id in (select stale.follow_up_id from stale) and follow_up.status = 'pending'
    order by follow_up.id
    for update skip locked
  )
  select
    array(
      select stale.id
      from stale
      where stale.follow_up_id in (select reachable.id from reachable)
        or not exists (
          select
          from public.follow_ups as follow_up
          where follow_up.id = stale.follow_up_id and follow_up.status = 'pending'
        )
    ),
    array(select reachable.id from reachable)
  into stale_attempts, stale_follow_ups;

  update public.call_attempts as attempt
  set status = 'unknown',
    error = 'The run ended before the reply was stored'
  where attempt.id = any (stale_attempts);
  get diagnostics given_up = row_count;

  -- Only a reason and a lease: the attempt holds the follow-up, whether this can be written or not.
  perform public.free_follow_ups(
    stale_follow_ups,
    'Held, the call may have been placed: the run ended before the reply was stored',
    rescue_stale_attempts.as_of
  );

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
  select array(select stale.id from stale) into stale_follow_ups;
  freed := public.free_follow_ups(stale_follow_ups, as_of => rescue_stale_attempts.as_of);

  begin
    perform public.settle_parked_events(rescue_stale_attempts.as_of);
  exception
    -- An app holds a row of one of these calls. Their reports stay parked until the next run; what has been
    -- rescued above is kept.
    when lock_not_available or deadlock_detected then
      raise warning 'Parked reports were not settled: %', sqlerrm;
  end;

  -- Tried again from now on, or mended, or gone.
  delete from public.set_aside_rows as aside
  where aside.row_id in (
    select noted.row_id
    from public.set_aside_rows as noted
    where noted.kind = 'follow_up'
      and (
        noted.until <= rescue_stale_attempts.as_of
        or not exists (
          select
          from public.follow_ups as follow_up
          where follow_up.id = noted.row_id and follow_up.xmin::text = noted.row_version
        )
      )
    for update skip locked
  );

  -- Last: the claim of the same run waits for the run's row with its follow-ups in hand, and whoever has
  -- the row must wait for nothing.
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
  'Tidies up after runs that died; the first step of every run. sending past sending_until becomes unknown and stays held; accepted past dispatch_settings.longest_call becomes ended without an outcome; claims past their lease without an attempt are free; parked reports whose attempt has turned up are settled; runs that never reported their end are closed; what was set aside long enough is forgotten (see set_aside_rows). At most 5,000 of each a call. Rows locked by others, and attempts whose follow-up is, are left to the next call: it locks attempts and then follow-ups without waiting for any, and fails with 55P03 when it has waited 0.7 s for another row. Never makes a call that may have been placed dialable. Returns how many attempts and claims were left behind by dead runs.';

create function public.hold_rows_of_call(
  attempt_id uuid
)
returns boolean
language plpgsql
volatile
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
  attempt public.call_attempts;
begin
  select * into strict attempt
  from public.call_attempts as settled
  where settled.id = hold_rows_of_call.attempt_id;
  -- Follow-ups before the lead, as everywhere.
  perform
  from public.follow_ups as follow_up
  where follow_up.recall_of = attempt.id
  order by follow_up.id
  for update nowait;
  perform
  from public.follow_ups as follow_up
  where follow_up.id = attempt.follow_up_id
  for update nowait;
  perform
  from public.leads as lead
  where lead.id = attempt.lead_id
  for no key update nowait;
  return true;
exception
  when lock_not_available then
    return false;
end
$$;

revoke all on function public.hold_rows_of_call from public, anon, authenticated;
grant execute on function public.hold_rows_of_call to service_role;

comment on function public.hold_rows_of_call is
  'Locks the follow-ups and the lead of this call. False, and nothing is locked, when others hold one of them. Called by settle_parked_events and retry_refused_parts, which wait for nobody.';

create or replace function public.retry_refused_parts(
  as_of timestamptz default now()
)
returns integer
language plpgsql
volatile
security invoker
set search_path = ''
-- Nothing is waited for here but what the app's own triggers lock: what was written for others stays locked meanwhile.
set lock_timeout = '50ms'
as $$
declare
  settled record;
  tried integer := 0;
  began_at constant timestamptz := clock_timestamp();
begin
  for settled in
    select with_parts.attempt_id
    from public.attempts_with_refused_parts(100000, retry_refused_parts.as_of) as with_parts
    -- In no order: the same few that the app refuses for ever would else be all that is ever tried.
    order by random()
    limit 500
  loop
    exit when clock_timestamp() - began_at > interval '2 seconds';
    -- An attempt that others hold is left to the next run: waiting for it could deadlock.
    perform
    from public.call_attempts as attempt
    where attempt.id = settled.attempt_id
    for update skip locked;
    if found and public.hold_rows_of_call(settled.attempt_id) then
      -- What is ours is stored, and a person may have changed it since: only what the app has refused is tried.
      begin
        perform public.follow_settled_call(
          settled.attempt_id, planning => false, as_of => retry_refused_parts.as_of
        );
        tried := tried + 1;
      exception
        -- Somebody may wait for one of ours: the next run goes on, in another order.
        when lock_not_available or deadlock_detected then
          return tried;
      end;
    end if;
  end loop;
  return tried;
end
$$;

revoke all on function public.retry_refused_parts from public, anon, authenticated;
grant execute on function public.retry_refused_parts to service_role;

comment on function public.retry_refused_parts is
  'Tries again what the app''s database has refused of what follows from calls that are over, of at most 500 and for 2 s at most; what others hold is left to the next run. Called by settle_parked_events. Returns of how many.';

create or replace function public.settle_parked_events(
  as_of timestamptz default now()
)
returns integer
language plpgsql
volatile
security invoker
set search_path = ''
-- Nothing is waited for here but what the app's own triggers lock: what was written for others stays locked meanwhile.
set lock_timeout = '50ms'
as $$
declare
  parked record;
  looked_at integer := 0;
  began_at constant timestamptz := clock_timestamp();
begin
  for parked in
    select settleable.event_id, settleable.attempt_id
    from public.settleable_parked_events(500, settle_parked_events.as_of) as settleable
    -- In no order: one that cannot be settled would else keep the same others from it for ever.
    order by random()
  loop
    exit when clock_timestamp() - began_at > interval '2 seconds';
    -- An attempt that others hold is left to the next run: waiting for it could deadlock.
    perform
    from public.call_attempts as attempt
    where attempt.id = parked.attempt_id
    for update skip locked;
    if found and public.hold_rows_of_call(parked.attempt_id) then
      begin
        perform public.match_call_event(parked.event_id, settle_parked_events.as_of);
        looked_at := looked_at + 1;
      exception
        -- Somebody may wait for one of ours: the next run goes on, in another order.
        when lock_not_available or deadlock_detected then
          return looked_at;
      end;
    end if;
  end loop;
  return looked_at + public.retry_refused_parts(settle_parked_events.as_of);
end
$$;

revoke all on function public.settle_parked_events from public, anon, authenticated;
grant execute on function public.settle_parked_events to service_role;

comment on function public.settle_parked_events is
  'Settles parked reports whose attempt has turned up since, at most 500 and for 2 s at most, and tries again what the app has refused of settled ones; what others hold is left to the next run. Called by each run. Returns how many it looked at.';

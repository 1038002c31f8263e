create function public.open_call_attempts(
  items jsonb,
  run_id uuid default null,
  sending_for interval default '2 minutes',
  as_of timestamptz default now()
)
returns table (
  attempt_id uuid,
  follow_up_id uuid
)
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
  settings public.dispatch_settings;
  skipped_now integer;
begin
  select * into strict settings from public.dispatch_settings;

  -- The lock comes in a statement of its own: the next one then sees what whoever held the row before
  -- has done, such as an earlier call with these very items whose answer was lost.
  perform
  from public.follow_ups as follow_up
  where follow_up.id in (
    select requested.follow_up_id
    from jsonb_to_recordset(open_call_attempts.items) as requested (follow_up_id uuid)
  )
  order by follow_up.id
  for update;

  with item as materialized (
    select distinct on (requested.follow_up_id) requested.*
    from jsonb_to_recordset(open_call_attempts.items)
      as requested (attempt_id uuid, follow_up_id uuid, lease_token uuid, to_number text)
    order by requested.follow_up_id
  ),
  held as materialized (
    select follow_up.id, follow_up.lead_id, follow_up.source::text as source
    from public.follow_ups as follow_up
    join item on item.follow_up_id = follow_up.id and item.lease_token = follow_up.lease_token
    where follow_up.status = 'pending'
      and follow_up.leased_until > open_call_attempts.as_of
      and not exists (
        select
        from public.call_attempts as attempt
        where attempt.follow_up_id = follow_up.id
          and attempt.status in ('sending', 'accepted', 'unknown')
      )
  ),
  judged as materialized (
    select
      item.attempt_id, item.follow_up_id, item.lease_token, item.to_number, held.lead_id,
      public.lead_refusal_reason(
        lead.stage::text, lead.phone::text, lead.call_date, held.source
      ) as refusal
    from held
    join item on item.follow_up_id = held.id
    join public.leads as lead on lead.id = held.lead_id
  ),
  -- In the order of the numbers, so that two runs that meet on two numbers wait and do not deadlock.
  inserted as (
    insert into public.call_attempts
      (id, follow_up_id, lead_id, run_id, lease_token, to_number, opened_at, sending_until)
    select
      judged.attempt_id, judged.follow_up_id, judged.lead_id, open_call_attempts.run_id,
      judged.lease_token, judged.to_number, open_call_attempts.as_of,
      open_call_attempts.as_of + open_call_attempts.sending_for
    from judged
    where judged.refusal is null and not settings.paused
    order by judged.to_number, judged.attempt_id
    on conflict do nothing
    returning call_attempts.id, call_attempts.follow_up_id
  ),
  moved as (
    update public.follow_ups as follow_up
    set attempts = coalesce(follow_up.attempts, 0) + (inserted.id is not null)::integer,
      status = case when judged.refusal is null then follow_up.status else 'skipped' end,
      reason = case
        when judged.refusal is not null then judged.refusal
        when inserted.id is null and not settings.paused then 'Number is in another live call'
        else follow_up.reason
      end,
      due_at = case
        when judged.refusal is null and inserted.id is null and not settings.paused
          then open_call_attempts.as_of + settings.number_busy_delay
        else follow_up.due_at
      end,
      lease_token = case when inserted.id is not null then follow_up.lease_token end,
      leased_until = case when inserted.id is not null then follow_up.leased_until end,
      updated_at = open_call_attempts.as_of
    from judged
    left join inserted on inserted.id = judged.attempt_id
    where follow_up.id = judged.follow_up_id
    returning judged.refusal
  )
  select count(*) into skipped_now from moved where moved.refusal is not null;

  update public.dispatch_runs as run
  set skipped = run.skipped + skipped_now
  where run.id = open_call_attempts.run_id and skipped_now > 0;

  -- Also what an earlier call with the same items opened and whose answer was lost on the way.
  return query
    select attempt.id, attempt.follow_up_id
    from jsonb_to_recordset(open_call_attempts.items) as requested (attempt_id uuid, lease_token uuid)
    join public.call_attempts as attempt
      on attempt.id = requested.attempt_id and attempt.lease_token = requested.lease_token
    where attempt.status = 'sending';
end
$$;

revoke all on function public.open_call_attempts from public, anon, authenticated;
grant execute on function public.open_call_attempts to service_role;

comment on function public.open_call_attempts is
  'Commits an attempt for each claimed follow-up before its request leaves, and counts it. items: array of {attempt_id, follow_up_id, lease_token, to_number (E.164)}. Nothing is opened while paused, without the lease, for a lead that has been closed meanwhile (skipped) or for a number in another live call (put back with a reason). Asking again with the same items gives the same answer. Returns the attempts that may be sent now, and only those.';

create or replace function public.fail_follow_ups(
  items jsonb,
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
set jit = off
set max_parallel_workers_per_gather = 0
-- As in open_call_attempts: it is never an app's statement that dies.
set lock_timeout = '700ms'
as $$
declare
  failed_now integer;
  kept bigint;
  to_be_written bigint;
  refusal text;
  reachable uuid[];
  judged_at constant timestamptz := fail_follow_ups.as_of + (clock_timestamp() - now());
begin
  -- Held until the end: what is set aside is the row that was refused.
  perform
  from public.follow_ups as follow_up
  where follow_up.id in (
    select item.follow_up_id
    from jsonb_to_recordset(fail_follow_ups.items) as item (follow_up_id uuid)
  )
  order by follow_up.id
  for update;
  -- A correction of a phone that comes meanwhile waits until this is done, and finds what has failed. One that is under
  -- way is not waited for: that follow-up stays claimed until its lease ends.
  reachable := array(
    select lead.id
    from public.leads as lead
    where lead.id in (
      select follow_up.lead_id
      from public.follow_ups as follow_up
      join jsonb_to_recordset(fail_follow_ups.items) as item (follow_up_id uuid)
        on follow_up.id = item.follow_up_id
    )
    for share skip locked
  );

  begin
    with item as materialized (
      select item.*
      from jsonb_to_recordset(fail_follow_ups.items)
        as item (follow_up_id uuid, lease_token uuid, reason text, phone text)
    ),
    held as materialized (
      select
        follow_up.id, item.reason,
        item.phone is not null and item.phone is distinct from (
          select lead.phone::text from public.leads as lead where lead.id = follow_up.lead_id
        )
          or (follow_up.due_at::timestamptz <= judged_at) is not true
          or follow_up.channel is distinct from 'voice_call' as has_changed
      from item
      join public.follow_ups as follow_up on follow_up.id = item.follow_up_id
      where follow_up.lease_token = item.lease_token
        and follow_up.status = 'pending'
        and follow_up.lead_id = any (reachable)
        and not exists (
          select
          from public.call_attempts as attempt
          where attempt.follow_up_id = follow_up.id
            and attempt.status in ('sending', 'accepted', 'unknown')
        )
    ),
    moved as (
      update public.follow_ups as follow_up
      -- A phone that has been corrected since the claim is not the one that was read, and one with a later time or
      -- another channel is no call of now: the next claim reads it.
      set status = case when held.has_changed then follow_up.status else 'failed' end,
        reason = case when held.has_changed then follow_up.reason else held.reason end,
        lease_token = null,
        leased_until = null,
        updated_at = fail_follow_ups.as_of
      from held
      where follow_up.id = held.id
      returning held.has_changed, follow_up.status::text = 'failed' as has_failed
    )
    select
      count(*) filter (where moved.has_failed and not moved.has_changed),
      count(*) filter (where moved.has_failed or moved.has_changed),
      (select count(*) from held)
    into failed_now, kept, to_be_written
    from moved;
    perform public.assert_kept(to_be_written, kept);
  exception
    -- A check or a trigger of the app refuses one of these rows: each is failed by itself then, and the one that
    -- stands alone is set aside.
    when others then
      refusal := sqlerrm;
      if public.is_no_rows_fault(sqlstate) then
        raise;
      elsif jsonb_array_length(fail_follow_ups.items) > 1 then
        return (
          select sum(public.fail_follow_ups(
            jsonb_build_array(item.alone), fail_follow_ups.run_id, fail_follow_ups.as_of
          ))
          from jsonb_array_elements(fail_follow_ups.items) as item (alone)
        );
      else
        perform public.set_aside_claimed(
          (fail_follow_ups.items -> 0 ->> 'follow_up_id')::uuid, refusal, fail_follow_ups.as_of
        );
        return 0;
      end if;
  end;

  update public.dispatch_runs as run
  set failed = run.failed + failed_now
  where run.id = fail_follow_ups.run_id and failed_now > 0;
  return failed_now;
end
$$;

revoke all on function public.fail_follow_ups from public, anon, authenticated;
grant execute on function public.fail_follow_ups to service_role;

comment on function public.fail_follow_ups is
  'Gives up claimed follow-ups that cannot be called, such as for a number that is not valid. items: array of {follow_up_id, lease_token, reason, phone (as the claim returned it; absent = not compared)}. One whose lead has another phone by now is given back instead, and one whose lead others hold stays claimed until its lease ends. A row that is not claimed under that token stays as it is. One that the database refuses to write, or does not keep as it was written (see assert_kept), is set aside (see set_aside_rows), and the others are failed. Returns how many were failed.';

create or replace function public.put_back_uncalled(
  attempt_ids uuid[],
  as_of timestamptz default now()
)
returns table (
  standing_ids uuid[],
  failed_ids uuid[]
)
language plpgsql
volatile
rows 1
security invoker
set search_path = ''
as $$
declare
  settings public.dispatch_settings;
  kept bigint;
  to_be_written bigint;
begin
  select * into strict settings from public.dispatch_settings;
  select count(*) into to_be_written
  from public.call_attempts as attempt
  join public.follow_ups as follow_up on follow_up.id = attempt.follow_up_id
  where attempt.id = any (put_back_uncalled.attempt_ids) and follow_up.status = 'pending';

  -- While the attempt is live nobody else can have opened the follow-up, so a lease that is newer
  -- than the attempt's has nothing under it and is taken away as well.
  with wanted as materialized (
    select
      attempt.id, attempt.follow_up_id, attempt.status, attempt.error, attempt.refused_alone,
      follow_up.due_at::timestamptz as due_at,
      case
        when attempt.status = 'not_sent' and follow_up.attempts < settings.max_attempts
          then put_back_uncalled.as_of + public.retry_delay(
            follow_up.attempts, settings.retry_first_delay, settings.retry_longest_delay
          )
        -- Behind the others, or the same few refused rows would be tried first for ever.
        when attempt.status = 'postponed' and attempt.refused_alone
          then put_back_uncalled.as_of + public.retry_delay(
            (
              select count(*)::integer
              from public.call_attempts as refused
              where refused.follow_up_id = attempt.follow_up_id and refused.refused_alone
            ),
            settings.retry_first_delay, settings.retry_longest_delay
          )
      end as not_before
    from public.call_attempts as attempt
    join public.follow_ups as follow_up on follow_up.id = attempt.follow_up_id
    where attempt.id = any (put_back_uncalled.attempt_ids) and follow_up.status = 'pending'
  ),
  attempt as materialized (
    select
      wanted.*,
      -- Never before the time to which somebody has put it meanwhile.
      case when (wanted.not_before <= wanted.due_at) is not true then wanted.not_before end as moved_to
    from wanted
  ),
  put_back as (
    update public.follow_ups as follow_up
    set status = case
        when attempt.status = 'refused' then 'failed'
        when attempt.status = 'not_sent' and follow_up.attempts >= settings.max_attempts
          -- At the time to which somebody has put it meanwhile it is tried once more.
          and (attempt.due_at > put_back_uncalled.as_of) is not true
          then 'failed'
        else follow_up.status
      end,
      reason = case attempt.status
        when 'refused' then concat('Refused by Omni: ', attempt.error)
        when 'not_sent' then concat('Not sent, attempt ', follow_up.attempts, ': ', attempt.error)
        when 'unknown' then concat('Held, the call may have been placed: ', attempt.error)
        else attempt.error
      end,
      due_at = coalesce(attempt.moved_to, follow_up.due_at),
      -- What we put off is no new time: it tells, should a report prove that the call was placed all the same.
      first_due_at = case
        when attempt.moved_to is null then follow_up.first_due_at
        else coalesce(follow_up.first_due_at, follow_up.due_at::timestamptz)
      end,
      attempts = case
        when attempt.status = 'postponed' then greatest(follow_up.attempts - 1, 0)
        else follow_up.attempts
      end,
      lease_token = null,
      leased_until = null,
      updated_at = put_back_uncalled.as_of
    from attempt
    where follow_up.id = attempt.follow_up_id and follow_up.status = 'pending'
    returning
      attempt.id, follow_up.status::text = 'failed' as has_failed,
      case
        when attempt.status = 'refused' then follow_up.status::text = 'failed'
        when attempt.status = 'not_sent' or attempt.status = 'postponed' and attempt.refused_alone
          then follow_up.status::text = 'failed'
            or follow_up.due_at::timestamptz > put_back_uncalled.as_of
        else true
      end as is_kept
  )
  select
    coalesce(array_agg(put_back.id), '{}'),
    coalesce(array_agg(put_back.id) filter (where put_back.has_failed), '{}'),
    count(*) filter (where put_back.is_kept)
  into standing_ids, failed_ids, kept
  from put_back;
  perform public.assert_kept(to_be_written, kept);
  return next;
end
$$;

revoke all on function public.put_back_uncalled from public, anon, authenticated;
grant execute on function public.put_back_uncalled to service_role;

comment on function public.put_back_uncalled is
  'Moves the pending follow-ups of these attempts, which have just become refused, not_sent, postponed or unknown, as record_dispatch_results says. standing_ids: the attempts whose follow-up was pending; failed_ids: those of them whose follow-up has failed. The caller has locked the follow-ups. Fails when a trigger of the app does not keep one of these changes (see assert_kept). Called by put_back_uncalled_apart.';

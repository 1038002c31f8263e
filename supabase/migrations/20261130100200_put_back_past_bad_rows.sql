-- What came of a request is stored also when the app's database refuses to have its follow-up put back: a result that
-- is lost leaves unknown what is known.
create function public.put_back_uncalled(
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
  with put_back as (
    update public.follow_ups as follow_up
    set status = case
        when attempt.status = 'refused' then 'failed'
        when attempt.status = 'not_sent' and follow_up.attempts >= settings.max_attempts
          then 'failed'
        else follow_up.status
      end,
      reason = case attempt.status
        when 'refused' then concat('Refused by Omni: ', attempt.error)
        when 'not_sent' then concat('Not sent, attempt ', follow_up.attempts, ': ', attempt.error)
        when 'unknown' then concat('Held, the call may have been placed: ', attempt.error)
        else attempt.error
      end,
      due_at = case
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
        else follow_up.due_at
      end,
      attempts = case
        when attempt.status = 'postponed' then greatest(follow_up.attempts - 1, 0)
        else follow_up.attempts
      end,
      lease_token = null,
      leased_until = null,
      updated_at = put_back_uncalled.as_of
    from public.call_attempts as attempt
    where attempt.id = any (put_back_uncalled.attempt_ids)
      and follow_up.id = attempt.follow_up_id
      and follow_up.status = 'pending'
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

create function public.put_back_uncalled_apart(
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
  one_id uuid;
  written record;
  refusal text;
  is_the_rows_fault boolean;
begin
  -- Held until the end: what is set aside is the row that was refused.
  perform
  from public.follow_ups as follow_up
  where follow_up.id = any (array(
    select attempt.follow_up_id
    from public.call_attempts as attempt
    where attempt.id = any (put_back_uncalled_apart.attempt_ids)
  ))
  order by follow_up.id
  for update;

  begin
    select * into strict standing_ids, failed_ids
    from public.put_back_uncalled(
      put_back_uncalled_apart.attempt_ids, put_back_uncalled_apart.as_of
    );
    return next;
    return;
  exception
    -- These pass: whoever called asks again.
    when deadlock_detected or lock_not_available or serialization_failure then
      raise;
    -- One of them is refused: each by itself, then.
    when others then
      standing_ids := '{}';
      failed_ids := '{}';
  end;

  foreach one_id in array put_back_uncalled_apart.attempt_ids
  loop
    begin
      select * into strict written
      from public.put_back_uncalled(array[one_id], put_back_uncalled_apart.as_of);
      standing_ids := standing_ids || written.standing_ids;
      failed_ids := failed_ids || written.failed_ids;
      continue;
    exception
      when deadlock_detected or lock_not_available or serialization_failure then
        raise;
      when others then
        refusal := sqlerrm;
        is_the_rows_fault := not public.is_no_rows_fault(sqlstate);
    end;
    standing_ids := standing_ids || one_id;
    perform public.note_refused_part(one_id, 'Its follow-up could not be written', refusal);
    if is_the_rows_fault then
      perform public.set_aside_claimed(
        attempt.follow_up_id, refusal, put_back_uncalled_apart.as_of
      )
      from public.call_attempts as attempt
      where attempt.id = one_id;
    end if;
  end loop;
  return next;
end
$$;

revoke all on function public.put_back_uncalled_apart from public, anon, authenticated;
grant execute on function public.put_back_uncalled_apart to service_role;

comment on function public.put_back_uncalled_apart is
  'As put_back_uncalled, and past the rows that the database refuses to write: what it said stands in the attempt''s error, the follow-up is set aside (see set_aside_rows; not for what is no row''s fault, see is_no_rows_fault: its lease ends by itself then), and the others are put back. Called by record_dispatch_results.';

comment on function public.is_no_rows_fault is
  'True when an error with this SQLSTATE concerns no row by itself, so that none is to be set aside for it. Either it passes, and whoever called asks again: a deadlock or a failure of serialization (40…), no memory or connection (53…), a server that ends (57…), a lock that was not to be had (55P03). Or the operator has to mend it, and the run has to say so: a grant that is missing (42501), or a part of the engine itself (CD001). Asked where a row that is refused is set aside: claim_follow_ups_apart, seed_follow_ups, free_follow_ups, open_call_attempts, fail_follow_ups, put_back_uncalled_apart and set_aside_claimed; and by settle_call_attempts.';
comment on function public.set_aside_claimed is
  'Gives back the lease of a follow-up that was claimed and could not be written, and sets it aside with that error. The caller holds the row. Called by open_call_attempts, fail_follow_ups and put_back_uncalled_apart.';
comment on column public.set_aside_rows.kind is
  'follow_up: it could not be claimed, opened, skipped, failed, put off, put back or freed. lead: no follow-up could be made for it.';

create or replace function public.record_dispatch_results(
  results jsonb,
  as_of timestamptz default now()
)
returns table (
  attempt_id uuid,
  status text
)
language plpgsql
volatile
security invoker
set search_path = ''
-- A few rows of large tables: through indexes, whatever the statistics say or do not say yet.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_material = off
set enable_bitmapscan = off
set plan_cache_mode = force_generic_plan
set max_parallel_workers_per_gather = 0
set jit = off
set lock_timeout = '700ms'
as $$
declare
  moved_ids uuid[];
  moved_statuses text[];
  accepted_ids uuid[];
  uncalled_ids uuid[];
  told_ids uuid[];
  told_id uuid;
  written record;
  uncalled record;
begin
  with reported as materialized (
    select distinct on (report.attempt_id) report.*
    from jsonb_to_recordset(record_dispatch_results.results) as report (
      attempt_id uuid, lease_token uuid, status text, request_id text, http_status integer,
      error text, response jsonb, refused_alone boolean
    )
    order by report.attempt_id
  ),
  -- Found by their keys and judged afterwards: with the status among the conditions the planner likes
  -- an index over it better, which is full of what these attempts have just been.
  found as materialized (
    select attempt.id, attempt.follow_up_id, attempt.lease_token, attempt.status
    from public.call_attempts as attempt
    where attempt.id = any (array(select reported.attempt_id from reported))
    order by attempt.id
    for update
  ),
  held as materialized (
    select found.id, found.follow_up_id
    from found
    join reported on reported.attempt_id = found.id and reported.lease_token = found.lease_token
    where found.status = 'sending'
      -- A late report may only take a row further away from being dialled: an attempt that was given
      -- up as unknown can still be known as accepted, and nothing else.
      or (found.status = 'unknown' and reported.status = 'accepted')
  ),
  -- The end of the call was told, or its run was given up, before the reply to its request was stored:
  -- nothing moves any more, but what the reply says is kept, as it would have been in the other order.
  told as (
    update public.call_attempts as attempt
    set request_id = coalesce(reported.request_id, attempt.request_id),
      http_status = reported.http_status,
      response = reported.response
    from found
    join reported on reported.attempt_id = found.id and reported.lease_token = found.lease_token
    where attempt.id = found.id
      and (found.status = 'ended' or found.status = 'unknown' and reported.status <> 'accepted')
      and attempt.http_status is null
      and attempt.response is null
      and (reported.http_status is not null or reported.response is not null)
    returning attempt.id, attempt.run_id, reported.status
  ),
  judged as materialized (
    select
      reported.*,
      -- A refusal that stood alone blames the row only if, since it was last refused alone, Omni has
      -- accepted other calls: then the configuration works, and it is the row.
      case
        when reported.status = 'refused' and coalesce(reported.refused_alone, false)
          and not exists (
            select
            from public.call_attempts as earlier
            join public.dispatch_runs as run on run.started_at >= earlier.opened_at
            where earlier.follow_up_id = held.follow_up_id
              and earlier.id <> held.id
              and earlier.refused_alone
              and run.accepted > 0
          )
          then 'postponed'
        else reported.status
      end as verdict
    from held
    join reported on reported.attempt_id = held.id
  ),
  moved as (
    update public.call_attempts as attempt
    set status = judged.verdict,
      request_id = judged.request_id,
      http_status = judged.http_status,
      error = judged.error,
      response = judged.response,
      refused_alone = coalesce(judged.refused_alone, false)
    from judged
    where attempt.id = judged.attempt_id
    returning attempt.id, attempt.status, attempt.run_id
  ),
  counted as (
    update public.dispatch_runs as run
    set accepted = run.accepted + total.accepted,
      postponed = run.postponed + total.postponed,
      not_sent = run.not_sent + total.not_sent,
      refused = run.refused + total.refused,
      unknown = run.unknown + total.unknown
    from (
      select
        known.run_id,
        count(*) filter (where known.status = 'accepted') as accepted,
        count(*) filter (where known.status = 'postponed') as postponed,
        count(*) filter (where known.status = 'not_sent') as not_sent,
        count(*) filter (where known.status = 'refused') as refused,
        count(*) filter (where known.status = 'unknown') as unknown
      from (
        select moved.id, moved.run_id, moved.status from moved
        union all
        select told.id, told.run_id, told.status from told where told.status = 'accepted'
      ) as known
      group by known.run_id
    ) as total
    where run.id = total.run_id
  )
  select
    array_agg(moved.id), array_agg(moved.status),
    array_agg(moved.id) filter (where moved.status = 'accepted'),
    array_agg(moved.id) filter (where moved.status <> 'accepted'),
    (select array_agg(told.id) from told)
  into moved_ids, moved_statuses, accepted_ids, uncalled_ids, told_ids
  from moved;

  if uncalled_ids is not null then
    select * into strict written
    from public.put_back_uncalled_apart(uncalled_ids, record_dispatch_results.as_of);
    update public.dispatch_runs as run
    set failed = run.failed + total.failed
    from (
      select attempt.run_id, count(*) as failed
      from public.call_attempts as attempt
      where attempt.id = any (written.failed_ids)
      group by attempt.run_id
    ) as total
    where run.id = total.run_id;
  end if;
  if accepted_ids is not null then
    begin
      perform public.mark_calls_placed(accepted_ids, as_of => record_dispatch_results.as_of);
    exception
      -- These pass: whoever called asks again.
      when deadlock_detected or lock_not_available or serialization_failure then
        raise;
      when others then
        perform public.mark_calls_placed_apart(accepted_ids, record_dispatch_results.as_of);
    end;
  end if;
  -- What their calls' reports lacked, the reply has told.
  foreach told_id in array coalesce(told_ids, '{}')
  loop
    begin
      perform public.settle_call(told_id, record_dispatch_results.as_of);
    exception
      when deadlock_detected or lock_not_available or serialization_failure then
        raise;
      when others then
        perform public.note_unmarked_call(told_id, sqlerrm);
    end;
  end loop;
  -- Asked first, because mostly there is none, and this is done for every few calls.
  if exists (
    select
    from public.call_events as event
    where event.status = 'parked' and event.request_id is not null
  ) then
    perform public.settle_parked_events_of(
      coalesce(accepted_ids, '{}') || coalesce(told_ids, '{}'), record_dispatch_results.as_of
    );
  end if;

  -- While this attempt was under way, an earlier call of the lead was reported, and its follow-up was
  -- completed: what follows that call was left to this one, which has come to nothing.
  if uncalled_ids is not null then
    for uncalled in
      select attempt.id, attempt.lead_id
      from public.call_attempts as attempt
      where attempt.id = any (uncalled_ids)
        and attempt.id <> all (written.standing_ids)
        and attempt.status <> 'unknown'
    loop
      begin
        perform public.plan_recall_of_lead(uncalled.lead_id, record_dispatch_results.as_of);
      exception
        when deadlock_detected or lock_not_available or serialization_failure then
          raise;
        when others then
          perform public.note_refused_part(uncalled.id, 'The next call could not be planned', sqlerrm);
      end;
    end loop;
  end if;

  return query
    select moved.id, moved.status
    from unnest(moved_ids, moved_statuses) as moved (id, status);
end
$$;

revoke all on function public.record_dispatch_results from public, anon, authenticated;
grant execute on function public.record_dispatch_results to service_role;

comment on function public.record_dispatch_results is
  'Stores what came of the requests and moves each follow-up and lead with its attempt. results: array of {attempt_id, lease_token, status: accepted | unknown | postponed | not_sent | refused, request_id, http_status, error, response, refused_alone}. accepted completes the follow-up and marks the lead; unknown holds it; postponed gives it back with no attempt used up; not_sent waits retry_delay or fails at max_attempts; refused fails it, unless it stood alone (refused_alone) and nothing has proved since that the configuration works: then it is postponed behind the others. What a trigger or a constraint of the app refuses of a follow-up or a lead stands in the attempt''s error and keeps no result from being stored; a follow-up that cannot be put back for it is set aside (see set_aside_rows). Reports of calls'' ends that waited for a request''s id are settled with it. Returns the attempts that moved; a report that is repeated or late moves nothing and returns no row; on an attempt whose end was told first, it only adds what the reply said.';

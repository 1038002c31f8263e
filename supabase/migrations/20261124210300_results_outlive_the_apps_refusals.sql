-- That a call was placed is stored whatever the app's own triggers and constraints say to what follows from
-- it: a result that is lost leaves a person rung and the attempt unknown, and one lead that its app refuses
-- to have marked would lose the results of all that were reported with it.
create function public.note_unmarked_call(
  attempt_id uuid,
  why text
)
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  update public.call_attempts as attempt
  set error = left(
    concat('The call was placed, but its follow-up or lead could not be marked: ', note_unmarked_call.why), 500
  )
  where attempt.id = note_unmarked_call.attempt_id
$$;

revoke all on function public.note_unmarked_call from public, anon, authenticated;
grant execute on function public.note_unmarked_call to service_role;

comment on function public.note_unmarked_call is
  'Writes on an attempt whose call was placed what the app refused of its follow-up or lead: why, an error of PostgreSQL''s. Called by mark_calls_placed_apart and record_dispatch_results.';

create function public.mark_calls_placed_apart(
  attempt_ids uuid[],
  as_of timestamptz default now()
)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
-- A few rows of large tables: through indexes, whatever the statistics say or do not say yet.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set max_parallel_workers_per_gather = 0
set jit = off
as $$
declare
  marked_id uuid;
  refusal text;
begin
  foreach marked_id in array mark_calls_placed_apart.attempt_ids
  loop
    begin
      perform public.mark_calls_placed(array[marked_id], as_of => mark_calls_placed_apart.as_of);
      continue;
    exception
      when deadlock_detected or lock_not_available or serialization_failure then
        raise;
      when others then
        refusal := sqlerrm;
    end;
    perform public.note_unmarked_call(marked_id, refusal);
    -- Without its lead, the follow-up is over all the same.
    begin
      update public.follow_ups as follow_up
      set status = 'completed',
        completed_at = attempt.opened_at,
        reason = left(concat('Called, but its lead could not be marked: ', refusal), 500),
        lease_token = null,
        leased_until = null,
        updated_at = mark_calls_placed_apart.as_of
      from public.call_attempts as attempt
      where attempt.id = marked_id
        and follow_up.id = attempt.follow_up_id
        and follow_up.status::text in ('pending', 'failed');
    exception
      when deadlock_detected or lock_not_available or serialization_failure then
        raise;
      -- It stays as it is: its call keeps it from being claimed, and call_refusal from being called again.
      when others then
        perform public.note_unmarked_call(marked_id, concat_ws('; ', refusal, sqlerrm));
    end;
  end loop;
end
$$;

revoke all on function public.mark_calls_placed_apart from public, anon, authenticated;
grant execute on function public.mark_calls_placed_apart to service_role;

comment on function public.mark_calls_placed_apart is
  'As mark_calls_placed, one call after the other, when that was refused for all of them: what the app refuses of one is noted in its attempt''s error, its follow-up is completed without its lead where that is possible, and the others are marked. Called by record_dispatch_results.';

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
  settings public.dispatch_settings;
  moved_ids uuid[];
  moved_statuses text[];
  accepted_ids uuid[];
  told_ids uuid[];
  told_id uuid;
  failed_leads uuid[];
  failed_lead uuid;
begin
  select * into strict settings from public.dispatch_settings;

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
    returning
      attempt.id, attempt.status, attempt.follow_up_id, attempt.lead_id, attempt.run_id,
      attempt.request_id, attempt.error, attempt.refused_alone
  ),
  -- While the attempt is live nobody else can have opened the follow-up, so a lease that is newer
  -- than the attempt's has nothing under it and is taken away as well.
  put_back as (
    update public.follow_ups as follow_up
    set status = case
        when moved.status = 'refused' then 'failed'
        when moved.status = 'not_sent' and follow_up.attempts >= settings.max_attempts
          then 'failed'
        else follow_up.status
      end,
      reason = case moved.status
        when 'refused' then concat('Refused by Omni: ', moved.error)
        when 'not_sent' then concat('Not sent, attempt ', follow_up.attempts, ': ', moved.error)
        when 'unknown' then concat('Held, the call may have been placed: ', moved.error)
        else moved.error
      end,
      due_at = case
        when moved.status = 'not_sent' and follow_up.attempts < settings.max_attempts
          then record_dispatch_results.as_of + public.retry_delay(
            follow_up.attempts, settings.retry_first_delay, settings.retry_longest_delay
          )
        -- Behind the others, or the same few refused rows would be tried first for ever.
        when moved.status = 'postponed' and moved.refused_alone
          then record_dispatch_results.as_of + public.retry_delay(
            (
              select count(*)::integer + 1
              from public.call_attempts as earlier
              where earlier.follow_up_id = moved.follow_up_id and earlier.refused_alone
            ),
            settings.retry_first_delay, settings.retry_longest_delay
          )
        else follow_up.due_at
      end,
      attempts = case
        when moved.status = 'postponed' then greatest(follow_up.attempts - 1, 0)
        else follow_up.attempts
      end,
      lease_token = null,
      leased_until = null,
      updated_at = record_dispatch_results.as_of
    from moved
    where follow_up.id = moved.follow_up_id
      and follow_up.status = 'pending'
      and moved.status <> 'accepted'
    returning moved.id, follow_up.status::text as follow_up_status
  ),
  counted as (
    update public.dispatch_runs as run
    set accepted = run.accepted + total.accepted,
      postponed = run.postponed + total.postponed,
      not_sent = run.not_sent + total.not_sent,
      refused = run.refused + total.refused,
      failed = run.failed + total.failed,
      unknown = run.unknown + total.unknown
    from (
      select
        known.run_id,
        count(*) filter (where known.status = 'accepted') as accepted,
        count(*) filter (where known.status = 'postponed') as postponed,
        count(*) filter (where known.status = 'not_sent') as not_sent,
        count(*) filter (where known.status = 'refused') as refused,
        count(*) filter (where known.status = 'unknown') as unknown,
        count(*) filter (where put_back.follow_up_status = 'failed') as failed
      from (
        select moved.id, moved.run_id, moved.status from moved
        union all
        select told.id, told.run_id, told.status from told where told.status = 'accepted'
      ) as known
      left join put_back on put_back.id = known.id
      group by known.run_id
    ) as total
    where run.id = total.run_id
  )
  select
    array_agg(moved.id), array_agg(moved.status),
    array_agg(moved.id) filter (where moved.status = 'accepted'),
    (select array_agg(told.id) from told),
    array_agg(moved.lead_id) filter (
      where moved.status not in ('accepted', 'unknown')
        and put_back.id is null
    )
  into moved_ids, moved_statuses, accepted_ids, told_ids, failed_leads
  from moved
  left join put_back on put_back.id = moved.id;

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
  foreach failed_lead in array coalesce(failed_leads, '{}')
  loop
    perform public.plan_recall_of_lead(failed_lead, record_dispatch_results.as_of);
  end loop;

  return query
    select moved.id, moved.status
    from unnest(moved_ids, moved_statuses) as moved (id, status);
end
$$;

revoke all on function public.record_dispatch_results from public, anon, authenticated;
grant execute on function public.record_dispatch_results to service_role;

comment on function public.record_dispatch_results is
  'Stores what came of the requests and moves each follow-up and lead with its attempt. results: array of {attempt_id, lease_token, status: accepted | unknown | postponed | not_sent | refused, request_id, http_status, error, response, refused_alone}. accepted completes the follow-up and marks the lead; unknown holds it; postponed gives it back with no attempt used up; not_sent waits retry_delay or fails at max_attempts; refused fails it, unless it stood alone (refused_alone) and nothing has proved since that the configuration works: then it is postponed behind the others. What a trigger or a constraint of the app refuses of a follow-up or a lead stands in the attempt''s error and keeps no result from being stored. Reports of calls'' ends that waited for a request''s id are settled with it. Returns the attempts that moved; a report that is repeated or late moves nothing and returns no row; on an attempt whose end was told first, it only adds what the reply said.';

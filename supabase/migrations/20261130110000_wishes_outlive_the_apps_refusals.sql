-- "Do not call me again" was stored together with what the report writes to the lead: when a trigger or a check of
-- the app refused that, the wish went with it, and after longest_call the person was rung again. What is ours is
-- stored first, and for good; what follows from it in the app's tables comes after, each part by itself.

create function public.follow_settled_call(
  attempt_id uuid,
  completing boolean default false,
  withdrawing boolean default false,
  planning boolean default true,
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
set jit = off
set max_parallel_workers_per_gather = 0
as $$
declare
  settled public.call_attempts;
  is_due_again boolean;
  refused text[] := array[]::text[];
begin
  select * into strict settled
  from public.call_attempts as attempt
  where attempt.id = follow_settled_call.attempt_id;
  -- What was refused the last time is due now, whether a run or a further report asks.
  if settled.error is not null then
    update public.call_attempts as attempt
    set error = null
    where attempt.id = follow_settled_call.attempt_id;
  end if;

  -- Follow-ups before the lead, as everywhere: plan_recall, below, moves this one.
  perform
  from public.follow_ups as planned
  where planned.recall_of = follow_settled_call.attempt_id
  for update;
  -- The wish for another time, or for none, was read from a report that is not the best any more.
  if (follow_settled_call.withdrawing or 'callback' = any (settled.refused_parts))
    and settled.callback_status is distinct from 'planned'
  then
    begin
      perform public.withdraw_recall(follow_settled_call.attempt_id, is_callback => true);
    exception
      -- These pass, here as below: whoever called asks again.
      when deadlock_detected or lock_not_available or serialization_failure then
        raise;
      when others then
        refused := refused || 'callback'::text;
        perform public.note_refused_part(
          follow_settled_call.attempt_id, 'The callback could not be taken back', sqlerrm
        );
    end;
  end if;

  -- Since it was refused, somebody may have given the follow-up a later time: that is another call.
  select exists (
    select
    from public.follow_ups as follow_up
    where follow_up.id = settled.follow_up_id
      and follow_up.status = 'pending'
      and coalesce(follow_up.first_due_at, follow_up.due_at::timestamptz) > settled.opened_at
  ) into is_due_again;
  if follow_settled_call.completing
    or 'follow_up' = any (settled.refused_parts) and not is_due_again
  then
    perform public.mark_calls_placed_apart(
      array[follow_settled_call.attempt_id], follow_settled_call.as_of
    );
    select refused || array_agg(part.name) into refused
    from public.call_attempts as attempt
    cross join lateral (
      select 'lead' as name
      union all
      select 'follow_up'
      from public.follow_ups as follow_up
      where follow_up.id = attempt.follow_up_id and follow_up.status::text in ('pending', 'failed')
    ) as part
    where attempt.id = follow_settled_call.attempt_id and attempt.error is not null;
  else
    begin
      perform public.mark_calls_placed(
        array[follow_settled_call.attempt_id],
        completing => false,
        as_of => follow_settled_call.as_of
      );
    exception
      when deadlock_detected or lock_not_available or serialization_failure then
        raise;
      when others then
        refused := refused || 'lead'::text;
        perform public.note_refused_part(
          follow_settled_call.attempt_id, 'The lead could not be marked as called', sqlerrm
        );
    end;
  end if;

  begin
    update public.leads as lead
    set call_date = greatest(lead.call_date, settled.opened_at),
      raw_payload = case
        when exists (
          select
          from public.call_attempts as later
          where later.lead_id = settled.lead_id
            and later.status = 'ended'
            and later.reported_by is not null
            and (later.opened_at, later.id) > (settled.opened_at, settled.id)
        ) then lead.raw_payload
        else public.merge_payload(
          lead.raw_payload, 'call',
          jsonb_build_object(
            'outcome', settled.outcome,
            'call_id', settled.call_id,
            'request_id', settled.request_id,
            'attempt_id', settled.id,
            'follow_up_id', settled.follow_up_id,
            'called_at', settled.opened_at,
            'ended_at', settled.ended_at,
            'duration_seconds', settled.duration_seconds,
            'recording_url', settled.recording_url,
            'summary', settled.summary,
            'callback', settled.callback_text
          )
        )
      end,
      updated_at = follow_settled_call.as_of
    where lead.id = settled.lead_id;
  exception
    when deadlock_detected or lock_not_available or serialization_failure then
      raise;
    when others then
      refused := refused || 'result'::text;
      perform public.note_refused_part(
        follow_settled_call.attempt_id, 'The call''s result could not be written to the lead', sqlerrm
      );
  end;

  -- An app may allow a lead one open follow-up: beside one that was not completed there was no room for this.
  if follow_settled_call.planning or settled.refused_parts && array['next_call', 'follow_up'] then
    begin
      perform public.plan_recall(follow_settled_call.attempt_id, follow_settled_call.as_of);
    exception
      when deadlock_detected or lock_not_available or serialization_failure then
        raise;
      when others then
        refused := refused || 'next_call'::text;
        perform public.note_refused_part(
          follow_settled_call.attempt_id, 'The next call could not be planned', sqlerrm
        );
    end;
  end if;

  update public.call_attempts as attempt
  set refused_parts = refused
  where attempt.id = follow_settled_call.attempt_id and attempt.refused_parts <> refused;
end
$$;

revoke all on function public.follow_settled_call from public, anon, authenticated;
grant execute on function public.follow_settled_call to service_role;

comment on function public.follow_settled_call is
  'Brings the app''s tables into line with how a call ended, as it stands in its attempt: takes back a callback that was read from a worse report, marks follow-up and lead, writes the result to the lead, plans the recall. Each part by itself: what a trigger or a constraint of the app refuses is noted in the attempt''s error and refused_parts, by which each run, and each further report, tries it again. Harmless to repeat. completing: also complete the follow-up, the first time that the call is known to have been placed. withdrawing: the wish is another than before, what was planned for that one goes. planning false: leave the recall alone, which was planned before, and somebody may have deleted it since. Expects the attempt locked; locks follow-ups, then the lead. Called by settle_call and retry_refused_parts.';

create or replace function public.settle_call(
  attempt_id uuid,
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
set jit = off
set max_parallel_workers_per_gather = 0
as $$
declare
  before public.call_attempts;
  result record;
  wish text;
  wants_no_more boolean;
begin
  select * into before
  from public.call_attempts as attempt
  where attempt.id = settle_call.attempt_id
  for update;
  if not exists (
    select
    from public.call_events as event
    where event.settled_attempt_id = settle_call.attempt_id and event.status = 'settled'
  ) then
    return;
  end if;

  -- The better of two calls counts, and of one call all that any report tells. The order is total, so
  -- that the same reports come to the same, however they arrived.
  with told as materialized (
    select
      event.*,
      row_number() over (
        order by
          array_position(
            array['completed', 'voicemail_detected', 'no_answer', 'busy', 'failed', 'cancelled'],
            event.outcome
          ) nulls last,
          event.source desc, event.duration_seconds desc nulls last, event.content_hash
      ) as rank
    from public.call_events as event
    where event.settled_attempt_id = settle_call.attempt_id and event.status = 'settled'
  ),
  of_the_best_call as materialized (
    select told.*
    from told
    join told as best on best.rank = 1
    where told.call_id is null or best.call_id is null or told.call_id = best.call_id
  )
  select
    (array_agg(told.outcome order by told.rank))[1] as outcome,
    (array_agg(told.source order by told.rank))[1] as source,
    (array_agg(told.call_id order by told.rank) filter (where told.call_id is not null))[1]
      as call_id,
    (array_agg(told.request_id order by told.rank) filter (where told.request_id is not null))[1]
      as request_id,
    (
      array_agg(told.duration_seconds order by told.rank)
        filter (where told.duration_seconds is not null)
    )[1] as duration_seconds,
    (array_agg(told.recording_url order by told.rank) filter (where told.recording_url is not null))[1]
      as recording_url,
    (array_agg(told.summary order by told.rank) filter (where told.summary is not null))[1]
      as summary,
    (
      array_agg(told.extracted_variables order by told.rank)
        filter (where jsonb_typeof(told.extracted_variables) = 'object')
    )[1] as extracted_variables,
    (select min(any_event.received_at) from told as any_event) as ended_at
  into strict result
  from of_the_best_call as told;

  select left(btrim(noted.text), 500) into wish
  from public.dispatch_settings as settings
  cross join unnest(settings.callback_variables) with ordinality as variable (name, position)
  cross join lateral (
    select case jsonb_typeof(result.extracted_variables -> variable.name)
      when 'object' then result.extracted_variables -> variable.name ->> 'value'
      when 'string' then result.extracted_variables ->> variable.name
    end as text
  ) as noted
  -- Only what a person said: a voicemail that invites to call again would be called for ever. And
  -- Omni, and its agents, write false or none for what was not said.
  where result.outcome = 'completed'
    and lower(btrim(noted.text)) not in ('', 'false', 'no', 'none', 'null', 'n/a', 'na', 'not asked')
  order by variable.position
  limit 1;

  -- Whoever says so is not called again, whatever else is planned. A number is not taken off again by a
  -- later report.
  select coalesce(bool_or(lower(btrim(noted.text)) in ('true', 'yes', 'y', '1')), false)
  into wants_no_more
  from public.dispatch_settings as settings
  cross join unnest(settings.do_not_call_variables) as variable (name)
  cross join lateral (
    select case jsonb_typeof(result.extracted_variables -> variable.name)
      when 'object' then result.extracted_variables -> variable.name ->> 'value'
      when 'array' then null
      else result.extracted_variables ->> variable.name
    end as text
  ) as noted;
  if wants_no_more then
    insert into public.do_not_call (number, reason, added_by, added_at)
    values (before.to_number, 'Said so in a call', 'call', settle_call.as_of)
    on conflict (number) do nothing;
  end if;

  update public.call_attempts as attempt
  set status = 'ended',
    request_id = coalesce(attempt.request_id, result.request_id),
    call_id = result.call_id,
    outcome = result.outcome,
    ended_at = result.ended_at,
    duration_seconds = result.duration_seconds,
    recording_url = result.recording_url,
    summary = result.summary,
    reported_by = result.source,
    error = null,
    refused_alone = false,
    next_lookup_at = case when result.outcome is null then attempt.next_lookup_at end,
    callback_text = wish,
    callback_status = case
      when wish is null then null
      when wish = before.callback_text then before.callback_status
      else 'to_read'
    end
  where attempt.id = settle_call.attempt_id;

  -- Before what follows in the app's tables, of which each part may be refused and none may undo what stands here.
  if before.status in ('sending', 'accepted', 'unknown') then
    perform public.request_dispatch_run('call_ended');
  end if;
  perform public.follow_settled_call(
    settle_call.attempt_id,
    completing => before.status not in ('accepted', 'ended'),
    withdrawing => before.callback_text is distinct from wish,
    as_of => settle_call.as_of
  );
end
$$;

revoke all on function public.settle_call from public, anon, authenticated;
grant execute on function public.settle_call to service_role;

comment on function public.settle_call is
  'Works out, from all events that count for this attempt, how its call ended, and stores it; whatever the attempt was before, for a call that was reported was placed. The same events give the same rows in any order. Puts the number on the stop list when the person asked for it. Frees the number, and asks for a run when the call had still been live. Then brings follow-up, lead and recall into line with it, by follow_settled_call: what the app refuses of them undoes nothing of the rest. Without an event it does nothing. Called by match_call_event, and by record_dispatch_results when the reply tells more than the events.';

create or replace function public.match_call_event(
  event_id uuid,
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
set jit = off
set max_parallel_workers_per_gather = 0
as $$
declare
  told public.call_events;
  named public.call_attempts;
  against text;
begin
  -- First the attempt, then the event: in this order two reports of one call wait for each other.
  select * into told from public.call_events as event where event.id = match_call_event.event_id;
  select * into named
  from public.call_attempts as attempt
  where attempt.id = coalesce(
    (select known.id from public.call_attempts as known where known.id = told.attempt_id),
    (
      select known.id
      from public.call_attempts as known
      where known.request_id = told.request_id
      order by known.opened_at, known.id
      limit 1
    )
  )
  for update;

  -- Stored before the erasure could be seen, and not seen by it.
  if named.erased_at is not null then
    delete from public.call_events as event where event.id = match_call_event.event_id;
    return;
  end if;

  select * into told
  from public.call_events as event
  where event.id = match_call_event.event_id
  for update;
  if told.status <> 'parked' then
    return;
  end if;

  against := case
    when named.id is null and told.attempt_id is null and told.request_id is null
      then 'It names neither an attempt nor a request'
    when named.id is null then 'No attempt of ours is known under these ids'
    when exists (
      select
      from public.call_attempts as other
      where other.request_id = told.request_id and other.id <> named.id
    ) then 'Its request is also that of another attempt'
    when exists (
      select
      from public.call_events as other
      where other.call_id = told.call_id
        and other.status = 'settled'
        and other.settled_attempt_id <> named.id
    ) then 'Its call is already that of another attempt'
  end;

  if against is not null then
    update public.call_events as event set reason = against where event.id = told.id;
    return;
  end if;

  begin
    update public.call_events as event
    set status = 'settled',
      reason = null,
      settled_attempt_id = named.id
    where event.id = told.id;
    perform public.settle_call(named.id, match_call_event.as_of);
    if named.request_id is null and told.request_id is not null then
      perform public.settle_parked_events_of(array[named.id], match_call_event.as_of);
    end if;
  exception
    -- These pass: whoever called asks again.
    when deadlock_detected or lock_not_available or serialization_failure then
      raise;
    -- What the app refuses does not come here, settle_call goes past it. What is wrong with our own tables, such
    -- as a grant that is missing, must neither lose the report nor keep those of others waiting: it stays
    -- parked, and each run tries again.
    when others then
      update public.call_events as event
      set reason = left(concat('Could not be settled: ', sqlerrm), 500)
      where event.id = told.id;
  end;
end
$$;

revoke all on function public.match_call_event from public, anon, authenticated;
grant execute on function public.match_call_event to service_role;

comment on function public.match_call_event is
  'Finds the attempt that a parked event is about and settles it, or notes why not; deletes it when the person was erased meanwhile. An event that is settled already is left alone. Locks the attempt and the event.';

create function public.retry_refused_parts(
  as_of timestamptz default now()
)
returns integer
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  settled record;
  tried integer := 0;
begin
  for settled in
    select with_parts.attempt_id
    from public.attempts_with_refused_parts(500, retry_refused_parts.as_of) as with_parts
  loop
    -- An attempt that others hold is left to the next run: waiting for it could deadlock.
    perform
    from public.call_attempts as attempt
    where attempt.id = settled.attempt_id
    for update skip locked;
    if found then
      -- What is ours is stored, and a person may have changed it since: only what the app has refused is tried.
      perform public.follow_settled_call(
        settled.attempt_id, planning => false, as_of => retry_refused_parts.as_of
      );
      tried := tried + 1;
    end if;
  end loop;
  return tried;
end
$$;

revoke all on function public.retry_refused_parts from public, anon, authenticated;
grant execute on function public.retry_refused_parts to service_role;

comment on function public.retry_refused_parts is
  'Tries again what the app''s database has refused of what follows from calls that are over, of at most 500. Called by settle_parked_events. Returns of how many.';

create or replace function public.settle_parked_events(
  as_of timestamptz default now()
)
returns integer
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  parked record;
  looked_at integer := 0;
begin
  for parked in
    select settleable.event_id, settleable.attempt_id
    from public.settleable_parked_events(500, settle_parked_events.as_of) as settleable
  loop
    -- An attempt that others hold is left to the next run: waiting for it could deadlock.
    perform
    from public.call_attempts as attempt
    where attempt.id = parked.attempt_id
    for update skip locked;
    if found then
      perform public.match_call_event(parked.event_id, settle_parked_events.as_of);
      looked_at := looked_at + 1;
    end if;
  end loop;
  return looked_at + public.retry_refused_parts(settle_parked_events.as_of);
end
$$;

revoke all on function public.settle_parked_events from public, anon, authenticated;
grant execute on function public.settle_parked_events to service_role;

comment on function public.settle_parked_events is
  'Settles parked reports whose attempt has turned up since, at most 500, and tries again what the app has refused of settled ones. Called by each run. Returns how many it looked at.';

comment on function public.mark_calls_placed is
  'What follows when it is known that these attempts'' calls were placed, whoever told it: the follow-up is completed, or, where somebody has closed it, keeps its status and says in completed_at and reason that it was called, the lead moves from new to contacted, and raw_payload.dispatch tells of the newest. completing false: the follow-up is left alone, because it was completed before, and a person may have reopened it since. Called by record_dispatch_results, mark_calls_placed_apart and follow_settled_call.';
comment on function public.mark_calls_placed_apart is
  'As mark_calls_placed, one call after the other: what the app refuses of one is noted in its attempt''s error, its follow-up is completed without its lead where that is possible, and the others are marked. Called by record_dispatch_results, when marking was refused for all of them, and by follow_settled_call and resolve_call_attempt.';
comment on function public.plan_recall is
  'Plans the next try after this call, by recall_rules, or moves it, or takes it back when the outcome is another by now; never a callback, and never one for which somebody was rung. At most one for each attempt, and none while the lead has another open follow-up. Locks the lead. Called by follow_settled_call.';

create function public.settle_call(
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

  -- The wish for another time, or for none, was read from a report that is not the best any more.
  if before.callback_text is distinct from wish then
    perform public.withdraw_recall(settle_call.attempt_id, is_callback => true);
  end if;

  -- Follow-ups before the lead, as everywhere: plan_recall, below, moves this one.
  perform
  from public.follow_ups as planned
  where planned.recall_of = settle_call.attempt_id
  for update;
  perform public.mark_calls_placed(
    array[settle_call.attempt_id],
    completing => before.status not in ('accepted', 'ended'),
    as_of => settle_call.as_of
  );

  update public.leads as lead
  set call_date = greatest(lead.call_date, before.opened_at),
    raw_payload = case
      when exists (
        select
        from public.call_attempts as later
        where later.lead_id = before.lead_id
          and later.status = 'ended'
          and later.reported_by is not null
          and (later.opened_at, later.id) > (before.opened_at, before.id)
      ) then lead.raw_payload
      else public.merge_payload(
        lead.raw_payload, 'call',
        jsonb_build_object(
          'outcome', result.outcome,
          'call_id', result.call_id,
          'request_id', coalesce(before.request_id, result.request_id),
          'attempt_id', before.id,
          'follow_up_id', before.follow_up_id,
          'called_at', before.opened_at,
          'ended_at', result.ended_at,
          'duration_seconds', result.duration_seconds,
          'recording_url', result.recording_url,
          'summary', result.summary,
          'callback', wish
        )
      )
    end,
    updated_at = settle_call.as_of
  where lead.id = before.lead_id;

  perform public.plan_recall(settle_call.attempt_id, settle_call.as_of);

  if before.status in ('sending', 'accepted', 'unknown') then
    perform public.request_dispatch_run('call_ended');
  end if;
end
$$;

create function public.record_call_result(
  event jsonb,
  as_of timestamptz default now()
)
returns table (
  verdict text,
  attempt_id uuid,
  callback_to_read boolean
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
  most_events constant integer := 20;
  told public.call_events := jsonb_populate_record(
    null::public.call_events,
    jsonb_build_object(
      'source', record_call_result.event -> 'source',
      'attempt_id', record_call_result.event -> 'attempt_id',
      'request_id', record_call_result.event -> 'request_id',
      'call_id', record_call_result.event -> 'call_id',
      'direction', record_call_result.event -> 'direction',
      'to_number', record_call_result.event -> 'to_number',
      'outcome', record_call_result.event -> 'outcome',
      'reported_status', record_call_result.event -> 'reported_status',
      'duration_seconds', record_call_result.event -> 'duration_seconds',
      'recording_url', record_call_result.event -> 'recording_url',
      'summary', record_call_result.event -> 'summary',
      'extracted_variables', record_call_result.event -> 'extracted_variables'
    )
  );
  hash constant text := encode(
    sha256(convert_to(record_call_result.event::text, 'UTF8')), 'hex'
  );
  is_ours constant boolean := coalesce(told.direction, 'outbound') = 'outbound';
  stored uuid;
begin
  -- One attempt does not need more tellings than this: whoever has one token cannot fill the table.
  if (
    select count(*)
    from public.call_events as counted
    where counted.attempt_id = told.attempt_id
  ) >= most_events
    and not exists (
      select from public.call_events as known where known.content_hash = hash
    )
  then
    return query select 'ignored', told.attempt_id, false;
    return;
  end if;

  insert into public.call_events (
    received_at, content_hash, source, status, reason, attempt_id, request_id, call_id, direction,
    to_number, outcome, reported_status, duration_seconds, recording_url, summary,
    extracted_variables
  )
  values (
    record_call_result.as_of, hash, told.source,
    case when is_ours then 'parked' else 'noted' end,
    case when is_ours then 'Not looked at yet' else 'It is no outbound call' end,
    told.attempt_id, told.request_id, told.call_id, told.direction, told.to_number, told.outcome,
    told.reported_status, told.duration_seconds, told.recording_url, told.summary,
    told.extracted_variables
  )
  on conflict (content_hash) do nothing;

  select known.id into strict stored from public.call_events as known where known.content_hash = hash;
  perform public.match_call_event(stored, record_call_result.as_of);

  return query
    select known.status, known.settled_attempt_id, coalesce(attempt.callback_status = 'to_read', false)
    from public.call_events as known
    left join public.call_attempts as attempt on attempt.id = known.settled_attempt_id
    where known.id = stored;
end
$$;

create function public.match_call_event(
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
    -- A trigger of the app that refuses the lead's change must neither lose the report nor keep those
    -- of others waiting: it stays parked, and each run tries again.
    when others then
      update public.call_events as event
      set reason = left(concat('Could not be settled: ', sqlerrm), 500)
      where event.id = told.id;
  end;
end
$$;

create function public.settle_parked_events_of(
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
as $$
declare
  parked_id uuid;
begin
  for parked_id in
    select event.id
    from public.call_attempts as attempt
    join public.call_events as event
      on event.request_id = attempt.request_id and event.status = 'parked'
    where attempt.id = any (settle_parked_events_of.attempt_ids)
    order by attempt.id, event.received_at, event.id
  loop
    perform public.match_call_event(parked_id, settle_parked_events_of.as_of);
  end loop;
end
$$;

revoke all on function public.settle_parked_events_of from public, anon, authenticated;
grant execute on function public.settle_parked_events_of to service_role;
comment on function public.settle_parked_events_of is
  'Settles the reports that named only the request of these attempts, and came before its id was known here. Called when a reply, or another report, has told it.';

create function public.settleable_parked_events(
  batch_size integer default 500,
  as_of timestamptz default now()
)
returns table (
  event_id uuid,
  attempt_id uuid
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
  select event.id, attempt.id
  from public.call_events as event
  cross join public.dispatch_settings as settings
  cross join lateral (
    select known.id
    from public.call_attempts as known
    where known.request_id = event.request_id
    union
    select known.id
    from public.call_attempts as known
    where known.id = event.attempt_id
    limit 1
  ) as attempt
  where event.status = 'parked'
    and event.received_at
      > settleable_parked_events.as_of - settings.settle_for - interval '1 day'
    and (
      event.reason = 'No attempt of ours is known under these ids'
      or event.reason like 'Could not be settled: %'
    )
  order by attempt.id
  limit settleable_parked_events.batch_size
$$;

create function public.settle_parked_events(
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
  return looked_at;
end
$$;

revoke all on function public.settleable_parked_events from public, anon, authenticated;
grant execute on function public.settleable_parked_events to service_role;
comment on function public.settleable_parked_events is
  'Parked reports whose attempt has turned up since, because the report and the reply that told the request''s id were stored at the same moment, and those that could not be settled when they came. Empty most of the time.';

revoke all on function public.settle_call from public, anon, authenticated;
grant execute on function public.settle_call to service_role;
revoke all on function public.record_call_result from public, anon, authenticated;
grant execute on function public.record_call_result to service_role;
revoke all on function public.match_call_event from public, anon, authenticated;
grant execute on function public.match_call_event to service_role;
revoke all on function public.settle_parked_events from public, anon, authenticated;
grant execute on function public.settle_parked_events to service_role;

comment on function public.settle_call is
  'Works out, from all events that count for this attempt, how its call ended, and brings attempt, follow-up, lead and recall into line with it; whatever the attempt was before, for a call that was reported was placed. The same events give the same rows in any order. Puts the number on the stop list when the person asked for it. Frees the number, and asks for a run when the call had still been live. Without an event it does nothing. Called by match_call_event, and by record_dispatch_results when the reply tells more than the events.';
comment on function public.record_call_result is
  'Stores what Omni told of one call: {source: webhook | call_log, attempt_id, request_id, call_id, direction, to_number, outcome, reported_status, duration_seconds, recording_url, summary, extracted_variables}, null = not told. Matched by the attempt''s id, else by the request''s, never by the number. Returns one row: verdict settled (it counts for attempt_id), parked (outbound, but no attempt of ours, or contradicting it), noted (inbound or chat: no effect) or ignored (the attempt has 20 different events already: not stored); callback_to_read = somebody asked to be called again, and callbacks_to_read tells when. The same event again changes nothing and gets the same answer. Called by the Edge Function call-ended and by the settling step of each run.';
comment on function public.match_call_event is
  'Finds the attempt that a parked event is about and settles it, or notes why not. Locks the attempt and the event.';
comment on function public.settle_parked_events is
  'Settles parked reports whose attempt has turned up since, at most 500. Called by each run. Returns how many it looked at.';

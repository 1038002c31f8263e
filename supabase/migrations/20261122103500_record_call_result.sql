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
as $$
declare
  before public.call_attempts;
  result record;
  wish text;
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
      when 'array' then null
      else result.extracted_variables ->> variable.name
    end as text
  ) as noted
  where btrim(noted.text) <> ''
  order by variable.position
  limit 1;

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
    callback_text = wish,
    callback_status = case
      when wish is null then null
      when wish = before.callback_text then before.callback_status
      else 'to_read'
    end
  where attempt.id = settle_call.attempt_id;

  -- The wish for another time, or for none, was read from a report that is not the best any more.
  if before.callback_text is distinct from wish then
    delete from public.follow_ups as planned
    where planned.recall_of = settle_call.attempt_id
      and planned.source::text = 'recall'
      and planned.status = 'pending'
      and planned.attempts = 0
      and planned.lease_token is null
      and planned.is_callback;
  end if;

  perform public.mark_calls_placed(array[settle_call.attempt_id], settle_call.as_of);

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
    where counted.settled_attempt_id = told.attempt_id and counted.status = 'settled'
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
    when told.request_id <> named.request_id
      then 'Its request is not the one that Omni gave for this attempt'
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

  update public.call_events as event
  set status = case when against is null then 'settled' else 'parked' end,
    reason = against,
    settled_attempt_id = case when against is null then named.id end
  where event.id = told.id;

  if against is null then
    perform public.settle_call(named.id, match_call_event.as_of);
  end if;
end
$$;

create function public.settle_parked_events(
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
  parked record;
  looked_at integer := 0;
begin
  for parked in select * from public.settleable_parked_events limit 500
  loop
    perform public.match_call_event(parked.id, settle_parked_events.as_of);
    looked_at := looked_at + 1;
  end loop;
  return looked_at;
end
$$;

-- A report and the reply that tells the request's id may be stored at the same moment, and neither
-- then sees the other. An event whose attempt has another request does not come back for ever.
create view public.settleable_parked_events
with (security_invoker = on)
as
select event.id
from public.call_events as event
where event.status = 'parked'
  and event.request_id is not null
  and event.reason = 'No attempt of ours is known under these ids'
  and event.received_at > now() - interval '1 day'
  and exists (
    select from public.call_attempts as attempt where attempt.request_id = event.request_id
  );

revoke all on table public.settleable_parked_events from public, anon, authenticated;
grant select on table public.settleable_parked_events to service_role;
comment on view public.settleable_parked_events is
  'Parked reports whose attempt has turned up since: settled by the next run.';

revoke all on function public.settle_call from public, anon, authenticated;
grant execute on function public.settle_call to service_role;
revoke all on function public.record_call_result from public, anon, authenticated;
grant execute on function public.record_call_result to service_role;
revoke all on function public.match_call_event from public, anon, authenticated;
grant execute on function public.match_call_event to service_role;
revoke all on function public.settle_parked_events from public, anon, authenticated;
grant execute on function public.settle_parked_events to service_role;

comment on function public.settle_call is
  'Works out, from all events that count for this attempt, how its call ended, and brings attempt, follow-up, lead and recall into line with it; whatever the attempt was before, for a call that was reported was placed. The same events give the same rows in any order. Frees the number, and asks for a run when the call had still been live. Without an event it does nothing. Called by match_call_event, and by record_dispatch_results when the reply tells more than the events.';
comment on function public.record_call_result is
  'Stores what Omni told of one call: {source: webhook | call_log, attempt_id, request_id, call_id, direction, to_number, outcome, reported_status, duration_seconds, recording_url, summary, extracted_variables}, null = not told. Matched by the attempt''s id, else by the request''s, never by the number. Returns one row: verdict settled (it counts for attempt_id), parked (outbound, but no attempt of ours, or contradicting it), noted (inbound or chat: no effect) or ignored (the attempt has 20 different events already: not stored); callback_to_read = somebody asked to be called again, and callbacks_to_read tells when. The same event again changes nothing and gets the same answer. Called by the Edge Function call-ended and by the settling step of each run.';
comment on function public.match_call_event is
  'Finds the attempt that a parked event is about and settles it, or notes why not. Locks the attempt and the event.';
comment on function public.settle_parked_events is
  'Settles parked reports whose attempt has turned up since, at most 500. Called by each run. Returns how many it looked at.';

-- What is left of a call to somebody who was erased: that it was made, when, and how it ended.
alter table public.call_attempts
  add column erased_at timestamptz,
  alter column to_number drop not null,
  add constraint an_erased_call_names_nobody check (
    (erased_at is not null) = (to_number is null)
    and (
      erased_at is null
      or num_nonnulls(
        error, response, call_id, recording_url, summary, lookup_note, callback_text, next_lookup_at
      ) = 0
    )
  ),
  -- A live call without its number would be one that nothing keeps from being placed twice.
  add constraint a_live_call_is_not_erased
    check (erased_at is null or status not in ('sending', 'accepted', 'unknown'));

comment on column public.call_attempts.to_number is
  'The number, E.164; null = the person was erased.';
comment on column public.call_attempts.erased_at is
  'When erase_person took from the row what tells of the person: numbers of calls stay true. Null = it was not.';
comment on table public.call_attempts is
  'Append-only history: one row for each request to Omni, committed before it leaves. It holds no foreign keys: a live call outlives the deletion of its lead, and so must its row. What tells of a person is taken from it by erase_person, the row stays.';

create function public.forget_erased_call()
returns trigger
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  new.to_number := null;
  new.error := null;
  new.response := null;
  new.call_id := null;
  new.recording_url := null;
  new.summary := null;
  new.lookup_note := null;
  new.callback_text := null;
  new.callback_status := null;
  -- Not looked for in Omni's log any more.
  new.looked_up_at := coalesce(new.looked_up_at, new.erased_at);
  new.next_lookup_at := null;
  return new;
end
$$;

revoke all on function public.forget_erased_call from public, anon, authenticated;
grant execute on function public.forget_erased_call to service_role;
comment on function public.forget_erased_call is
  'Trigger on call_attempts: the one place that says what tells of a person there. A reply or a look into Omni''s log that comes after the erasure stores none of it either.';

create trigger forget_erased_call
  before update on public.call_attempts
  for each row when (new.erased_at is not null)
  execute function public.forget_erased_call();

create or replace function public.record_call_result(
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
set jit = off
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
  -- Nothing is kept of a call to somebody who was erased.
  if public.is_of_erased_person(told) then
    return query select 'ignored', told.attempt_id, false;
    return;
  end if;

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
  -- The person was erased while this waited for the attempt.
  if not found then
    return query select 'ignored', told.attempt_id, false;
  end if;
end
$$;

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
    -- A trigger of the app that refuses the lead's change must neither lose the report nor keep those
    -- of others waiting: it stays parked, and each run tries again.
    when others then
      update public.call_events as event
      set reason = left(concat('Could not be settled: ', sqlerrm), 500)
      where event.id = told.id;
  end;
end
$$;

create function public.number_as_told(
  to_number text
)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  select '+' || ltrim(regexp_replace(number_as_told.to_number, '[^0-9]', '', 'g'), '0')
$$;

revoke all on function public.number_as_told from public, anon, authenticated;
grant execute on function public.number_as_told to service_role;
comment on function public.number_as_told is
  'A number in E.164 as Omni writes it in what it tells of calls: with +, with 00, or with neither. Only for finding those who were erased.';

create function public.is_of_erased_person(
  event public.call_events
)
returns boolean
language plpgsql
stable
security invoker
set search_path = ''
-- A few rows of large tables: through indexes, whatever the statistics say or do not say yet.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  named public.call_attempts;
  number constant text := public.number_as_told(event.to_number);
begin
  -- An attempt that is not erased takes its report, though the number is hashed already: it is live.
  select attempt.* into named
  from public.call_attempts as attempt
  where attempt.id = coalesce(
    (select known.id from public.call_attempts as known where known.id = event.attempt_id),
    (
      select known.id
      from public.call_attempts as known
      where known.request_id = event.request_id
      order by known.opened_at, known.id
      limit 1
    )
  );
  if found then
    return named.erased_at is not null;
  end if;
  return public.is_erased_number(number)
    -- Of a live call it may be the report: the request's id is not known here before the reply is stored.
    and not exists (
      select
      from public.call_attempts as live
      where live.to_number = number and live.status in ('sending', 'accepted', 'unknown')
    );
end
$$;

revoke all on function public.is_of_erased_person from public, anon, authenticated;
grant execute on function public.is_of_erased_person to service_role;
revoke all on function public.record_call_result from public, anon, authenticated;
grant execute on function public.record_call_result to service_role;
revoke all on function public.match_call_event from public, anon, authenticated;
grant execute on function public.match_call_event to service_role;

comment on function public.is_of_erased_person is
  'True when what Omni told is of an attempt that was erased, or names no attempt of ours and the number of somebody who was. Asked by record_call_result.';
comment on function public.record_call_result is
  'Stores what Omni told of one call: {source: webhook | call_log, attempt_id, request_id, call_id, direction, to_number, outcome, reported_status, duration_seconds, recording_url, summary, extracted_variables}, null = not told. Matched by the attempt''s id, else by the request''s, never by the number. Returns one row: verdict settled (it counts for attempt_id), parked (outbound, but no attempt of ours, or contradicting it), noted (inbound or chat: no effect) or ignored (not stored: the attempt has 20 different events already, or the person was erased); callback_to_read = somebody asked to be called again, and callbacks_to_read tells when. The same event again changes nothing and gets the same answer. Called by the Edge Function call-ended and by the settling step of each run.';
comment on function public.match_call_event is
  'Finds the attempt that a parked event is about and settles it, or notes why not; deletes it when the person was erased meanwhile. Locks the attempt and the event.';

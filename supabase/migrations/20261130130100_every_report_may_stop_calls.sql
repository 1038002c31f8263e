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

  -- Whoever says so, in any report, is not called again, whatever else is planned. A number is not taken off
  -- again by a later report.
  select coalesce(bool_or(btrim(noted.text) ~* '^((true|yes|y)([^a-z''\u2019]|$)|1$)'), false)
  into wants_no_more
  from public.call_events as event
  cross join public.dispatch_settings as settings
  cross join unnest(settings.do_not_call_variables) as variable (name)
  cross join lateral (
    select case jsonb_typeof(event.extracted_variables -> variable.name)
      when 'object' then event.extracted_variables -> variable.name ->> 'value'
      when 'array' then null
      else event.extracted_variables ->> variable.name
    end as text
  ) as noted
  where event.settled_attempt_id = settle_call.attempt_id and event.status = 'settled';
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

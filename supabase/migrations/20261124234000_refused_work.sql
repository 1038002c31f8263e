-- A check or a trigger of the app that refuses whatever the engine writes stops all calls, and every run ends as if
-- nothing were due. The alarm tells of it.
alter table public.dispatch_incidents
  drop constraint kind_is_known,
  add constraint kind_is_known check (
    kind in (
      'late_tick', 'run_not_begun', 'runs_halted', 'runs_failed', 'work_not_called', 'work_refused'
    )
  );

comment on table public.dispatch_incidents is
  'Times at which nobody was called though somebody should have been, or it could not be told. Written by watch_dispatch alone. No name, number or secret stands here: what the app''s database said is noted without them, see impersonal_error.';
comment on column public.dispatch_incidents.kind is
  'late_tick: the schedule does not tick. run_not_begun: pg_net or the function does not take up the runs that are asked for. runs_halted: the last runs were halted. runs_failed: the last runs met an error or died. work_not_called: calls are due and may be made, and none is begun. work_refused: the same, because the database refuses to write the rows that are due, or at least 100 rows.';

create function public.impersonal_error(
  error text,
  lead public.leads
)
returns text
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
  said text := regexp_replace(impersonal_error.error, '\s+', ' ', 'g');
  word text;
begin
  foreach word in array array[lead.phone::text]
    || regexp_split_to_array(coalesce(lead.customer_name::text, ''), '\s+')
  loop
    -- Shorter ones are parts of other words.
    if length(word) >= 3 then
      said := replace(said, word, '…');
    end if;
  end loop;
  said := regexp_replace(said, '[^\s@"<>]+@[^\s@"<>]+', '…', 'g');
  said := regexp_replace(said, '\+?[0-9][0-9 ()./-]{4,}[0-9]', '…', 'g');
  return left(btrim(said), 200);
end
$$;

revoke all on function public.impersonal_error from public, anon, authenticated;
grant execute on function public.impersonal_error to service_role;

comment on function public.impersonal_error is
  'What the app''s database said of one of this lead''s rows, for messages that leave the project: without the lead''s phone and the words of its name, numbers of six digits and more, and mail addresses, on one line, cut to 200 characters. A trigger may say anything; what else it tells of the person stays.';

create function public.refused_rows(
  as_of timestamptz default now()
)
returns table (
  kind text,
  error text,
  set_aside_at timestamptz,
  due_since timestamptz,
  follow_up public.follow_ups,
  lead public.leads
)
language sql
stable
security invoker
rows 1
set search_path = ''
-- A few rows of large tables: through indexes, whatever the statistics say or do not say yet.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
  with aside as materialized (
    select noted.row_id, noted.kind, noted.error, noted.set_aside_at, noted.row_version
    from public.set_aside_rows as noted
    limit 1000
  )
  select
    aside.kind, aside.error, aside.set_aside_at, follow_up.due_at::timestamptz, follow_up, lead
  from aside
  join public.follow_ups as follow_up on follow_up.id = aside.row_id
  left join public.leads as lead on lead.id = follow_up.lead_id
  where aside.kind = 'follow_up'
    -- What the app has changed since is tried at once.
    and follow_up.xmin::text = aside.row_version
    and follow_up.status::text = 'pending'
    and follow_up.channel::text = 'voice_call'
    and follow_up.due_at::timestamptz <= refused_rows.as_of
    and coalesce(follow_up.leased_until <= refused_rows.as_of, true)
    and (
      select attempt.id
      from public.call_attempts as attempt
      where attempt.follow_up_id = follow_up.id
        and attempt.status in ('sending', 'accepted', 'unknown')
      limit 1
    ) is null
  union all
  select
    aside.kind, aside.error, aside.set_aside_at,
    -- When it came in, or was changed so that it is to be called.
    coalesce(greatest(lead.created_at::timestamptz, lead.updated_at::timestamptz), aside.set_aside_at),
    seed, lead
  from aside
  join public.leads as lead on lead.id = aside.row_id
  -- As the seed phase would make it, so that a pause of that source counts.
  cross join lateral jsonb_populate_record(
    null::public.follow_ups,
    jsonb_build_object(
      'lead_id', lead.id, 'due_at', refused_rows.as_of, 'is_callback', false, 'source', 'seed',
      'status', 'pending', 'channel', 'voice_call'
    )
  ) as seed
  where aside.kind = 'lead'
    and public.is_seedable_lead(lead.stage::text, lead.phone::text, lead.call_date::timestamptz)
    and (
      select other.id
      from public.follow_ups as other
      where other.lead_id = lead.id and public.blocks_seeding(other.status::text)
      limit 1
    ) is null
    and not public.was_called(lead.id)
$$;

revoke all on function public.refused_rows from public, anon, authenticated;
grant execute on function public.refused_rows to service_role;

comment on function public.refused_rows is
  'Of the first 1,000 set_aside_rows those that still stand in the way of a call: pending voice follow-ups that are due and unchanged since they were refused, and leads that wait for their first follow-up, with the one that would be made. due_since: when the follow-up was due, or the lead came in or was changed last. Whether the rules allow the call is not asked. Read by work_refused.';

create function public.work_refused(
  as_of timestamptz default now()
)
returns table (
  since timestamptz,
  detail text
)
language plpgsql
stable
security invoker
rows 1
set search_path = ''
-- A few rows of large tables: through indexes, whatever the statistics say or do not say yet.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  -- As set_aside counts: so many are not the fault of a row.
  many constant integer := 100;
  long_ago constant timestamptz := work_refused.as_of - interval '15 minutes';
  nobody_is_called boolean;
  called_up_to timestamptz;
  follow_ups integer;
  leads integer;
  last_error text;
  waiting record;
begin
  if not exists (select from public.set_aside_rows)
    or (select settings.paused from public.dispatch_settings as settings)
    or public.free_call_slots(work_refused.as_of) <= 0
  then
    return;
  end if;

  select
    count(*) filter (where refused.kind = 'follow_up'), count(*) filter (where refused.kind = 'lead'),
    (
      array_agg(public.impersonal_error(refused.error, refused.lead) order by refused.set_aside_at desc)
    )[1]
  into follow_ups, leads, last_error
  from public.refused_rows(work_refused.as_of) as refused;

  nobody_is_called := not exists (
    select from public.call_attempts as attempt where attempt.opened_at > long_ago
  );
  -- The claim takes the oldest first. Whatever was due before one that was called has had its turn, was refused
  -- while others were not, and is a row's fault: a warning of call_status, and not an alarm at night. A
  -- callback goes before its turn and shows nothing.
  select max(least(follow_up.due_at::timestamptz, attempt.opened_at)) into called_up_to
  from (
    select last_one.follow_up_id, last_one.opened_at
    from public.call_attempts as last_one
    order by last_one.opened_at desc
    limit 50
  ) as attempt
  join public.follow_ups as follow_up on follow_up.id = attempt.follow_up_id
  where not follow_up.is_callback;

  -- Asked one after the other until one may be called, and not all, as in work_not_called.
  for waiting in
    select standing.follow_up, standing.lead, standing.due_since
    from (
      select
        refused.follow_up, refused.lead, refused.due_since,
        row_number() over (order by refused.due_since) as from_the_first,
        row_number() over (order by refused.due_since desc) as from_the_last
      from public.refused_rows(work_refused.as_of) as refused
      where follow_ups + leads >= many
        or nobody_is_called
          and refused.due_since <= long_ago
          and refused.due_since > coalesce(called_up_to, '-infinity')
    ) as standing
    where standing.from_the_first <= 50 or standing.from_the_last <= 50
    order by standing.due_since
  loop
    if not exists (
      select
      from public.call_refusal(
        waiting.follow_up, waiting.lead,
        public.number_as_written((waiting.lead).phone::text), work_refused.as_of
      )
    ) then
      since := waiting.due_since;
      detail := format(
        '%s: the database refuses what the engine writes. Follow-ups that cannot be written: %s, leads for which none can be made: %s, the last error: %s. Mend the check or the trigger of the app, then: update set_aside_rows set until = now() where true',
        case when nobody_is_called then 'Nobody is called' else 'Many are not called' end,
        follow_ups, leads, last_error
      );
      return next;
      return;
    end if;
  end loop;
end
$$;

revoke all on function public.work_refused from public, anon, authenticated;
grant execute on function public.work_refused to service_role;

comment on function public.work_refused is
  'One row when somebody waits who may be called, and the database refuses to write their follow-up (see refused_rows): when 100 or more rows are refused; or when nobody was called for 15 minutes and one is refused that has been due for so long, and was due after those called last. since when it has been due, and in words how many there are, the last error as impersonal_error shows it, and what to do. No row = none, also while paused or while no line is free. Asks call_refusal of 100 rows at most.';

create or replace function public.find_incidents(
  as_of timestamptz default now()
)
returns table (
  kind text,
  began_at timestamptz,
  detail text,
  told_after interval
)
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  return query
    select 'late_tick', silence.since, silence.detail, interval '0'
    from public.schedule_silence(find_incidents.as_of) as silence
    where silence.is_incident
    union all
    select trouble.kind, trouble.began_at, trouble.detail, interval '0'
    from public.trouble_of_runs(find_incidents.as_of) as trouble;
  if found then
    return;
  end if;

  -- Only what nothing else explains. And not before a whole tick has had its chance: when a pause ends,
  -- or a line becomes free, what waited has been due for long.
  return query
    select 'work_refused', refused.since, refused.detail, interval '4 minutes'
    from public.work_refused(find_incidents.as_of) as refused;
  if found then
    return;
  end if;
  return query
    select
      'work_not_called', waiting.since,
      'Calls are due and may be made, and none was begun for 15 minutes: see call_queue and dispatch_runs',
      interval '4 minutes'
    from public.work_not_called(find_incidents.as_of) as waiting (since)
    where waiting.since is not null;
end
$$;

revoke all on function public.find_incidents from public, anon, authenticated;
grant execute on function public.find_incidents to service_role;

comment on function public.find_incidents is
  'What is wrong at as_of, one row a kind, in words: see dispatch_incidents.kind. told_after: how long the looks must go on finding it before anybody is told. No row = all is well. Changes nothing.';

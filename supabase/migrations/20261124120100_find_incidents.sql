-- The one place that says what is wrong. The alarm and call_status ask here.

create function public.schedule_silence(
  as_of timestamptz default now()
)
returns table (
  since timestamptz,
  is_late boolean,
  is_incident boolean,
  detail text
)
language sql
stable
security invoker
set search_path = ''
as $$
  select
    beat.since,
    beat.last_tick_at is null or beat.is_long,
    beat.is_long,
    case
      when beat.last_tick_at is null then 'The schedule has never ticked'
      when beat.silence >= interval '2 days' then
        format('The schedule has not ticked for %s days', extract(day from beat.silence))
      else
        format(
          'The schedule has not ticked for %s minutes',
          floor(extract(epoch from beat.silence) / 60)
        )
    end
  from (
    select
      heartbeat.last_tick_at,
      coalesce(heartbeat.last_tick_at, heartbeat.installed_at) as since,
      schedule_silence.as_of - heartbeat.last_tick_at as silence,
      coalesce(heartbeat.last_tick_at, heartbeat.installed_at)
        < schedule_silence.as_of - settings.tick_late_after as is_long
    from public.dispatch_heartbeat as heartbeat
    cross join public.dispatch_settings as settings
  ) as beat
$$;

revoke all on function public.schedule_silence from public, anon, authenticated;
grant execute on function public.schedule_silence to service_role;

comment on function public.schedule_silence is
  'One row: since when the schedule has not ticked, in words. is_late: for longer than dispatch_settings.tick_late_after, or never. is_incident: the same, but a new project has so much time for its first tick.';

create function public.net_reply(
  request_id bigint,
  asked_at timestamptz
)
returns table (
  status_code integer,
  has_failed boolean
)
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  if to_regnamespace('net') is null or not has_schema_privilege('net', 'usage') then
    return;
  end if;
  if not has_table_privilege('net._http_response', 'select') then
    return;
  end if;
  return query
    select
      response.status_code,
      coalesce(response.status_code >= 400, true)
        or response.error_msg is not null
        or coalesce(response.timed_out, false)
    from net._http_response as response
    where response.id = net_reply.request_id
      -- After a crash pg_net begins to count anew: another request may bear the number later.
      and response.created between net_reply.asked_at - interval '1 minute'
        and net_reply.asked_at + interval '30 minutes'
    limit 1;
end
$$;

revoke all on function public.net_reply from public, anon, authenticated;
grant execute on function public.net_reply to service_role;

comment on function public.net_reply is
  'What pg_net noted of a request that was made at asked_at. has_failed: a status of 400 or more, an error, or no answer in time. No row = nothing yet, or no more: replies are kept for six hours. Also no row where pg_net is missing or may not be read.';

create function public.words_of_refused_run(
  status_code integer,
  has_failed boolean,
  request_id bigint
)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  select case
    when words_of_refused_run.has_failed is null then
      'Runs are asked for and not taken up: pg_net has noted no reply'
    when not words_of_refused_run.has_failed then
      'Runs are asked for and not begun: the function call-dispatch takes them and stops, see its log'
    when words_of_refused_run.status_code in (401, 403) then
      format(
        'The function call-dispatch refuses the runs of the schedule (status %s): CRON_JOB_SECRET and the Vault secret cron_job_secret must be the same',
        words_of_refused_run.status_code
      )
    when words_of_refused_run.status_code = 404 then
      'The function call-dispatch is not found (status 404): deploy it, and look at the Vault secret project_url'
    when words_of_refused_run.status_code is not null then
      format(
        'The function call-dispatch answers with status %s: see its log',
        words_of_refused_run.status_code
      )
    else
      format(
        'The function call-dispatch cannot be reached: see net._http_response, request %s',
        words_of_refused_run.request_id
      )
  end
$$;

revoke all on function public.words_of_refused_run from public, anon, authenticated;
grant execute on function public.words_of_refused_run to service_role;

comment on function public.words_of_refused_run is
  'Why a run that was asked for was not begun, in words, from what net_reply tells (has_failed null = nothing). Repeats nothing of what the other side said.';

create function public.trouble_of_runs(
  as_of timestamptz default now()
)
returns table (
  kind text,
  began_at timestamptz,
  detail text
)
language sql
stable
security invoker
set search_path = ''
-- A few rows of large tables: through indexes, whatever the statistics say or do not say yet.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
  with recent as materialized (
    select
      run.started_at, run.finished_at, run.stop_reason, run.claimed, run.net_request_id,
      -- Runs from before begun_at was noted tell by their end that they were begun.
      run.begun_at is not null or coalesce(run.stop_reason <> 'error', false) as was_begun
    from public.dispatch_runs as run
    where run.started_at <= trouble_of_runs.as_of
    order by run.started_at desc
    limit 1000
  ),
  -- Each trouble is a row of runs without a good one after it.
  not_begun as (
    select
      min(run.started_at) as began_at,
      -- Of those that have had the time to be answered the last one tells why: a run that has just been
      -- asked for says nothing yet.
      (array_agg(run.started_at order by had_time.is_so desc, run.started_at desc))[1] as asked_at,
      (array_agg(run.net_request_id order by had_time.is_so desc, run.started_at desc))[1]
        as request_id
    from recent as run
    cross join lateral (
      select run.started_at <= trouble_of_runs.as_of - interval '15 seconds' as is_so
    ) as had_time
    where run.net_request_id is not null
      and not run.was_begun
      and run.started_at > coalesce(
        (
          select max(good.started_at)
          from recent as good
          where good.net_request_id is not null and good.was_begun
        ),
        '-infinity'
      )
  ),
  halted as (
    select count(*) as runs, min(run.finished_at) as began_at
    from recent as run
    where run.stop_reason = 'halted'
      -- A run that had nobody to call does not show that calls work again.
      and run.started_at > coalesce(
        (
          select max(good.started_at)
          from recent as good
          where good.claimed > 0 and good.stop_reason not in ('halted', 'error')
        ),
        '-infinity'
      )
  ),
  failed as (
    select count(*) as runs, min(run.finished_at) as began_at
    from recent as run
    where run.stop_reason = 'error'
      and (run.was_begun or run.net_request_id is null)
      and run.started_at > coalesce(
        (select max(good.started_at) from recent as good where good.stop_reason <> 'error'),
        '-infinity'
      )
  )
  select 'run_not_begun', not_begun.began_at, public.words_of_refused_run(
    reply.status_code, reply.has_failed, not_begun.request_id
  )
  from not_begun
  left join lateral public.net_reply(not_begun.request_id, not_begun.asked_at) as reply on true
  -- One that is lost while the function is deployed anew is made up for by the next tick.
  where not_begun.began_at <= trouble_of_runs.as_of - interval '4 minutes'
  union all
  select 'runs_halted', halted.began_at, format(
    'Runs are halted, %s so far, and nobody is called: see dispatch_runs.error', halted.runs
  )
  from halted
  where halted.runs >= 2 or halted.began_at <= trouble_of_runs.as_of - interval '10 minutes'
  union all
  select 'runs_failed', failed.began_at, format(
    'Runs meet errors or die, %s so far: see dispatch_runs.error and the log of call-dispatch', failed.runs
  )
  from failed
  where failed.runs >= 2 or failed.began_at <= trouble_of_runs.as_of - interval '10 minutes'
$$;

revoke all on function public.trouble_of_runs from public, anon, authenticated;
grant execute on function public.trouble_of_runs to service_role;

comment on function public.trouble_of_runs is
  'What the last 1,000 runs tell: run_not_begun, when none of those asked for in the last four minutes or longer was taken up; runs_halted and runs_failed, when two or more in a row ended so, or one and nothing better for ten minutes. No row = all is well.';

create function public.work_not_called(
  as_of timestamptz default now()
)
returns timestamptz
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
  long_ago constant timestamptz := work_not_called.as_of - interval '15 minutes';
  waiting record;
begin
  if (select settings.paused from public.dispatch_settings as settings)
    or public.free_call_slots(work_not_called.as_of) <= 0
    or exists (
      select from public.call_attempts as attempt where attempt.opened_at > long_ago
    )
  then
    return null;
  end if;

  -- Asked one after the other until one may be called. Of many that may not, as when the hours of a
  -- country close over a backlog, not all are asked: a hundred answers take a fifth of a second.
  for waiting in
    select follow_up, lead, follow_up.due_at::timestamptz as due_at
    from (
      (
        select longest.id
        from public.follow_ups as longest
        where longest.status = 'pending'
          and longest.channel = 'voice_call'
          and longest.due_at <= long_ago
        order by longest.due_at, longest.id
        limit 50
      )
      union
      (
        select latest.id
        from public.follow_ups as latest
        where latest.status = 'pending'
          and latest.channel = 'voice_call'
          and latest.due_at <= long_ago
        order by latest.due_at desc, latest.id desc
        limit 50
      )
    ) as due
    join public.follow_ups as follow_up on follow_up.id = due.id
    left join public.leads as lead on lead.id = follow_up.lead_id
    order by follow_up.due_at, follow_up.id
  loop
    continue when (waiting.follow_up).leased_until > work_not_called.as_of;
    if not exists (
      select
      from public.call_refusal(
        waiting.follow_up, waiting.lead,
        public.number_as_written((waiting.lead).phone::text), work_not_called.as_of
      )
    )
      -- Its lead's turn may be another's, or its own call under way.
      and exists (
        select
        from public.dispatchable_follow_ups as dispatchable
        where dispatchable.id = (waiting.follow_up).id
      )
    then
      return waiting.due_at;
    end if;
  end loop;

  return (
    select candidate.noted_at
    from (
      select noted.id, noted.lead_id, noted.noted_at
      from public.seed_candidates as noted
      order by noted.id
      limit 1000
    ) as candidate
    join public.leads as lead on lead.id = candidate.lead_id
    where candidate.noted_at <= long_ago
      and public.is_seedable_lead(lead.stage::text, lead.phone::text, lead.call_date)
      and not exists (
        select
        from public.follow_ups as follow_up
        where follow_up.lead_id = lead.id and public.blocks_seeding(follow_up.status::text)
      )
      and not public.was_called(lead.id)
    order by candidate.id
    limit 1
  );
end
$$;

revoke all on function public.work_not_called from public, anon, authenticated;
grant execute on function public.work_not_called to service_role;

comment on function public.work_not_called is
  'Since when somebody waits who may be called: due for over 15 minutes and allowed by call_refusal, or a lead that no run has seeded for so long, while nothing is paused, a line is free, and no attempt was opened for 15 minutes. Null = nobody, among the 50 follow-ups that wait longest, the 50 that have become due last, and the first 1,000 leads that are noted.';

create function public.find_incidents(
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

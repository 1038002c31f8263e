-- Past what one run can do, several share the work.

alter table public.dispatch_settings
  add column max_runs_at_once integer not null default 4
    constraint max_runs_at_once_is_positive check (max_runs_at_once > 0),
  add column due_per_run integer not null default 500
    constraint due_per_run_is_positive check (due_per_run > 0);

comment on column public.dispatch_settings.max_runs_at_once is
  'Most runs that the schedule, and runs that end, keep going side by side. Each sends up to DISPATCH_CONCURRENCY requests at once.';
comment on column public.dispatch_settings.due_per_run is
  'How many calls that can be begun now justify one more run beside the others.';
comment on column public.dispatch_heartbeat.last_tick_did is
  'What that call did: started a run or several, found a run under way, nothing to do, a limit used up, or the engine paused.';

create function public.wanted_runs(
  as_of timestamptz default now()
)
returns integer
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
  settings public.dispatch_settings;
  work bigint;
begin
  select * into strict settings from public.dispatch_settings;
  if settings.max_runs_at_once = 1
    -- Runs side by side would each begin as many.
    or settings.max_calls_per_run is not null
    or (
      -- A single call shows whether the cause is mended; more runs would be more tries.
      select coalesce(
        (
          select run.stop_reason in ('halted', 'error')
          from public.dispatch_runs as run
          where run.claimed > 0 and run.finished_at is not null
          order by run.started_at desc
          limit 1
        ),
        false
      )
    )
  then
    return 1;
  end if;

  -- Counted no further than it matters. What is held, or waits for another of its lead, is no work.
  select (
      select count(*)
      from (
        select
        from public.dispatchable_follow_ups as follow_up
        where follow_up.due_at <= wanted_runs.as_of
          and (follow_up.leased_until is null or follow_up.leased_until <= wanted_runs.as_of)
        order by follow_up.due_at, follow_up.id
        limit settings.max_runs_at_once::bigint * settings.due_per_run
      ) as due
    ) + (
      select count(*)
      from (
        select
        from public.seed_candidates
        limit settings.max_runs_at_once::bigint * settings.due_per_run
      ) as candidate
    )
  into work;
  if work <= settings.due_per_run then
    return 1;
  end if;
  work := least(
    work,
    (
      select allowance.calls
      from public.call_allowance(as_of => wanted_runs.as_of) as allowance
    )
  );
  return greatest(
    1, least(settings.max_runs_at_once, ceil(work::numeric / settings.due_per_run))
  )::integer;
end
$$;

revoke all on function public.wanted_runs from public, anon, authenticated;
grant execute on function public.wanted_runs to service_role;

comment on function public.wanted_runs is
  'How many runs the work justifies, those under way included: one, and one more for each further dispatch_settings.due_per_run of calls that can be begun now (due or to be seeded, and within call_allowance), at most max_runs_at_once. One while max_calls_per_run is set, and after a run that was halted or met an error. Asked by invoke_call_dispatch and finish_dispatch_run.';

create or replace function public.invoke_call_dispatch(
  source text default 'pg_cron',
  as_of timestamptz default now()
)
returns uuid
language plpgsql
volatile
security invoker
set search_path = ''
set lock_timeout = '2s'
as $$
declare
  backlog record;
  has_work boolean;
  limit_reason text;
  is_used_up boolean := false;
  under_way integer;
  to_start integer;
  started uuid;
  first_started uuid;
begin
  perform public.close_lost_runs(invoke_call_dispatch.as_of);
  -- Ticks that come at once see each other's runs. Who holds it for longer has forgotten a transaction,
  -- and must not stop the schedule.
  begin
    perform pg_advisory_xact_lock(hashtext('call_dispatch.answer_dispatch_request'));
    perform pg_advisory_xact_lock(hashtext('call_dispatch.finish_dispatch_run'));
  exception
    when lock_not_available then
      null;
  end;
  select * into strict backlog from public.dispatch_backlog(invoke_call_dispatch.as_of);
  has_work := not backlog.paused and backlog.seedable + backlog.due > 0;
  -- What is left is counted only for somebody who could be called.
  if has_work then
    select
      allowance.reason, allowance.is_limit and allowance.calls = 0
    into limit_reason, is_used_up
    from public.call_allowance(
      lines_of_omni => false, as_of => invoke_call_dispatch.as_of
    ) as allowance;
  end if;
  to_start := case
    when has_work and not is_used_up then public.wanted_runs(invoke_call_dispatch.as_of)
    when backlog.stale > 0 then 1
    -- The money may be used up by what calls were expected to cost: only a run learns what they did.
    when is_used_up
      and exists (
        select
        from public.dispatch_settings as settings
        cross join public.provider_account as account
        where num_nonnulls(settings.max_spend_per_day, settings.max_spend_per_month) > 0
          and coalesce(
            account.costs_read_at < invoke_call_dispatch.as_of - interval '5 minutes', true
          )
      )
      and exists (select from public.calls_without_cost(1, invoke_call_dispatch.as_of))
      then 1
    else 0
  end;
  -- Runs that go on need no others beside them than the work asks for: with a long backlog every tick
  -- would else add a chain of runs, each with its own share of requests at once. By hand it is one more.
  if invoke_call_dispatch.source = 'pg_cron' then
    select count(*) into under_way from public.runs_under_way(invoke_call_dispatch.as_of);
    to_start := to_start - under_way;
  else
    to_start := least(to_start, 1);
  end if;

  update public.dispatch_heartbeat as heartbeat
  set last_tick_at = invoke_call_dispatch.as_of,
    last_tick_did = case
      when to_start > 1 then format('started %s runs', to_start)
      when to_start = 1 then 'started a run'
      when under_way > 0 then 'a run is under way'
      when backlog.paused then 'paused'
      when has_work then limit_reason
      else 'nothing to do'
    end
  where heartbeat.id;

  for number in 1..to_start
  loop
    started := public.start_dispatch_run(invoke_call_dispatch.source, invoke_call_dispatch.as_of);
    first_started := coalesce(first_started, started);
  end loop;

  -- Last: it keeps others from writing attempts until this is committed.
  begin
    perform public.sum_up_calls(invoke_call_dispatch.as_of);
  exception
    -- Without it counting is dearer and no less exact.
    when others then
      raise warning 'Calls were not added up: %', sqlerrm;
  end;
  return first_started;
end
$$;

revoke all on function public.invoke_call_dispatch from public, anon, authenticated;
grant execute on function public.invoke_call_dispatch to service_role;

comment on function public.invoke_call_dispatch is
  'What the schedule calls: with nothing to do, while as many runs are under way as the work asks for (see wanted_runs), or while a limit of calls or money is used up, it only notes the heartbeat and returns null; else it starts what is missing and returns the id of the first run started. source other than pg_cron starts one run, whatever is under way. Adds up the calls of hours that are over: see sum_up_calls. Raises when a Vault secret is missing, and says which; no secret is part of any message.';

create or replace function public.finish_dispatch_run(
  run_id uuid,
  summary jsonb,
  as_of timestamptz default now()
)
returns table (
  seeded integer,
  claimed integer,
  accepted integer,
  skipped integer,
  failed integer,
  postponed integer,
  not_sent integer,
  refused integer,
  unknown integer,
  rescued integer,
  stop_reason text,
  error text,
  remaining integer,
  next_run_id uuid
)
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  finished public.dispatch_runs;
  backlog record;
  next_run uuid;
  started uuid;
  kicks integer := 0;
  others integer;
  wanted integer;
begin
  -- Whoever is about to commit work that this run was to pick up holds its row until then (see
  -- answer_dispatch_request): past this line their work, and their requests, are to be seen.
  perform
  from public.dispatch_runs as run
  where run.id = finish_dispatch_run.run_id
  for update;
  -- One end at a time: two runs that end at the same moment would else each leave the requests to the
  -- other.
  perform pg_advisory_xact_lock(hashtext('call_dispatch.finish_dispatch_run'));

  update public.dispatch_runs as run
  set finished_at = finish_dispatch_run.as_of,
    stop_reason = finish_dispatch_run.summary ->> 'stop_reason',
    error = finish_dispatch_run.summary ->> 'error'
  where run.id = finish_dispatch_run.run_id and run.finished_at is null
  returning * into finished;

  select count(*) into others
  from public.runs_under_way(clock_timestamp()) as other (id)
  where other.id <> finish_dispatch_run.run_id;
  -- Another run that is under way finds the requests when it ends.
  if finished.id is not null and others = 0 then
    delete from public.dispatch_requests as asked where asked.requested_at <= clock_timestamp();
    get diagnostics kicks = row_count;
  end if;
  select * into strict backlog from public.dispatch_backlog(finish_dispatch_run.as_of);

  -- On at once: after a run that had too little time, and when a line became free or a lead came in
  -- while this one was under way. Not after one that found everything broken, or used up a limit: the
  -- schedule goes on.
  if finished.id is not null
    and backlog.due + backlog.seedable > 0
    and not backlog.paused
    -- With a limit of calls per run, what is left is the next tick's.
    and not exists (
      select from public.dispatch_settings as limited where limited.max_calls_per_run is not null
    )
    and (
      finished.stop_reason = 'deadline'
        and finished.seeded + finished.claimed + finished.skipped + finished.put_off > 0
      or finished.stop_reason in ('drained', 'no_capacity', 'deadline')
        and kicks > 0
        and (
          select allowance.calls is distinct from 0
          from public.call_allowance(
            lines_of_omni => false, as_of => finish_dispatch_run.as_of
          ) as allowance
        )
    )
  then
    wanted := public.wanted_runs(finish_dispatch_run.as_of);
    begin
      for number in 1..wanted - others
      loop
        started := public.start_dispatch_run('continuation', finish_dispatch_run.as_of);
        next_run := coalesce(next_run, started);
      end loop;
    exception
      -- The schedule goes on by itself; this run must still be closed, and say what it saw.
      when others then
        next_run := null;
        update public.dispatch_runs as run
        set error = concat('The next run was not started: ', sqlerrm)
        where run.id = finish_dispatch_run.run_id;
    end;
  end if;

  return query
    select
      run.seeded, run.claimed, run.accepted, run.skipped, run.failed, run.postponed, run.not_sent,
      run.refused, run.unknown, run.rescued, run.stop_reason, run.error, backlog.due, next_run
    from public.dispatch_runs as run
    where run.id = finish_dispatch_run.run_id;
end
$$;

revoke all on function public.finish_dispatch_run from public, anon, authenticated;
grant execute on function public.finish_dispatch_run to service_role;

comment on function public.finish_dispatch_run is
  'Last act of every run: closes the row with summary {stop_reason, error} and returns its counts, with remaining = the follow-ups that are still due (counted up to 1,000). With work left, the next run is started at once (next_run_id, the first if the work asks for several: see wanted_runs) when this one stopped at its deadline after having done something, or when a run was asked for while it was under way. Finishing again changes nothing. Returns no row for an unknown run.';

create or replace function public.is_work_waiting(
  as_of timestamptz default now()
)
returns boolean
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
  select case
    when settings.paused then false
    -- What is left is counted only for somebody who could be called.
    when not (
      exists (select from public.seed_candidates)
      or exists (
        select
        from public.dispatchable_follow_ups as follow_up
        where follow_up.due_at <= is_work_waiting.as_of
          and (follow_up.leased_until is null or follow_up.leased_until <= is_work_waiting.as_of)
        order by follow_up.due_at, follow_up.id
        limit 1
      )
    ) then false
    -- What Omni said of its lines a moment ago does not count: the end of a call has changed it.
    else (
      select allowance.calls is distinct from 0
      from public.call_allowance(
        lines_of_omni => false, as_of => is_work_waiting.as_of
      ) as allowance
    )
  end
  from public.dispatch_settings as settings
$$;

revoke all on function public.is_work_waiting from public, anon, authenticated;
grant execute on function public.is_work_waiting to service_role;

comment on function public.is_work_waiting is
  'True when a run would find somebody to call: not paused, a free line, and a lead to be seeded or a follow-up that is due. Looks at one row of each, and asks call_allowance only then, because the commit of a new lead waits for it.';

create or replace function public.dispatch_backlog(
  as_of timestamptz default now()
)
returns table (
  paused boolean,
  free_slots integer,
  seedable integer,
  due integer,
  stale integer
)
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
  settings public.dispatch_settings;
begin
  select * into strict settings from public.dispatch_settings;
  paused := settings.paused;
  select count(*) into seedable
  from (select from public.seed_candidates limit 1000) as candidate;
  select count(*) into due
  from (
    select
    from public.dispatchable_follow_ups as follow_up
    where follow_up.due_at <= dispatch_backlog.as_of
      and (follow_up.leased_until is null or follow_up.leased_until <= dispatch_backlog.as_of)
    order by follow_up.due_at, follow_up.id
    limit 1000
  ) as follow_up;
  if not paused and seedable + due > 0 then
    free_slots := public.free_call_slots(dispatch_backlog.as_of);
  end if;
  select count(*) into stale
  from (
    (
      select
      from public.call_attempts as attempt
      where attempt.status = 'sending' and attempt.sending_until < dispatch_backlog.as_of
      limit 1000
    )
    union all
    (
      select
      from public.call_attempts as attempt
      where attempt.status = 'accepted'
        and attempt.opened_at < dispatch_backlog.as_of - settings.longest_call
      limit 1000
    )
    union all
    (select from public.attempts_to_settle(100, dispatch_backlog.as_of))
    union all
    (
      select
      from public.call_attempts as attempt
      where attempt.callback_status = 'to_read'
      limit 1000
    )
    union all
    (select from public.settleable_parked_events(100, dispatch_backlog.as_of))
  ) as attempt;
  return next;
end
$$;

revoke all on function public.dispatch_backlog from public, anon, authenticated;
grant execute on function public.dispatch_backlog to service_role;

comment on function public.dispatch_backlog is
  'What there is to do at as_of; each count stops at 1,000 so that a look costs the same at any size. paused; free_slots: calls that may still be begun, counted only while not paused and with somebody to seed or to call, else null, and null = no limit; seedable: leads to be looked at by the seed phase; due: follow-ups that a claim could take; stale: attempts to be rescued or settled, and wishes to be read. Asked by the schedule, before it sends anything, by a run that ends, and by call_status.';

-- Security definer, because an app's own role that inserts a lead may read neither Vault nor our
-- tables.
create or replace function public.answer_dispatch_request()
returns trigger
language plpgsql
volatile
security definer
set search_path = ''
set lock_timeout = '200ms'
as $$
begin
  -- One at a time, so that of a burst of commits the second sees the run of the first. Nobody holds the
  -- lock for longer than it takes to commit; who does not get it soon goes on without.
  begin
    perform pg_advisory_xact_lock(hashtext('call_dispatch.answer_dispatch_request'));
  exception
    when lock_not_available then
      null;
  end;

  -- The run that is under way is held by its key until this commit, so that its end comes after it:
  -- then it sees the work and this request. A run that is just ending is passed over, and the row as
  -- it is now is looked at once more, because the list of runs may be older.
  perform
  from public.dispatch_runs as run
  where run.id in (select public.runs_under_way(clock_timestamp()))
    and run.finished_at is null
  for key share skip locked;
  if found then
    return null;
  end if;

  delete from public.dispatch_requests as asked where asked.id = new.id;
  -- With fewer lines than the run may begin calls, each call that ends would bring one more run, each
  -- with as many calls again: then the schedule alone goes on.
  if exists (
    select from public.dispatch_settings as settings where settings.max_calls_per_run is not null
  ) and exists (
    select
    from public.dispatch_runs as run
    where run.claimed > 0 and run.started_at > clock_timestamp() - interval '4 minutes'
  ) then
    return null;
  end if;
  if public.is_work_waiting(clock_timestamp())
    and not public.is_trouble_recent(new.source, clock_timestamp())
  then
    perform public.start_dispatch_run(new.source, clock_timestamp());
  end if;
  return null;
exception
  -- The lead, or the report, that this transaction brings must not be lost for it: the schedule picks
  -- the work up.
  when others then
    raise warning 'No run was started at once: %', sqlerrm;
    return null;
end
$$;

revoke all on function public.answer_dispatch_request from public, anon, authenticated;
grant execute on function public.answer_dispatch_request to service_role;

comment on function public.answer_dispatch_request is
  'Deferred trigger on dispatch_requests: starts a run, when there is work and a free line, unless one is under way, which then looks for requests when it ends, or the last one met trouble, or, while max_calls_per_run is set, one that called somebody began within the last four minutes. Never fails, and waits 200 ms at most.';

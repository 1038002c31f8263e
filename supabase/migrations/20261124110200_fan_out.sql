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

  -- Counted roughly and no further than it matters: without asking of each whether it may be called.
  select (
      select count(*)
      from (
        select
        from public.follow_ups as follow_up
        where follow_up.status = 'pending'
          and follow_up.channel = 'voice_call'
          and follow_up.due_at <= wanted_runs.as_of
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
  allowance record;
  may_call boolean;
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
  select * into strict allowance
  from public.call_allowance(lines_of_omni => false, as_of => invoke_call_dispatch.as_of);
  may_call := not backlog.paused
    and backlog.seedable + backlog.due > 0
    and not (allowance.is_limit and allowance.calls = 0);
  to_start := case
    when may_call then public.wanted_runs(invoke_call_dispatch.as_of)
    when backlog.stale > 0 then 1
    -- The money may be used up by what calls were expected to cost: only a run learns what they did.
    when not backlog.paused
      and allowance.is_limit
      and allowance.calls = 0
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
      when backlog.seedable + backlog.due > 0 then allowance.reason
      else 'nothing to do'
    end
  where heartbeat.id;

  for number in 1..to_start
  loop
    started := public.start_dispatch_run(invoke_call_dispatch.source, invoke_call_dispatch.as_of);
    first_started := coalesce(first_started, started);
  end loop;
  return first_started;
end
$$;

revoke all on function public.invoke_call_dispatch from public, anon, authenticated;
grant execute on function public.invoke_call_dispatch to service_role;

comment on function public.invoke_call_dispatch is
  'What the schedule calls: with nothing to do, while as many runs are under way as the work asks for (see wanted_runs), or while a limit of calls or money is used up, it only notes the heartbeat and returns null; else it starts what is missing and returns the id of the first run started. source other than pg_cron starts one run, whatever is under way. Raises when a Vault secret is missing, and says which; no secret is part of any message.';

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
  select not settings.paused
    -- What Omni said of its lines a moment ago does not count: the end of a call has changed it.
    and (
      select allowance.calls is distinct from 0
      from public.call_allowance(
        lines_of_omni => false, as_of => is_work_waiting.as_of
      ) as allowance
    )
    and (
      exists (select from public.seed_candidates)
      or exists (
        select
        from public.dispatchable_follow_ups as follow_up
        where follow_up.due_at <= is_work_waiting.as_of
          and (follow_up.leased_until is null or follow_up.leased_until <= is_work_waiting.as_of)
        order by follow_up.due_at, follow_up.id
        limit 1
      )
    )
  from public.dispatch_settings as settings
$$;

revoke all on function public.is_work_waiting from public, anon, authenticated;
grant execute on function public.is_work_waiting to service_role;

comment on function public.is_work_waiting is
  'True when a run would find somebody to call: not paused, a free line, and a lead to be seeded or a follow-up that is due. Looks at one row of each and counts nothing, because the commit of a new lead waits for it.';

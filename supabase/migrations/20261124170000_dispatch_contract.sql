-- The function and the database are deployed one after the other. Between the two, a run must not work
-- half by the old rules and half by the new ones: it is not begun, and says which side is behind.
create function public.dispatch_contract()
returns integer
language sql
immutable
security invoker
set search_path = ''
as $$
  select 2
$$;

revoke all on function public.dispatch_contract from public, anon, authenticated;
grant execute on function public.dispatch_contract to service_role;

comment on function public.dispatch_contract is
  'Number of the contract between the database and the Edge Function call-dispatch: the SQL functions that it calls, what they take, return and mean. Raised, here and in dispatch_contract.ts, by each change that a function deployed before cannot live with. call-ended is not bound by it.';

create function public.check_dispatch_contract(
  contract integer
)
returns integer
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  -- Null: deployed before there was a number.
  if coalesce(check_dispatch_contract.contract, 1) < public.dispatch_contract() then
    raise exception 'The function call-dispatch is older than the database (its contract is %, the database has %): deploy call-dispatch again',
      coalesce(check_dispatch_contract.contract, 1), public.dispatch_contract();
  end if;
  if check_dispatch_contract.contract > public.dispatch_contract() then
    raise exception 'The database is older than the function call-dispatch (its contract is %, the function needs %): apply the migrations with "supabase db push"',
      public.dispatch_contract(), check_dispatch_contract.contract;
  end if;
  return public.dispatch_contract();
end
$$;

revoke all on function public.check_dispatch_contract from public, anon, authenticated;
grant execute on function public.check_dispatch_contract to service_role;

comment on function public.check_dispatch_contract is
  'Returns the number of the contract when it is the one that the caller was made for, else raises which side is older and what to do; null = a caller of before there was a number. Asked by begin_dispatch_run and by the dry run. Runs that have begun are not asked again: they go on to their end.';

-- Dropped and not replaced: with the old one beside it, a call without the number would find two.
drop function public.begin_dispatch_run(uuid, text, timestamptz);

create function public.begin_dispatch_run(
  run_id uuid default null,
  source text default 'manual',
  as_of timestamptz default now(),
  contract integer default null
)
returns table (
  id uuid,
  start_with_one boolean
)
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  begun uuid;
begin
  -- Before anything is changed.
  perform public.check_dispatch_contract(begin_dispatch_run.contract);

  -- What was asked for before this moment is this run's own work.
  delete from public.dispatch_requests as asked where asked.requested_at <= clock_timestamp();

  update public.dispatch_runs as run
  set begun_at = begin_dispatch_run.as_of
  where run.id = begin_dispatch_run.run_id and run.finished_at is null
  returning run.id into begun;

  if begun is null then
    insert into public.dispatch_runs (source, started_at, begun_at)
    values (
      begin_dispatch_run.source, begin_dispatch_run.as_of, begin_dispatch_run.as_of
    )
    returning dispatch_runs.id into begun;
  end if;

  return query
    select
      begun,
      coalesce(
        (
          select run.stop_reason = 'halted'
          from public.dispatch_runs as run
          where run.claimed > 0 and run.finished_at is not null
          order by run.started_at desc
          limit 1
        ),
        false
      );
end
$$;

revoke all on function public.begin_dispatch_run from public, anon, authenticated;
grant execute on function public.begin_dispatch_run to service_role;

comment on function public.begin_dispatch_run is
  'First act of every run: takes up the row that invoke_call_dispatch wrote, or, for a manual run or an id that is unknown or already finished, writes a new one. Raises, and changes nothing, when contract is not the number of dispatch_contract: the function is older or newer than the database. start_with_one is true when the last run that claimed anything was halted: then a single call shows whether the cause is mended.';

create or replace function public.close_lost_runs(
  as_of timestamptz default now()
)
returns integer
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  refused integer := 0;
  closed integer;
begin
  -- What the function answered when it refused a run is said here, in its own words: a function that
  -- is older than the database, for example, cannot close the row itself.
  if to_regclass('net._http_response') is not null
    and has_schema_privilege('net', 'usage')
    and has_table_privilege('net._http_response', 'select')
    -- Asked first, because the replies of all the project's webhooks lie there.
    and exists (
      select
      from public.dispatch_runs as run
      where run.finished_at is null
        and run.begun_at is null
        and run.started_at < close_lost_runs.as_of - interval '15 seconds'
    )
  then
    update public.dispatch_runs as run
    set finished_at = close_lost_runs.as_of,
      stop_reason = 'error',
      error = format(
        'The function refused the run, HTTP %s: %s', answer.status_code, left(answer.content, 400)
      )
    from net._http_response as answer
    where run.finished_at is null
      and run.begun_at is null
      and run.started_at < close_lost_runs.as_of - interval '15 seconds'
      and answer.id = run.net_request_id
      and answer.status_code >= 400;
    get diagnostics refused = row_count;
  end if;

  -- No run lives this long: the platform ends a function after 400 seconds.
  update public.dispatch_runs as run
  set finished_at = close_lost_runs.as_of,
    stop_reason = 'error',
    error = concat(
      'The run did not report its end: see the log of the function',
      ', and net._http_response, request ' || run.net_request_id
    )
  where run.finished_at is null
    and run.started_at < close_lost_runs.as_of - interval '15 minutes';
  get diagnostics closed = row_count;
  return refused + closed;
end
$$;

revoke all on function public.close_lost_runs from public, anon, authenticated;
grant execute on function public.close_lost_runs to service_role;

comment on function public.close_lost_runs is
  'Closes, with stop_reason error, the runs that the function refused, with what it answered (as far as net._http_response tells), and those that were asked for over 15 minutes ago and never told their end: the function could not be reached, or died. Called by every tick and every run. Returns how many.';

create or replace function public.is_trouble_recent(
  source text,
  as_of timestamptz default now()
)
returns boolean
language sql
stable
security invoker
set search_path = ''
as $$
  select coalesce(
    (
      select run.stop_reason in ('halted', 'error', 'limited')
        -- All of Omni's lines were busy: the end of a call changes that, a new lead does not.
        or run.stop_reason = 'no_capacity' and is_trouble_recent.source = 'new_lead'
      from public.dispatch_runs as run
      where run.finished_at > is_trouble_recent.as_of - interval '4 minutes'
        and run.started_at > is_trouble_recent.as_of - interval '20 minutes'
        -- A run that was refused before it began would be refused again.
        and (run.claimed > 0 or run.stop_reason = 'error' and run.begun_at is null)
      order by run.started_at desc
      limit 1
    ),
    false
  )
$$;

revoke all on function public.is_trouble_recent from public, anon, authenticated;
grant execute on function public.is_trouble_recent to service_role;

comment on function public.is_trouble_recent is
  'True when the last run that tried to call anybody, within four minutes, was halted, met an error, used up a limit, was refused by the function, or, for a new lead, found all lines busy. Then nothing is started at once: each new lead would be one more try against what is down.';

create function public.finish_dispatch_run(
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
begin
  update public.dispatch_runs as run
  set finished_at = finish_dispatch_run.as_of,
    stop_reason = finish_dispatch_run.summary ->> 'stop_reason',
    error = finish_dispatch_run.summary ->> 'error'
  where run.id = finish_dispatch_run.run_id and run.finished_at is null
  returning * into finished;

  select * into strict backlog from public.dispatch_backlog(finish_dispatch_run.as_of);

  if finished.stop_reason = 'deadline'
    and finished.seeded + finished.claimed + finished.skipped > 0
    and backlog.due + backlog.seedable > 0
  then
    begin
      next_run := public.invoke_call_dispatch('continuation', finish_dispatch_run.as_of);
    exception
      -- The schedule goes on by itself; this run must still be closed, and say what it saw.
      when others then
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
  'Last act of every run: closes the row with summary {stop_reason, error} and returns its counts, with remaining = the follow-ups that are still due (counted up to 1,000). A run that stopped at its deadline after having done something, with work left, starts the next one at once: next_run_id. Finishing again changes nothing. Returns no row for an unknown run.';

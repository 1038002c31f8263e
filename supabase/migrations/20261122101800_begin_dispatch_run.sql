create function public.begin_dispatch_run(
  run_id uuid default null,
  source text default 'manual',
  as_of timestamptz default now()
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
  select run.id into begun
  from public.dispatch_runs as run
  where run.id = begin_dispatch_run.run_id and run.finished_at is null;

  if begun is null then
    insert into public.dispatch_runs (source, started_at)
    values (begin_dispatch_run.source, begin_dispatch_run.as_of)
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
  'First act of every run: takes up the row that invoke_call_dispatch wrote, or, for a manual run or an id that is unknown or already finished, writes a new one. start_with_one is true when the last run that claimed anything was halted: then a single call shows whether the cause is mended.';

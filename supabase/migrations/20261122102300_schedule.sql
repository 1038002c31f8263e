create function public.schedule_call_dispatch()
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  -- One function call and no secret: the text of a job goes to the log.
  perform cron.schedule(
    'call-dispatch', '*/5 * * * *', 'select public.invoke_call_dispatch()'
  );
  perform cron.schedule(
    'call-dispatch-purge', '17 3 * * *', 'select public.purge_dispatch_history()'
  );
end
$$;

revoke all on function public.schedule_call_dispatch from public, anon, authenticated;
grant execute on function public.schedule_call_dispatch to service_role;

comment on function public.schedule_call_dispatch is
  'Sets the two jobs of pg_cron: call-dispatch every five minutes, call-dispatch-purge daily at 03:17, both in UTC. Called once at installation; calling it again puts a changed or deleted job right. Run it as the role that is to own the jobs, which is postgres.';

-- Extensions that the platform ships are switched on; where there are none, everything else is
-- installed all the same, and the operator is told.
do $$
begin
  if to_regnamespace('net') is null
    and exists (select from pg_catalog.pg_available_extensions where name = 'pg_net')
  then
    create extension pg_net with schema extensions;
  end if;
  if to_regclass('cron.job') is null
    and exists (select from pg_catalog.pg_available_extensions where name = 'pg_cron')
  then
    create extension pg_cron with schema pg_catalog;
  end if;

  if to_regnamespace('net') is null then
    raise warning 'pg_net is not available: enable it, or no run can be started from the database';
  end if;
  if to_regclass('cron.job') is null then
    raise warning 'pg_cron is not available: enable it, then run select public.schedule_call_dispatch()';
  else
    perform public.schedule_call_dispatch();
  end if;
end
$$;

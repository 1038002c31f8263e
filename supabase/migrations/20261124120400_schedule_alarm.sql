create or replace function public.schedule_call_dispatch()
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  -- One function call and no secret: the text of a job goes to the log. A job that was switched off
  -- stays so when it is scheduled anew.
  perform cron.alter_job(
    cron.schedule('call-dispatch', '*/5 * * * *', 'select public.invoke_call_dispatch()'),
    active => true
  );
  -- Between two ticks: what the tick before it started has had its time.
  perform cron.alter_job(
    cron.schedule('call-dispatch-alarm', '2-59/5 * * * *', 'select public.watch_dispatch()'),
    active => true
  );
  perform cron.alter_job(
    cron.schedule('call-dispatch-purge', '17 3 * * *', 'select public.purge_dispatch_history()'),
    active => true
  );
end
$$;

revoke all on function public.schedule_call_dispatch from public, anon, authenticated;
grant execute on function public.schedule_call_dispatch to service_role;

comment on function public.schedule_call_dispatch is
  'Sets the three jobs of pg_cron: call-dispatch every five minutes, call-dispatch-alarm every five minutes in between, call-dispatch-purge daily at 03:17, all in UTC. Called once at installation; calling it again puts a job right that was changed, deleted or switched off. Run it as the role that is to own the jobs, which is postgres.';

create or replace function public.purge_dispatch_history(
  as_of timestamptz default now()
)
returns integer
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  purged_runs integer;
begin
  delete from public.dispatch_runs as run
  using public.dispatch_settings as settings
  where run.started_at < purge_dispatch_history.as_of - settings.history_kept;
  get diagnostics purged_runs = row_count;

  delete from public.dispatch_incidents as incident
  using public.dispatch_settings as settings
  where incident.ended_at < purge_dispatch_history.as_of - settings.history_kept;

  delete from public.call_events as event
  using public.dispatch_settings as settings
  where event.received_at < purge_dispatch_history.as_of - settings.history_kept
    -- What counts for an attempt is worked out from all of these, whenever the next one comes.
    and event.status <> 'settled';

  delete from public.given_up_follow_ups as noted
  using public.dispatch_settings as settings
  where noted.given_up_at < purge_dispatch_history.as_of - settings.history_kept;

  -- pg_cron never deletes its own history.
  if to_regclass('cron.job_run_details') is not null then
    delete from cron.job_run_details as detail
    where detail.end_time < purge_dispatch_history.as_of - interval '7 days';
  end if;

  perform public.note_unseeded_leads();
  -- Nothing to be done, but for a time after a release; then the app's tables are locked until this is over.
  perform public.arrange_indexes();
  -- Last: it keeps others from writing attempts until this is committed.
  begin
    perform public.sum_up_calls(purge_dispatch_history.as_of);
  exception
    -- Without it counting is dearer and no less exact.
    when others then
      raise warning 'Calls were not added up: %', sqlerrm;
  end;
  return purged_runs;
end
$$;

revoke all on function public.purge_dispatch_history from public, anon, authenticated;
grant execute on function public.purge_dispatch_history to service_role;

comment on function public.purge_dispatch_history is
  'Daily, by the schedule: deletes runs, ended incidents, notes of what was given up, and call events that count for no attempt, older than dispatch_settings.history_kept and pg_cron''s own history older than 7 days, notes leads that the triggers have missed, adds up the calls of hours that are over, and tries to arrange_indexes. Returns how many runs went. Call attempts, with what came of them, are never deleted.';

-- Only the new job: the others keep what the operator has made of them.
do $$
begin
  if to_regclass('cron.job') is not null then
    perform cron.schedule(
      'call-dispatch-alarm', '2-59/5 * * * *', 'select public.watch_dispatch()'
    );
  end if;
end
$$;

create function public.purge_dispatch_history(
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

  -- pg_cron never deletes its own history.
  if to_regclass('cron.job_run_details') is not null then
    delete from cron.job_run_details as detail
    where detail.end_time < purge_dispatch_history.as_of - interval '7 days';
  end if;

  perform public.note_unseeded_leads();
  return purged_runs;
end
$$;

revoke all on function public.purge_dispatch_history from public, anon, authenticated;
grant execute on function public.purge_dispatch_history to service_role;

comment on function public.purge_dispatch_history is
  'Daily, by the schedule: deletes runs older than dispatch_settings.history_kept and pg_cron''s own history older than 7 days, and notes leads that the triggers have missed. Returns how many runs went. Call attempts are never deleted.';

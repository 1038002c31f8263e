create table public.dispatch_heartbeat (
  id boolean primary key default true
    constraint there_is_one_row check (id),
  last_tick_at timestamptz,
  last_tick_did text
);

insert into public.dispatch_heartbeat default values;

alter table public.dispatch_heartbeat enable row level security;
create policy service_role_manages_dispatch_heartbeat on public.dispatch_heartbeat
  to service_role using (true) with check (true);
revoke all on table public.dispatch_heartbeat from public, anon, authenticated;
grant select, insert, update on table public.dispatch_heartbeat to service_role;

comment on table public.dispatch_heartbeat is
  'One row: that the schedule is alive, also while there is nothing to do.';
comment on column public.dispatch_heartbeat.id is 'Always true: there is one row.';
comment on column public.dispatch_heartbeat.last_tick_at is
  'When invoke_call_dispatch was last called; null = never.';
comment on column public.dispatch_heartbeat.last_tick_did is
  'What that call did: started a run, found a run under way, nothing to do, or the engine paused.';

create function public.invoke_call_dispatch(
  source text default 'pg_cron',
  as_of timestamptz default now()
)
returns uuid
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  backlog record;
  project_url text;
  cron_job_secret text;
  missing text;
  under_way boolean;
  invoked uuid := gen_random_uuid();
begin
  perform public.close_lost_runs(invoke_call_dispatch.as_of);
  -- A run that goes on needs no second one beside it: with a long backlog every tick would else add
  -- a chain of runs, each with its own share of requests at once.
  under_way := invoke_call_dispatch.source = 'pg_cron' and exists (
    select
    from public.dispatch_runs as run
    where run.finished_at is null
      and run.started_at > invoke_call_dispatch.as_of - interval '4 minutes'
  );
  select * into strict backlog from public.dispatch_backlog(invoke_call_dispatch.as_of);

  update public.dispatch_heartbeat as heartbeat
  set last_tick_at = invoke_call_dispatch.as_of,
    last_tick_did = case
      when under_way then 'a run is under way'
      when backlog.stale > 0 then 'started a run'
      when backlog.paused then 'paused'
      when backlog.seedable + backlog.due > 0 then 'started a run'
      else 'nothing to do'
    end
  where heartbeat.id;

  if under_way
    or backlog.stale = 0 and (backlog.paused or backlog.seedable + backlog.due = 0)
  then
    return null;
  end if;

  -- Both are looked up and checked before the request is made: net.http_post fails with the headers
  -- in its error text when the URL is null, and leaves a null header out without a word.
  if to_regclass('vault.decrypted_secrets') is null then
    raise exception 'Cannot start a run: Supabase Vault is not installed'
      using hint = 'Enable the extension supabase_vault.';
  end if;
  select
    max(stored.decrypted_secret) filter (where stored.name = 'project_url'),
    max(stored.decrypted_secret) filter (where stored.name = 'cron_job_secret')
  into project_url, cron_job_secret
  from vault.decrypted_secrets as stored
  where stored.name in ('project_url', 'cron_job_secret');
  missing := concat_ws(
    ' and ',
    case when coalesce(project_url, '') = '' then '"project_url"' end,
    case when coalesce(cron_job_secret, '') = '' then '"cron_job_secret"' end
  );
  if missing <> '' then
    raise exception 'Cannot start a run: Vault has no secret %', missing
      using hint = 'Set it in the dashboard under Integrations > Vault, or with select vault.create_secret(value, name).';
  end if;

  insert into public.dispatch_runs (id, source, started_at)
  values (invoked, invoke_call_dispatch.source, invoke_call_dispatch.as_of);

  update public.dispatch_runs as run
  set net_request_id = net.http_post(
    url := rtrim(project_url, '/') || '/functions/v1/call-dispatch',
    body := jsonb_build_object('run_id', invoked, 'source', invoke_call_dispatch.source),
    headers := jsonb_build_object(
      'Content-Type', 'application/json',
      'Prefer', 'respond-async',
      -- While one secret replaces the other, both stand there: the first is the new one.
      'x-cron-secret', btrim(split_part(cron_job_secret, ',', 1))
    ),
    timeout_milliseconds := 5000
  )
  where run.id = invoked;

  return invoked;
end
$$;

revoke all on function public.invoke_call_dispatch from public, anon, authenticated;
grant execute on function public.invoke_call_dispatch to service_role;

comment on function public.invoke_call_dispatch is
  'What the schedule calls: with nothing to do, or while a run is under way, it only notes the heartbeat and returns null; else it writes the run row and asks the Edge Function, through pg_net, to do the run. Returns the id of the run. Raises when a Vault secret is missing, and says which; no secret is part of any message.';

-- No idle line and no waiting lead: whoever brings work asks for a run, and the schedule stays the
-- safety net.

alter table public.dispatch_runs add column begun_at timestamptz;

comment on column public.dispatch_runs.begun_at is
  'When the function took the run up; null = it has not, or was asked for before this was noted.';

create table public.dispatch_requests (
  id bigint generated always as identity primary key,
  source text not null
    constraint source_is_known check (source in ('new_lead', 'call_ended')),
  requested_at timestamptz not null default clock_timestamp()
);

alter table public.dispatch_requests enable row level security;
create policy service_role_manages_dispatch_requests on public.dispatch_requests
  to service_role using (true) with check (true);
revoke all on table public.dispatch_requests from public, anon, authenticated;
grant select, insert, update, delete on table public.dispatch_requests to service_role;

comment on table public.dispatch_requests is
  'Runs that were asked for while one was under way, which looks here when it ends. Mostly empty; a row that was left behind does no harm.';
comment on column public.dispatch_requests.id is 'Order of asking.';
comment on column public.dispatch_requests.source is 'new_lead or call_ended.';
comment on column public.dispatch_requests.requested_at is 'When it was asked for.';

create function public.start_dispatch_run(
  source text,
  as_of timestamptz default now()
)
returns uuid
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  project_url text;
  cron_job_secret text;
  missing text;
  invoked uuid := gen_random_uuid();
begin
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
  values (invoked, start_dispatch_run.source, start_dispatch_run.as_of);

  update public.dispatch_runs as run
  set net_request_id = net.http_post(
    url := rtrim(project_url, '/') || '/functions/v1/call-dispatch',
    body := jsonb_build_object('run_id', invoked, 'source', start_dispatch_run.source),
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

revoke all on function public.start_dispatch_run from public, anon, authenticated;
grant execute on function public.start_dispatch_run to service_role;

comment on function public.start_dispatch_run is
  'Writes the run row and asks the Edge Function, through pg_net, to do the run once this transaction is committed. Returns the id of the run. Raises when a Vault secret is missing, and says which; no secret is part of any message. Called by invoke_call_dispatch, answer_dispatch_request and finish_dispatch_run.';

create function public.runs_under_way(
  as_of timestamptz default now()
)
returns setof uuid
language sql
stable
security invoker
set search_path = ''
as $$
  select run.id
  from public.dispatch_runs as run
  where run.finished_at is null
    and run.started_at > runs_under_way.as_of - interval '4 minutes'
    -- What the function has not taken up by now was lost on the way, or refused.
    and (
      run.begun_at is not null or run.started_at > runs_under_way.as_of - interval '15 seconds'
    )
$$;

revoke all on function public.runs_under_way from public, anon, authenticated;
grant execute on function public.runs_under_way to service_role;

comment on function public.runs_under_way is
  'The runs that are being done, or have been asked for within the last 15 seconds. A run that has not told its end after four minutes does not count: it has died.';

create or replace function public.invoke_call_dispatch(
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
  under_way boolean;
begin
  perform public.close_lost_runs(invoke_call_dispatch.as_of);
  -- A run that goes on needs no second one beside it: with a long backlog every tick would else add
  -- a chain of runs, each with its own share of requests at once.
  under_way := invoke_call_dispatch.source = 'pg_cron'
    and exists (select from public.runs_under_way(invoke_call_dispatch.as_of));
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
  return public.start_dispatch_run(invoke_call_dispatch.source, invoke_call_dispatch.as_of);
end
$$;

revoke all on function public.invoke_call_dispatch from public, anon, authenticated;
grant execute on function public.invoke_call_dispatch to service_role;

comment on function public.invoke_call_dispatch is
  'What the schedule calls: with nothing to do, or while a run is under way, it only notes the heartbeat and returns null; else it starts a run and returns its id. Raises when a Vault secret is missing, and says which; no secret is part of any message.';

create function public.request_dispatch_run(
  source text
)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  transaction_id constant text := pg_current_xact_id()::text;
begin
  -- Once in a transaction, whatever number of rows it writes.
  if current_setting('call_dispatch.requested_in', true) is distinct from transaction_id
    and (select settings.start_at_once from public.dispatch_settings as settings)
  then
    perform set_config('call_dispatch.requested_in', transaction_id, true);
    insert into public.dispatch_requests (source) values (request_dispatch_run.source);
  end if;
end
$$;

revoke all on function public.request_dispatch_run from public, anon, authenticated;
grant execute on function public.request_dispatch_run to service_role;

comment on function public.request_dispatch_run is
  'Asks for a run at the end of this transaction: see answer_dispatch_request. source: new_lead or call_ended. Asking again in the same transaction does nothing, and nothing is asked while start_at_once is false.';

create function public.leave_to_schedule()
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  select set_config('call_dispatch.requested_in', pg_current_xact_id()::text, true)
$$;

revoke all on function public.leave_to_schedule from public, anon, authenticated;
grant execute on function public.leave_to_schedule to service_role;

comment on function public.leave_to_schedule is
  'For imports: the leads that this transaction brings start no run at once, but wait for the next tick. Call it first in the transaction.';

create function public.is_work_waiting(
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
as $$
  select not settings.paused
    and public.free_call_slots(is_work_waiting.as_of) is distinct from 0
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

create function public.is_trouble_recent(
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
      select run.stop_reason in ('halted', 'error')
        -- All of Omni's lines were busy: the end of a call changes that, a new lead does not.
        or run.stop_reason = 'no_capacity' and is_trouble_recent.source = 'new_lead'
      from public.dispatch_runs as run
      where run.finished_at > is_trouble_recent.as_of - interval '4 minutes'
        and run.started_at > is_trouble_recent.as_of - interval '20 minutes'
        and run.claimed > 0
      order by run.started_at desc
      limit 1
    ),
    false
  )
$$;

revoke all on function public.is_trouble_recent from public, anon, authenticated;
grant execute on function public.is_trouble_recent to service_role;

comment on function public.is_trouble_recent is
  'True when the last run that tried to call anybody, within four minutes, was halted, met an error, or, for a new lead, found all lines busy. Then nothing is started at once: each new lead would be one more try against a provider that is down.';

-- Security definer, because an app's own role that inserts a lead may read neither Vault nor our
-- tables.
create function public.answer_dispatch_request()
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
  'Deferred trigger on dispatch_requests: starts a run, when there is work and a free line, unless one is under way, which then looks for requests when it ends, or the last one met trouble. Never fails, and waits 200 ms at most.';

create constraint trigger answer_dispatch_request
  after insert on public.dispatch_requests
  deferrable initially deferred
  for each row execute function public.answer_dispatch_request();

create or replace function public.note_inserted_leads()
returns trigger
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  insert into public.seed_candidates (lead_id)
  select lead.id
  from inserted as lead
  where public.is_seedable_lead(lead.stage::text, lead.phone::text, lead.call_date);
  if found then
    perform public.request_dispatch_run('new_lead');
  end if;
  return null;
end
$$;

revoke all on function public.note_inserted_leads from public, anon, authenticated;
grant execute on function public.note_inserted_leads to service_role;

comment on function public.note_inserted_leads is
  'Trigger on leads: notes the inserted leads that can be seeded, and asks for a run.';

create or replace function public.note_updated_lead()
returns trigger
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  if public.is_seedable_lead(new.stage::text, new.phone::text, new.call_date)
    and not public.is_seedable_lead(old.stage::text, old.phone::text, old.call_date)
  then
    insert into public.seed_candidates (lead_id) values (new.id);
    perform public.request_dispatch_run('new_lead');
  end if;
  -- Its number was the only thing wrong with it, and somebody has mended that.
  if old.phone is distinct from new.phone then
    update public.follow_ups as follow_up
    set status = 'pending',
      reason = null,
      due_at = now(),
      updated_at = now()
    where follow_up.lead_id = new.id
      and follow_up.status::text = 'failed'
      and follow_up.channel = 'voice_call'
      and follow_up.attempts = 0
      and follow_up.reason like 'Phone number %';
    if found then
      perform public.request_dispatch_run('new_lead');
    end if;
  end if;
  return null;
end
$$;

revoke all on function public.note_updated_lead from public, anon, authenticated;
grant execute on function public.note_updated_lead to service_role;

comment on function public.note_updated_lead is
  'Trigger on leads: notes a lead that has become seedable, such as one that was given a phone or was reopened, makes due again what failed for a number that has been changed since, and asks for a run.';

create or replace function public.begin_dispatch_run(
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
  'First act of every run: takes up the row that invoke_call_dispatch wrote, or, for a manual run or an id that is unknown or already finished, writes a new one. start_with_one is true when the last run that claimed anything was halted: then a single call shows whether the cause is mended.';

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
  kicks integer := 0;
  is_last boolean;
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

  -- Another run that is under way looks for the rest when it ends, and finds the requests then.
  is_last := finished.id is not null and not exists (
    select
    from public.runs_under_way(clock_timestamp()) as other (id)
    where other.id <> finish_dispatch_run.run_id
  );
  if is_last then
    delete from public.dispatch_requests as asked where asked.requested_at <= clock_timestamp();
    get diagnostics kicks = row_count;
  end if;
  select * into strict backlog from public.dispatch_backlog(finish_dispatch_run.as_of);

  -- On at once: after a run that had too little time, and when a line became free or a lead came in
  -- while this one was under way. Not after one that found everything broken: the schedule goes on.
  if is_last
    and backlog.due + backlog.seedable > 0
    and not backlog.paused
    and (
      finished.stop_reason = 'deadline'
        and finished.seeded + finished.claimed + finished.skipped > 0
      or finished.stop_reason in ('drained', 'no_capacity', 'deadline')
        and kicks > 0
        and backlog.free_slots is distinct from 0
    )
  then
    begin
      next_run := public.start_dispatch_run('continuation', finish_dispatch_run.as_of);
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
  'Last act of every run: closes the row with summary {stop_reason, error} and returns its counts, with remaining = the follow-ups that are still due (counted up to 1,000). With work left, the next run is started at once (next_run_id) when this one stopped at its deadline after having done something, or when a run was asked for while it was under way. Finishing again changes nothing. Returns no row for an unknown run.';

-- One row for each time that work was done: by the schedule, by hand, or by a run that went on.
create table public.dispatch_runs (
  id uuid primary key default gen_random_uuid(),
  source text not null
    constraint source_is_known
    check (source in ('pg_cron', 'manual', 'new_lead', 'call_ended', 'continuation')),
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  net_request_id bigint,
  seeded integer not null default 0,
  claimed integer not null default 0,
  accepted integer not null default 0,
  skipped integer not null default 0,
  failed integer not null default 0,
  postponed integer not null default 0,
  not_sent integer not null default 0,
  refused integer not null default 0,
  unknown integer not null default 0,
  rescued integer not null default 0,
  stop_reason text
    constraint stop_reason_is_known
    check (stop_reason in ('drained', 'deadline', 'no_capacity', 'halted', 'paused', 'error')),
  error text,
  constraint a_finished_run_says_why_it_stopped
    check ((finished_at is null) = (stop_reason is null))
);

create index dispatch_runs_by_start on public.dispatch_runs (started_at);
create index dispatch_runs_under_way on public.dispatch_runs (started_at) where finished_at is null;

alter table public.dispatch_runs enable row level security;
create policy service_role_manages_dispatch_runs on public.dispatch_runs
  to service_role using (true) with check (true);
revoke all on table public.dispatch_runs from public, anon, authenticated;
grant select, insert, update, delete on table public.dispatch_runs to service_role;

comment on table public.dispatch_runs is
  'One row for each run, written before the run is asked for. The counts grow as the work is done, so that a run that dies still shows how far it came.';
comment on column public.dispatch_runs.id is 'Key of the run.';
comment on column public.dispatch_runs.source is
  'Who asked for it: pg_cron, manual, new_lead, call_ended, or continuation (a run that went on after its deadline).';
comment on column public.dispatch_runs.started_at is 'When the run was asked for.';
comment on column public.dispatch_runs.finished_at is 'When it reported its end; null = under way.';
comment on column public.dispatch_runs.net_request_id is
  'The pg_net request that started it: its reply is in net._http_response for six hours.';
comment on column public.dispatch_runs.seeded is 'Follow-ups made for leads never called.';
comment on column public.dispatch_runs.claimed is 'Follow-ups taken under a lease.';
comment on column public.dispatch_runs.accepted is 'Calls that Omni accepted.';
comment on column public.dispatch_runs.skipped is 'Follow-ups whose lead must not be called.';
comment on column public.dispatch_runs.failed is
  'Follow-ups given up: a number that is not valid, a refusal, or the last attempt used up.';
comment on column public.dispatch_runs.postponed is
  'Requests turned away for now, no attempt used up.';
comment on column public.dispatch_runs.not_sent is 'Requests that provably never left.';
comment on column public.dispatch_runs.refused is 'Calls that Omni refused for good.';
comment on column public.dispatch_runs.unknown is 'Calls that may or may not have been placed.';
comment on column public.dispatch_runs.rescued is
  'Attempts and claims that a run which died had left behind.';
comment on column public.dispatch_runs.stop_reason is
  'drained = nothing due was left; deadline = time budget used; no_capacity = no free line; halted = nothing will work until the configuration is mended, see error; paused; error.';
comment on column public.dispatch_runs.error is 'What went wrong, without secrets; null = nothing.';

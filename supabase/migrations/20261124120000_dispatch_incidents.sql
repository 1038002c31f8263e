-- A dead man's switch: what is wrong is found from the tables, noted once, and told once.

alter table public.dispatch_settings
  add column tick_late_after interval not null default '12 minutes'
    constraint tick_late_after_is_positive check (tick_late_after > interval '0');

comment on column public.dispatch_settings.tick_late_after is
  'A schedule that has not ticked for this long counts as late: over twice the five minutes between two ticks. Raise it with a slower schedule.';

alter table public.dispatch_heartbeat
  add column installed_at timestamptz not null default now(),
  add column last_watched_at timestamptz;

comment on column public.dispatch_heartbeat.installed_at is
  'From when on ticks and looks are expected.';
comment on column public.dispatch_heartbeat.last_watched_at is
  'When watch_dispatch last looked for incidents; null = never.';

create table public.dispatch_incidents (
  id bigint generated always as identity primary key,
  kind text not null
    constraint kind_is_known
    check (kind in ('late_tick', 'run_not_begun', 'runs_halted', 'runs_failed', 'work_not_called')),
  began_at timestamptz not null,
  detail text not null,
  found_at timestamptz not null default now(),
  confirmed_at timestamptz,
  well_since timestamptz,
  ended_at timestamptz,
  said_at timestamptz,
  end_said_at timestamptz,
  request_id bigint,
  tries integer not null default 0,
  constraint only_what_was_confirmed_is_told_or_ends
    check (confirmed_at is not null or (ended_at is null and said_at is null)),
  constraint the_end_is_told_after_the_beginning
    check (end_said_at is null or (ended_at is not null and said_at is not null))
);

-- The law: one incident of a kind at a time, so that nobody is told twice of the same one.
create unique index dispatch_incidents_one_open_of_a_kind on public.dispatch_incidents (kind)
  where ended_at is null;

alter table public.dispatch_incidents enable row level security;
create policy service_role_manages_dispatch_incidents on public.dispatch_incidents
  to service_role using (true) with check (true);
revoke all on table public.dispatch_incidents from public, anon, authenticated;
grant select, insert, update, delete on table public.dispatch_incidents to service_role;

comment on table public.dispatch_incidents is
  'Times at which nobody was called though somebody should have been, or it could not be told. Written by watch_dispatch alone. No name, number or secret stands here.';
comment on column public.dispatch_incidents.id is 'Order of finding.';
comment on column public.dispatch_incidents.kind is
  'late_tick: the schedule does not tick. run_not_begun: pg_net or the function does not take up the runs that are asked for. runs_halted: the last runs were halted. runs_failed: the last runs met an error or died. work_not_called: calls are due and may be made, and none is begun.';
comment on column public.dispatch_incidents.began_at is 'Since when it was wrong, as far as that is known.';
comment on column public.dispatch_incidents.detail is 'What is wrong and where to look, in words, as at the last look that found it.';
comment on column public.dispatch_incidents.found_at is 'The first look that found it.';
comment on column public.dispatch_incidents.confirmed_at is
  'When it had lasted long enough to be told; null = it may pass by itself, and the row then goes.';
comment on column public.dispatch_incidents.well_since is
  'The first of the looks that found it no more; null = the last look found it.';
comment on column public.dispatch_incidents.ended_at is
  'When it was over: well_since, after ten minutes in which it did not come back; null = open.';
comment on column public.dispatch_incidents.said_at is
  'When the message that it began was handed to pg_net, last; null = not, for example without a webhook URL.';
comment on column public.dispatch_incidents.end_said_at is
  'The same of the message that it is over.';
comment on column public.dispatch_incidents.request_id is
  'The pg_net request of the last message, as long as it is not known to have arrived.';
comment on column public.dispatch_incidents.tries is 'How often the last message was sent; 5 at most.';

-- "Has anybody been called since?" is asked at each look, and by the views of a day.
create index call_attempts_by_opening on public.call_attempts (opened_at);

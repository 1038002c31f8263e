-- The operator's live switches: one row, read inside every claim, so a change needs no deploy.
create table public.dispatch_settings (
  id boolean primary key default true
    constraint there_is_one_row check (id),
  paused boolean not null default false,
  max_concurrent_calls integer
    constraint max_concurrent_calls_is_positive check (max_concurrent_calls > 0),
  max_attempts integer not null default 6
    constraint max_attempts_is_positive check (max_attempts > 0),
  retry_first_delay interval not null default '5 minutes'
    constraint retry_first_delay_is_positive check (retry_first_delay > interval '0'),
  retry_longest_delay interval not null default '6 hours'
    constraint retry_longest_delay_is_not_shorter check (retry_longest_delay >= retry_first_delay),
  number_busy_delay interval not null default '10 minutes'
    constraint number_busy_delay_is_positive check (number_busy_delay > interval '0'),
  longest_call interval not null default '1 hour'
    constraint longest_call_is_positive check (longest_call > interval '0'),
  default_country text
    constraint default_country_is_two_capitals check (default_country ~ '^[A-Z]{2}$'),
  history_kept interval not null default '90 days'
    constraint history_is_kept_a_day check (history_kept >= interval '1 day')
);

insert into public.dispatch_settings default values;

alter table public.dispatch_settings enable row level security;
create policy service_role_manages_dispatch_settings on public.dispatch_settings
  to service_role using (true) with check (true);
revoke all on table public.dispatch_settings from public, anon, authenticated;
grant select, insert, update on table public.dispatch_settings to service_role;

comment on table public.dispatch_settings is
  'The operator''s switches, one row. A change counts from the next claim on.';
comment on column public.dispatch_settings.id is 'Always true: there is one row.';
comment on column public.dispatch_settings.paused is
  'True: nothing is claimed, opened or sent. Calls that Omni has accepted go on.';
comment on column public.dispatch_settings.max_concurrent_calls is
  'Most calls at once, counting claims, requests under way and calls not known to be over; null = leave it to Omni.';
comment on column public.dispatch_settings.max_attempts is
  'Attempts that provably never left before a follow-up is failed.';
comment on column public.dispatch_settings.retry_first_delay is
  'Wait after the first attempt that never left; it doubles each time.';
comment on column public.dispatch_settings.retry_longest_delay is 'The longest such wait.';
comment on column public.dispatch_settings.number_busy_delay is
  'Wait when the number is in another live call.';
comment on column public.dispatch_settings.longest_call is
  'An accepted call whose end nobody reported counts as over after this time.';
comment on column public.dispatch_settings.default_country is
  'Two-letter country of numbers written without + and country code; null = such numbers fail, because a guess may ring a stranger.';
comment on column public.dispatch_settings.history_kept is
  'How long finished runs are kept. Call attempts are kept for ever.';

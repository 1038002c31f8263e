-- When somebody is tried again, as data: a change counts from the next report on.
create table public.recall_rules (
  outcome text primary key
    constraint outcome_is_known check (outcome in (
      'completed', 'voicemail_detected', 'no_answer', 'busy', 'failed', 'cancelled'
    )),
  is_terminal boolean not null default false,
  delay interval not null default '4 hours'
    constraint delay_is_not_negative check (delay >= interval '0'),
  max_recalls integer not null default 3
    constraint max_recalls_is_not_negative check (max_recalls >= 0)
);

insert into public.recall_rules (outcome, is_terminal, delay, max_recalls)
values
  ('completed', true, '0', 0),
  ('voicemail_detected', false, '1 day', 2),
  ('no_answer', false, '4 hours', 4),
  ('busy', false, '20 minutes', 3),
  ('failed', false, '1 hour', 2),
  ('cancelled', true, '0', 0);

alter table public.recall_rules enable row level security;
create policy service_role_manages_recall_rules on public.recall_rules
  to service_role using (true) with check (true);
revoke all on table public.recall_rules from public, anon, authenticated;
grant select, insert, update, delete on table public.recall_rules to service_role;

comment on table public.recall_rules is
  'What follows each outcome of a call. An outcome without a row is followed by nothing.';
comment on column public.recall_rules.outcome is 'How the call ended.';
comment on column public.recall_rules.is_terminal is
  'True: the matter is closed, nobody is called again, and a later call begins a new series.';
comment on column public.recall_rules.delay is
  'The recall is due this long after the call''s end was known, or somewhat later: in another hour of the day than the calls before it, between recall_from and recall_until.';
comment on column public.recall_rules.max_recalls is
  'Most recalls after this outcome in one series. dispatch_settings.max_calls_per_series limits all outcomes together.';

create function public.recall_moment(
  earliest timestamptz,
  zone text,
  tries timestamptz[]
)
returns timestamptz
language sql
stable
security invoker
set search_path = ''
as $$
  with settings as (
    select recall_from, recall_until from public.dispatch_settings
  ),
  -- The earliest moment itself, and then every half hour of the lead's clock for a day and a half: as
  -- long as that, for a window may be closed when the day begins that it opens on.
  candidate as (
    select recall_moment.earliest as moment
    union all
    select
      (
        date_trunc('hour', recall_moment.earliest at time zone recall_moment.zone)
          + step.number * interval '30 minutes'
      ) at time zone recall_moment.zone
    from generate_series(1, 72) as step (number)
  ),
  judged as (
    select
      candidate.moment,
      (
        select count(*)
        from unnest(recall_moment.tries) as earlier (moment)
        where extract(hour from earlier.moment at time zone recall_moment.zone)
          = extract(hour from candidate.moment at time zone recall_moment.zone)
      ) as tries_at_that_hour
    from candidate
    cross join settings
    where candidate.moment >= recall_moment.earliest
      and (candidate.moment at time zone recall_moment.zone)::time >= settings.recall_from
      and (candidate.moment at time zone recall_moment.zone)::time < settings.recall_until
  )
  select judged.moment from judged order by judged.tries_at_that_hour, judged.moment limit 1
$$;

revoke all on function public.recall_moment from public, anon, authenticated;
grant execute on function public.recall_moment to service_role;

comment on function public.recall_moment is
  'The first moment from earliest on, in the hours for recalls by the clock of zone, at an hour of the day at which none of the tries was made; when all hours were tried, one at which the fewest were. Called by plan_recall.';

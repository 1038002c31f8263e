-- What came of a call, and what is done next: the columns that the close of the loop needs.

-- What an existing table does not take would keep recalls from being planned, or plan them for the
-- wrong hour. Said here, before anything is added.
do $$
declare
  wrong text;
begin
  select string_agg(
    case found.column_name
      when 'due_at' then 'public.follow_ups.due_at is date and has to be timestamptz'
      else 'public.follow_ups.reason has to hold 300 characters at least'
    end,
    '; '
  )
  into wrong
  from information_schema.columns as found
  where found.table_schema = 'public'
    and found.table_name = 'follow_ups'
    and (
      found.column_name = 'due_at' and found.udt_name = 'date'
      or found.column_name = 'reason' and found.character_maximum_length < 300
    );
  if wrong is not null then
    raise exception 'Cannot use the existing tables: %', wrong;
  end if;

  select string_agg(format('%I does not allow recall', rule.conname), '; ')
  into wrong
  from pg_catalog.pg_attribute as attribute
  join pg_catalog.pg_constraint as rule
    on rule.conrelid = attribute.attrelid
    and rule.contype = 'c'
    and rule.conkey = array[attribute.attnum]
  where attribute.attrelid = 'public.follow_ups'::regclass
    and attribute.attname = 'source'
    and pg_catalog.pg_get_constraintdef(rule.oid) not like '%''recall''%';
  if wrong is not null then
    raise exception 'Cannot use public.follow_ups: %', wrong
      using hint = 'Let the check constraint allow the word recall, then push again.';
  end if;
end
$$;

create function public.is_time_zone(
  name text
)
returns boolean
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  -- Postgres also takes abbreviations, of which IST is Israel's and not India's, and made-up names
  -- with an offset, "Mars+3". Only names of places are meant.
  if is_time_zone.name is null
    or is_time_zone.name !~ '^([A-Za-z_]+(/[A-Za-z0-9_+-]+){1,2}|UTC|GMT)$'
  then
    return false;
  end if;
  perform now() at time zone is_time_zone.name;
  return true;
exception
  when invalid_parameter_value then
    return false;
end
$$;

revoke all on function public.is_time_zone from public, anon, authenticated;
grant execute on function public.is_time_zone to service_role;

comment on function public.is_time_zone is
  'True for the IANA name of a time zone that the database knows, such as Asia/Kolkata; false for null.';

alter table public.dispatch_settings
  add column default_time_zone text not null default 'UTC'
    constraint default_time_zone_is_known check (public.is_time_zone(default_time_zone)),
  add column max_calls_per_series integer not null default 5
    constraint max_calls_per_series_is_positive check (max_calls_per_series > 0),
  add column recall_from time not null default '09:00',
  add column recall_until time not null default '20:00',
  add column max_callbacks_per_lead integer not null default 5
    constraint max_callbacks_per_lead_is_not_negative check (max_callbacks_per_lead >= 0),
  add column callback_variables text[] not null
    default array['callback_time', 'callback_at', 'call_back_time', 'callback'],
  add column longest_callback_wait interval not null default '90 days'
    constraint longest_callback_wait_is_positive check (longest_callback_wait > interval '0'),
  add column settle_after interval not null default '15 minutes'
    constraint settle_after_is_not_negative check (settle_after >= interval '0'),
  add column settle_for interval not null default '3 days'
    constraint settle_for_is_positive check (settle_for > interval '0'),
  add column redial_not_placed boolean not null default false,
  add column start_at_once boolean not null default true,
  add constraint recall_hours_last_at_least_one
    check (recall_until - recall_from >= interval '1 hour');

comment on column public.dispatch_settings.default_time_zone is
  'IANA name of the zone of leads that state none, or one that is not known.';
comment on column public.dispatch_settings.max_calls_per_series is
  'Most calls, the first one included, until somebody is reached: recalls after all outcomes share it.';
comment on column public.dispatch_settings.recall_from is
  'Local time of the lead before which no recall is planned.';
comment on column public.dispatch_settings.recall_until is
  'Local time of the lead from which on no recall is planned.';
comment on column public.dispatch_settings.max_callbacks_per_lead is
  'Wishes of one person to be called again that are planned by themselves; further ones are left to a person.';
comment on column public.dispatch_settings.callback_variables is
  'Names under which the agent notes when the person wants to be called again; the first that holds a text counts.';
comment on column public.dispatch_settings.longest_callback_wait is
  'A wished time further away than this is taken for a misunderstanding and left to a person.';
comment on column public.dispatch_settings.settle_after is
  'A call whose end nobody has reported for this long is looked up in Omni''s call log; then again after twice the time, and so on.';
comment on column public.dispatch_settings.settle_for is
  'Looked up no longer than this after its opening; from then on only a person settles it.';
comment on column public.dispatch_settings.redial_not_placed is
  'True: a call that Omni''s log proves was never placed is dialled again by itself; false: a person decides, by retry_follow_up.';

comment on column public.dispatch_settings.start_at_once is
  'True: a run starts as soon as a lead comes in or a call ends; false: only the schedule and people start runs.';

alter table public.call_attempts
  add column reported_by text
    constraint reported_by_is_known check (reported_by in ('webhook', 'call_log', 'operator')),
  add column lookups integer not null default 0,
  add column looked_up_at timestamptz,
  add column next_lookup_at timestamptz,
  add column lookup_note text,
  add column callback_text text,
  add column callback_status text
    constraint callback_status_is_known
    check (callback_status in ('to_read', 'planned', 'not_understood')),
  add constraint a_callback_has_a_text_and_a_status
    check ((callback_text is null) = (callback_status is null));

comment on column public.call_attempts.reported_by is
  'Who told how the call ended: webhook, call_log or operator; null = nobody yet.';
comment on column public.call_attempts.lookups is
  'How often the call was looked for in Omni''s call log.';
comment on column public.call_attempts.looked_up_at is 'When it was last looked for; null = never.';
comment on column public.call_attempts.next_lookup_at is
  'When it is looked for again; null = never yet looked for, or not again.';
comment on column public.call_attempts.lookup_note is
  'What that look showed, as a sentence for the operator.';
comment on column public.call_attempts.callback_text is
  'When the person asked to be called again, in the words that the agent noted; null = not asked.';
comment on column public.call_attempts.callback_status is
  'to_read = the next run or report reads it; planned = there is a follow-up; not_understood = a person has to read it.';
comment on column public.call_attempts.ended_at is
  'When the end of the call became known here; null = it is not known to be over.';

create index call_attempts_of_a_request on public.call_attempts (request_id)
  where request_id is not null;
create index call_attempts_never_looked_for on public.call_attempts (opened_at)
  where looked_up_at is null
    and (
      status in ('unknown', 'accepted')
      or status = 'ended' and outcome is null and reported_by is distinct from 'operator'
    );
create index call_attempts_to_look_for_again on public.call_attempts (next_lookup_at)
  where next_lookup_at is not null;
create index call_attempts_with_an_unread_callback on public.call_attempts (opened_at)
  where callback_status = 'to_read';

alter table public.follow_ups
  add column if not exists recall_of uuid,
  add column if not exists is_callback boolean not null default false;

comment on column public.follow_ups.recall_of is
  'The attempt after which this call was planned; null = it was not planned after a call.';
comment on column public.follow_ups.is_callback is
  'True: the person asked to be called at this time, and goes before all others.';

-- However often and in whatever order a call is reported, it is followed by one recall.
create unique index follow_ups_one_recall_per_attempt on public.follow_ups (recall_of)
  where recall_of is not null;
create index follow_ups_callbacks_due on public.follow_ups (due_at, id)
  where status = 'pending' and channel = 'voice_call' and is_callback;

comment on column public.leads.call_date is
  'When the lead was last called, as far as the call''s end has been reported; null = never called, and only then a follow-up is seeded.';
comment on column public.leads.time_zone is
  'IANA name of the lead''s time zone, such as Asia/Kolkata; null, or a name that is not known = dispatch_settings.default_time_zone.';
comment on column public.leads.raw_payload is
  'What other programs keep about the lead. Call Dispatch writes the keys dispatch and call and leaves every other key alone.';
comment on table public.leads is
  'The people to call. Sales staff and their programs write it; Call Dispatch reads it, moves stage from new to contacted when a call is placed, sets call_date and merges raw_payload.dispatch and raw_payload.call.';

create function public.lead_time_zone(
  time_zone text
)
returns text
language sql
stable
security invoker
set search_path = ''
as $$
  select case
    when public.is_time_zone(lead_time_zone.time_zone) then lead_time_zone.time_zone
    else settings.default_time_zone
  end
  from public.dispatch_settings as settings
$$;

revoke all on function public.lead_time_zone from public, anon, authenticated;
grant execute on function public.lead_time_zone to service_role;

comment on function public.lead_time_zone is
  'The zone in which a lead''s clock is read: the one stated on it where the database knows it, else the default.';

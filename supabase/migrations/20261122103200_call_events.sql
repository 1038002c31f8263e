-- Everything that Omni told of a call's end, as it came. What counts for an attempt is worked out
-- from all of its events together, so that neither their order nor their number plays a part.
create table public.call_events (
  id uuid primary key default gen_random_uuid(),
  received_at timestamptz not null default now(),
  content_hash text not null,
  source text not null
    constraint source_is_known check (source in ('webhook', 'call_log')),
  status text not null default 'parked'
    constraint status_is_known check (status in ('settled', 'parked', 'noted')),
  reason text,
  settled_attempt_id uuid,
  attempt_id uuid,
  request_id text,
  call_id text,
  direction text,
  to_number text,
  outcome text
    constraint outcome_is_known check (outcome in (
      'completed', 'voicemail_detected', 'no_answer', 'busy', 'failed', 'cancelled'
    )),
  reported_status text,
  duration_seconds integer,
  recording_url text,
  summary text,
  extracted_variables jsonb,
  constraint a_settled_event_counts_for_an_attempt
    check ((status = 'settled') = (settled_attempt_id is not null))
);

create unique index call_events_stored_once on public.call_events (content_hash);
create index call_events_naming_an_attempt on public.call_events (attempt_id)
  where attempt_id is not null;
create index call_events_of_an_attempt on public.call_events (settled_attempt_id)
  where status = 'settled';
create index call_events_settled_of_a_call on public.call_events (call_id)
  where status = 'settled';
create index call_events_parked_of_a_request on public.call_events (request_id)
  where status = 'parked';
create index call_events_parked on public.call_events (received_at) where status = 'parked';
create index call_events_by_receipt on public.call_events (received_at);

alter table public.call_events enable row level security;
create policy service_role_manages_call_events on public.call_events
  to service_role using (true) with check (true);
revoke all on table public.call_events from public, anon, authenticated;
grant select, insert, update, delete on table public.call_events to service_role;

comment on table public.call_events is
  'What Omni told of calls, by webhook or by its call log, each telling once. Written by record_call_result; those that count for an attempt are kept as long as it is, others for dispatch_settings.history_kept.';
comment on column public.call_events.id is 'Key of the event.';
comment on column public.call_events.received_at is 'When it was first received.';
comment on column public.call_events.content_hash is
  'SHA-256 of the event: the same event again is the same row.';
comment on column public.call_events.source is 'webhook or call_log.';
comment on column public.call_events.status is
  'settled = counts for settled_attempt_id; parked = names no attempt of ours, or contradicts it; noted = an inbound or chat event, without effect.';
comment on column public.call_events.reason is 'Why it is parked or noted, as a sentence.';
comment on column public.call_events.settled_attempt_id is 'The attempt for which it counts.';
comment on column public.call_events.attempt_id is 'The attempt that it names; null = none.';
comment on column public.call_events.request_id is 'Omni''s requestId that it names, as text.';
comment on column public.call_events.call_id is 'Omni''s id of the call, as text.';
comment on column public.call_events.direction is
  'outbound, inbound, other, or null = not told.';
comment on column public.call_events.to_number is 'The number as Omni wrote it; never matched by.';
comment on column public.call_events.outcome is 'How the call ended; null = not told in a known word.';
comment on column public.call_events.reported_status is 'The status in Omni''s own spelling.';
comment on column public.call_events.duration_seconds is 'Length of the call in seconds.';
comment on column public.call_events.recording_url is 'Where the recording lies.';
comment on column public.call_events.summary is 'Omni''s summary of the call.';
comment on column public.call_events.extracted_variables is
  'What the agent noted down in the call.';

create view public.parked_call_events
with (security_invoker = on)
as
select
  event.received_at, event.reason, event.source, event.call_id, event.request_id,
  event.attempt_id, event.to_number, event.outcome, event.reported_status,
  event.duration_seconds, event.summary
from public.call_events as event
where event.status = 'parked'
order by event.received_at desc;

revoke all on table public.parked_call_events from public, anon, authenticated;
grant select on table public.parked_call_events to service_role;

comment on view public.parked_call_events is
  'For the operator: reports of calls that match no attempt, newest first. They are settled by themselves when their attempt turns up.';

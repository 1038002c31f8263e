-- The history of everything that was, or may have been, sent to Omni. A row is committed before the
-- request leaves, so that no crash can hide a call.
create table public.call_attempts (
  id uuid primary key default gen_random_uuid(),
  follow_up_id uuid not null,
  lead_id uuid not null,
  run_id uuid,
  lease_token uuid not null,
  to_number text not null
    constraint to_number_is_e164 check (to_number ~ '^\+[1-9][0-9]{7,14}$'),
  status text not null default 'sending'
    constraint status_is_known check (status in (
      'sending', 'accepted', 'unknown', 'postponed', 'not_sent', 'refused', 'ended', 'abandoned'
    )),
  opened_at timestamptz not null default now(),
  sending_until timestamptz not null,
  request_id text,
  http_status integer,
  error text,
  response jsonb,
  refused_alone boolean not null default false,
  call_id text,
  outcome text
    constraint outcome_is_known check (outcome in (
      'completed', 'voicemail_detected', 'no_answer', 'busy', 'failed', 'cancelled'
    )),
  ended_at timestamptz,
  duration_seconds integer,
  recording_url text,
  summary text,
  constraint an_accepted_call_has_its_request_id
    check (status <> 'accepted' or request_id is not null),
  constraint only_an_ended_call_has_an_end
    check (status = 'ended' or (ended_at is null and outcome is null))
);

-- The law: no number has two live calls, whatever the number of workers, leads, spellings or bugs.
create unique index call_attempts_one_live_call_per_number
  on public.call_attempts (to_number)
  where status in ('sending', 'accepted', 'unknown');

create index call_attempts_live_of_a_follow_up
  on public.call_attempts (follow_up_id)
  where status in ('sending', 'accepted', 'unknown');

create index call_attempts_of_a_follow_up on public.call_attempts (follow_up_id, opened_at);

create index call_attempts_sending on public.call_attempts (sending_until)
  where status = 'sending';

create index call_attempts_accepted on public.call_attempts (opened_at)
  where status = 'accepted';

alter table public.call_attempts enable row level security;
create policy service_role_manages_call_attempts on public.call_attempts
  to service_role using (true) with check (true);
revoke all on table public.call_attempts from public, anon, authenticated;
grant select, insert, update on table public.call_attempts to service_role;

comment on table public.call_attempts is
  'Append-only history: one row for each request to Omni, committed before it leaves. It holds no foreign keys: a live call outlives the deletion of its lead, and so must its row.';
comment on column public.call_attempts.id is
  'Key of the attempt, chosen by the run, so that opening it again after a lost reply is harmless; sent to Omni as metadata.attempt_id.';
comment on column public.call_attempts.follow_up_id is 'The follow-up that this attempt serves.';
comment on column public.call_attempts.lead_id is 'The lead that is called.';
comment on column public.call_attempts.run_id is 'The run that opened the attempt.';
comment on column public.call_attempts.lease_token is
  'The claim under which it was opened; a report needs the same token.';
comment on column public.call_attempts.to_number is 'The number, E.164.';
comment on column public.call_attempts.status is
  'sending, accepted, unknown: live, the number may not be dialled. postponed, not_sent: no call, the follow-up waits. refused, ended, abandoned: over.';
comment on column public.call_attempts.opened_at is 'When the row was committed, before the request.';
comment on column public.call_attempts.sending_until is
  'Past this moment an attempt still sending is unknown: its run has died.';
comment on column public.call_attempts.request_id is 'Omni''s requestId, an integer kept as text.';
comment on column public.call_attempts.http_status is 'HTTP status of Omni''s reply; null = none came.';
comment on column public.call_attempts.error is
  'What went wrong, as a sentence without secrets; null = nothing.';
comment on column public.call_attempts.response is
  'Omni''s reply as far as it could be read, cut to a few kB.';
comment on column public.call_attempts.refused_alone is
  'True: Omni refused it while it accepted no other call of the run, so that row and configuration could not be told apart.';
comment on column public.call_attempts.call_id is 'Omni''s id of the call log row.';
comment on column public.call_attempts.outcome is
  'How the call ended; null on an ended call = nobody reported.';
comment on column public.call_attempts.ended_at is 'When the call was known to be over.';
comment on column public.call_attempts.duration_seconds is 'Length of the call in seconds.';
comment on column public.call_attempts.recording_url is 'Where the recording lies.';
comment on column public.call_attempts.summary is 'Omni''s summary of the call.';

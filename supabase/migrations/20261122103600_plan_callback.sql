create function public.callbacks_to_read(
  batch_size integer default 20,
  of_attempt uuid default null
)
returns table (
  attempt_id uuid,
  callback_text text,
  local_now text
)
language sql
stable
security invoker
set search_path = ''
as $$
  select
    attempt.id,
    attempt.callback_text,
    to_char(
      attempt.ended_at at time zone public.lead_time_zone(lead.time_zone::text),
      'YYYY-MM-DD"T"HH24:MI:SS'
    )
  from public.call_attempts as attempt
  left join public.leads as lead on lead.id = attempt.lead_id
  where attempt.callback_status = 'to_read'
    and (callbacks_to_read.of_attempt is null or attempt.id = callbacks_to_read.of_attempt)
  order by attempt.opened_at
  limit callbacks_to_read.batch_size
$$;

create function public.plan_callback(
  attempt_id uuid,
  callback_text text,
  local_time text default null,
  moment timestamptz default null,
  as_of timestamptz default now()
)
returns text
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  settings public.dispatch_settings;
  attempt public.call_attempts;
  lead public.leads;
  called_for text;
  wanted_at timestamptz;
  verdict text;
  moved integer;
begin
  select * into strict settings from public.dispatch_settings;
  select * into attempt
  from public.call_attempts as asked
  where asked.id = plan_callback.attempt_id
    and asked.callback_status = 'to_read'
    and asked.callback_text = plan_callback.callback_text
  for update;
  if attempt.id is null then
    return null;
  end if;
  select * into lead
  from public.leads as called
  where called.id = attempt.lead_id
  for no key update;

  wanted_at := coalesce(
    plan_callback.moment,
    plan_callback.local_time::timestamp at time zone public.lead_time_zone(lead.time_zone::text)
  );
  verdict := case
    -- A wish that is read hours too late, because everything was down, must not ring at night.
    when wanted_at > greatest(attempt.ended_at, plan_callback.as_of - interval '1 hour')
      and wanted_at < attempt.ended_at + settings.longest_callback_wait
      then 'planned'
    else 'not_understood'
  end;
  update public.call_attempts as asked
  set callback_status = verdict
  where asked.id = attempt.id;

  if verdict = 'not_understood'
    or lead.id is null
    or public.lead_refusal_reason(
      lead.stage::text, lead.phone::text, lead.call_date::timestamptz, 'recall'
    ) is not null
  then
    return verdict;
  end if;

  -- What is open already becomes the call that was asked for: one open follow-up per lead.
  update public.follow_ups as open_one
  set due_at = wanted_at,
    is_callback = true,
    reason = public.callback_reason(attempt.callback_text),
    updated_at = plan_callback.as_of
  where open_one.id = (
    select candidate.id
    from public.follow_ups as candidate
    where candidate.lead_id = attempt.lead_id
      and candidate.status = 'pending'
      and candidate.channel = 'voice_call'
      and not exists (
        select
        from public.call_attempts as live
        where live.follow_up_id = candidate.id
          and live.status in ('sending', 'accepted', 'unknown')
      )
    order by candidate.recall_of = attempt.id desc nulls last, candidate.due_at, candidate.id
    limit 1
    for update
  );
  get diagnostics moved = row_count;
  if moved > 0 then
    return verdict;
  end if;

  select follow_up.message into called_for
  from public.follow_ups as follow_up
  where follow_up.id = attempt.follow_up_id;
  insert into public.follow_ups (
    lead_id, due_at, channel, message, status, source, recall_of, is_callback, reason, created_at,
    updated_at
  )
  values (
    attempt.lead_id, wanted_at, 'voice_call', called_for, 'pending', 'recall', attempt.id, true,
    public.callback_reason(attempt.callback_text), plan_callback.as_of, plan_callback.as_of
  )
  on conflict (recall_of) where recall_of is not null do nothing;
  return verdict;
end
$$;

create function public.callback_reason(
  callback_text text
)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  select format('Asked to be called again: "%s"', callback_reason.callback_text)
$$;

-- For the operator: wishes that a person has to read.
create view public.unread_callbacks
with (security_invoker = on)
as
select
  attempt.ended_at, lead.customer_name, attempt.to_number, attempt.callback_text,
  attempt.summary, attempt.lead_id, attempt.id as attempt_id
from public.call_attempts as attempt
left join public.leads as lead on lead.id = attempt.lead_id
where attempt.callback_status = 'not_understood'
order by attempt.ended_at desc;

revoke all on table public.unread_callbacks from public, anon, authenticated;
grant select on table public.unread_callbacks to service_role;
comment on view public.unread_callbacks is
  'For the operator: people who asked to be called again at a time that could not be understood, has passed, or is too far away. Insert a follow-up at the time that they meant.';

create index call_attempts_with_a_callback_for_a_person on public.call_attempts (ended_at)
  where callback_status = 'not_understood';

revoke all on function public.callbacks_to_read from public, anon, authenticated;
grant execute on function public.callbacks_to_read to service_role;
revoke all on function public.plan_callback from public, anon, authenticated;
grant execute on function public.plan_callback to service_role;
revoke all on function public.callback_reason from public, anon, authenticated;
grant execute on function public.callback_reason to service_role;

comment on function public.callbacks_to_read is
  'Wishes to be called again that nobody has read yet, oldest first, or only that of of_attempt. local_now: the clock of the lead''s zone when the call had ended, YYYY-MM-DDTHH:MM:SS. Called by each run and, after a report, by call-ended.';
comment on function public.plan_callback is
  'Turns a wish that has been read into a follow-up that goes before all others. local_time: YYYY-MM-DDTHH:MM:SS by the clock of the lead''s zone, or moment: the instant; both null = not understood. A follow-up of the lead that is open already is moved there, else one is made; a closed lead gets none. Returns planned; not_understood, also for a time that has passed or lies behind longest_callback_wait; or null when the wish was read meanwhile or is another by now, and nothing was done. Locks attempt, lead and follow-up.';
comment on function public.callback_reason is
  'The text that tells an operator why a callback stands there.';

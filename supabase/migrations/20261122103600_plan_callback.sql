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
      -- Found in the log hours later, it was said when the call was over, and not when it was found.
      case attempt.reported_by
        when 'call_log' then least(
          attempt.ended_at,
          attempt.sending_until + coalesce(attempt.duration_seconds, 0) * interval '1 second'
        )
        else attempt.ended_at
      end at time zone public.lead_time_zone(lead.time_zone::text),
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
  wanted_at timestamptz;
  is_planned boolean;
  chosen uuid;
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
  -- The locks come in statements of their own: the next ones then see whether whoever held a row has
  -- opened an attempt for it. Follow-ups before leads, as everywhere.
  perform
  from public.follow_ups as open_one
  where open_one.lead_id = attempt.lead_id
    and open_one.status = 'pending'
    and open_one.channel = 'voice_call'
  order by open_one.id
  for update;
  select * into lead
  from public.leads as called
  where called.id = attempt.lead_id
  for no key update;

  wanted_at := coalesce(
    plan_callback.moment,
    plan_callback.local_time::timestamp at time zone public.lead_time_zone(lead.time_zone::text)
  );
  is_planned := coalesce(
    lead.id is not null
      and public.lead_refusal_reason(
        lead.stage::text, lead.phone::text, lead.call_date::timestamptz, 'recall'
      ) is null
      -- A wish that is read hours too late, because everything was down, must not ring at night.
      and wanted_at > greatest(attempt.ended_at, plan_callback.as_of - interval '1 hour')
      and wanted_at < attempt.ended_at + settings.longest_callback_wait
      and (
        select count(*)
        from public.call_attempts as earlier
        where earlier.lead_id = attempt.lead_id
          and earlier.status = 'ended'
          and earlier.callback_status = 'planned'
      ) < settings.max_callbacks_per_lead,
    false
  );

  if is_planned then
    select candidate.id into chosen
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
    limit 1;

    if chosen is null then
      insert into public.follow_ups (
        lead_id, due_at, channel, message, status, source, recall_of, is_callback, reason,
        created_at, updated_at
      )
      select
        attempt.lead_id, wanted_at, 'voice_call', called_for.message, 'pending', 'recall',
        attempt.id, true, public.callback_reason(attempt.callback_text), plan_callback.as_of,
        plan_callback.as_of
      from (select) as one
      left join public.follow_ups as called_for on called_for.id = attempt.follow_up_id
      on conflict (recall_of) where recall_of is not null do nothing;
      is_planned := found;
    else
      -- What is open already becomes the call that was asked for, and what else is open waits as long.
      -- A claim that has not opened it yet loses it: the lease is taken away.
      update public.follow_ups as open_one
      set due_at = greatest(
          wanted_at, case when open_one.id = chosen then wanted_at else open_one.due_at end
        ),
        is_callback = open_one.id = chosen or open_one.is_callback,
        reason = case
          when open_one.id = chosen then public.callback_reason(attempt.callback_text)
          else open_one.reason
        end,
        lease_token = null,
        leased_until = null,
        updated_at = plan_callback.as_of
      where open_one.lead_id = attempt.lead_id
        and open_one.status = 'pending'
        and open_one.channel = 'voice_call'
        and (open_one.id = chosen or open_one.due_at < wanted_at)
        and not exists (
          select
          from public.call_attempts as live
          where live.follow_up_id = open_one.id
            and live.status in ('sending', 'accepted', 'unknown')
        );
    end if;
  end if;

  update public.call_attempts as asked
  set callback_status = case when is_planned then 'planned' else 'not_understood' end
  where asked.id = attempt.id;
  return case when is_planned then 'planned' else 'not_understood' end;
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
  select format('Asked to be called again: "%s"', left(callback_reason.callback_text, 200))
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
  'For the operator: people who asked to be called again, and the time could not be understood, has passed or is too far away, or they have asked too often or are closed. Insert a follow-up at the time that they meant.';

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
  'Turns a wish that has been read into a follow-up that goes before all others. local_time: YYYY-MM-DDTHH:MM:SS by the clock of the lead''s zone, or moment: the instant; both null = not understood. A follow-up of the lead that is open already is moved there, and the others are not due before it; else one is made. Returns planned; not_understood, which is left to a person, also for a time that has passed or lies behind longest_callback_wait, a closed lead, or one who has asked max_callbacks_per_lead times; or null when the wish was read meanwhile or is another by now, and nothing was done. Locks attempt, lead and follow-up.';
comment on function public.callback_reason is
  'The text that tells an operator why a callback stands there.';

-- Each run reads the oldest wishes. Those that cannot be stored, because a trigger of the app refuses them,
-- stay to be read: twenty of them came first in every run, and no other wish was read any more.

alter table public.call_attempts add column callback_tried_at timestamptz;
comment on column public.call_attempts.callback_tried_at is
  'When the wish to be called again, which is still to be read, was last handed out; null = never.';

create or replace function public.callbacks_to_read(
  batch_size integer default 20,
  of_attempt uuid default null
)
returns table (
  attempt_id uuid,
  callback_text text,
  local_now text
)
language sql
volatile
security invoker
set search_path = ''
as $$
  -- What was handed out and is still here could not be stored, or its run came to its end: in any order, so
  -- that none of them is always the first.
  with chosen as materialized (
    select
      attempt.id, attempt.lead_id, attempt.callback_text, attempt.reported_by, attempt.ended_at,
      attempt.sending_until, attempt.duration_seconds,
      row_number() over (
        order by attempt.callback_tried_at nulls first,
          case when attempt.callback_tried_at is null then attempt.opened_at end, random()
      ) as place
    from public.call_attempts as attempt
    where attempt.callback_status = 'to_read'
      and (callbacks_to_read.of_attempt is null or attempt.id = callbacks_to_read.of_attempt)
    order by place
    limit callbacks_to_read.batch_size
  ),
  -- A row that somebody holds is read without the note: nobody waits here.
  reachable as materialized (
    select attempt.id
    from public.call_attempts as attempt
    where attempt.id = any (array(select chosen.id from chosen))
    for no key update skip locked
  ),
  noted as (
    update public.call_attempts as attempt
    set callback_tried_at = now()
    from reachable
    where attempt.id = reachable.id
  )
  select
    chosen.id,
    chosen.callback_text,
    to_char(
      -- Found in the log hours later, it was said when the call was over, and not when it was found.
      case chosen.reported_by
        when 'call_log' then least(
          chosen.ended_at,
          chosen.sending_until + coalesce(chosen.duration_seconds, 0) * interval '1 second'
        )
        else chosen.ended_at
      end at time zone public.lead_time_zone(lead.time_zone::text),
      'YYYY-MM-DD"T"HH24:MI:SS'
    )
  from chosen
  left join public.leads as lead on lead.id = chosen.lead_id
  order by chosen.place
$$;

revoke all on function public.callbacks_to_read from public, anon, authenticated;
grant execute on function public.callbacks_to_read to service_role;

comment on function public.callbacks_to_read is
  'Wishes to be called again that are still to be read, or only that of of_attempt: first those that were never handed out, oldest first, then those whose last time is longest ago. Notes in callback_tried_at that they were handed out. local_now: the clock of the lead''s zone when the call had ended, YYYY-MM-DDTHH:MM:SS. Called by each run and, after a report, by call-ended.';

create or replace function public.plan_callback(
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
set lock_timeout = '700ms'
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
        -- It may wait longer than anything that a rule has put off: its time to expire begins with its day.
        first_due_at = null,
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
  set callback_status = case when is_planned then 'planned' else 'not_understood' end,
    callback_tried_at = null
  where asked.id = attempt.id;
  return case when is_planned then 'planned' else 'not_understood' end;
end
$$;

revoke all on function public.plan_callback from public, anon, authenticated;
grant execute on function public.plan_callback to service_role;

comment on function public.plan_callback is
  'Turns a wish that has been read into a follow-up that goes before all others. local_time: YYYY-MM-DDTHH:MM:SS by the clock of the lead''s zone, or moment: the instant; both null = not understood. A follow-up of the lead that is open already is moved there, and the others are not due before it; else one is made. Returns planned; not_understood, which is left to a person, also for a time that has passed or lies behind longest_callback_wait, a closed lead, or one who has asked max_callbacks_per_lead times; or null when the wish was read meanwhile or is another by now, and nothing was done. Locks attempt, lead and follow-up.';

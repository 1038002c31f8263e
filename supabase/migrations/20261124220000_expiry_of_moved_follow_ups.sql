-- A follow-up expires by the moment at which it was first due, when a rule has moved it. That moment was
-- kept for ever: also when the person asked for a call in six weeks, or the app set another time, and then
-- the follow-up failed as expired on the very day. A time that is set anew is the first one again.

create function public.count_expiry_anew()
returns trigger
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  callers text;
begin
  -- The second time that a rule moves it, its row changes just as when an app writes another time: only
  -- who asks for the change tells the two apart.
  get diagnostics callers = pg_context;
  if callers !~ '\m(claim_due_follow_ups|open_call_attempts|record_dispatch_results)\(' then
    new.first_due_at := null;
  end if;
  return new;
end
$$;

revoke all on function public.count_expiry_anew from public, anon, authenticated;
grant execute on function public.count_expiry_anew to service_role;

comment on function public.count_expiry_anew is
  'Trigger on follow_ups, when due_at is changed and first_due_at is not: clears first_due_at, so that the follow-up expires by its new time, unless one of the functions that put calls off makes the change.';
comment on column public.follow_ups.first_due_at is
  'When it was due before a rule moved it; null = no rule has moved it since its time was last set. It expires by this moment.';

create trigger count_expiry_anew
  before update on public.follow_ups
  for each row
  when (
    new.first_due_at is not null
    and new.first_due_at is not distinct from old.first_due_at
    and new.due_at is distinct from old.due_at
  )
  execute function public.count_expiry_anew();

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
  set callback_status = case when is_planned then 'planned' else 'not_understood' end
  where asked.id = attempt.id;
  return case when is_planned then 'planned' else 'not_understood' end;
end
$$;

revoke all on function public.plan_callback from public, anon, authenticated;
grant execute on function public.plan_callback to service_role;

comment on function public.plan_callback is
  'Turns a wish that has been read into a follow-up that goes before all others. local_time: YYYY-MM-DDTHH:MM:SS by the clock of the lead''s zone, or moment: the instant; both null = not understood. A follow-up of the lead that is open already is moved there, and the others are not due before it; else one is made. Returns planned; not_understood, which is left to a person, also for a time that has passed or lies behind longest_callback_wait, a closed lead, or one who has asked max_callbacks_per_lead times; or null when the wish was read meanwhile or is another by now, and nothing was done. Locks attempt, lead and follow-up.';

create or replace function public.retry_follow_up(
  follow_up_id uuid,
  as_of timestamptz default now()
)
returns boolean
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  update public.follow_ups as follow_up
  set status = 'pending',
    due_at = retry_follow_up.as_of,
    first_due_at = null,
    attempts = 0,
    reason = null,
    updated_at = retry_follow_up.as_of
  where follow_up.id = retry_follow_up.follow_up_id
    and follow_up.status::text in ('failed', 'skipped')
    and not exists (
      select
      from public.call_attempts as attempt
      where attempt.follow_up_id = follow_up.id
        and attempt.status in ('sending', 'accepted', 'unknown', 'ended')
    );
  return found;
end
$$;

revoke all on function public.retry_follow_up from public, anon, authenticated;
grant execute on function public.retry_follow_up to service_role;

comment on function public.retry_follow_up is
  'For the operator: makes a failed or skipped follow-up due again, with all its attempts. Returns false, and changes nothing, when it is in any other state, or when its call was, or may have been, placed.';

-- What was promised before this.
update public.follow_ups as promised
set first_due_at = null
where promised.status = 'pending'
  and promised.channel = 'voice_call'
  and promised.is_callback
  and promised.first_due_at is not null;

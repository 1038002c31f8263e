create or replace function public.plan_recall(
  attempt_id uuid,
  as_of timestamptz default now()
)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
-- A few rows of large tables: through indexes, whatever the statistics say or do not say yet.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
set max_parallel_workers_per_gather = 0
as $$
declare
  settings public.dispatch_settings;
  rule public.recall_rules;
  attempt public.call_attempts;
  lead public.leads;
  series_began timestamptz;
  tries timestamptz[];
  tries_like_this integer;
  wanted_at timestamptz;
begin
  select * into strict settings from public.dispatch_settings;
  select * into attempt
  from public.call_attempts as ended
  where ended.id = plan_recall.attempt_id and ended.status = 'ended';
  select * into rule from public.recall_rules as known where known.outcome = attempt.outcome;
  -- The lead's row is the lock under which it is decided whether it has an open follow-up.
  select * into lead
  from public.leads as called
  where called.id = attempt.lead_id
  for no key update;
  -- It is gone: the app may have merged it into another while this waited for its row.
  if lead.id is null and public.rehome_calls(array[attempt.id]) > 0 then
    perform public.plan_recall(attempt.id, plan_recall.as_of);
    return;
  end if;

  if lead.id is not null and rule.outcome is not null and not rule.is_terminal
    and public.lead_refusal_reason(
      lead.stage::text, lead.phone::text, lead.call_date::timestamptz, 'recall'
    ) is null
    -- A person who cancels the reason to call cancels its recalls.
    and not exists (
      select
      from public.follow_ups as called_for
      where called_for.id = attempt.follow_up_id and called_for.status::text = 'cancelled'
    )
    -- Only the lead's newest call says what comes next.
    and not exists (
      select
      from public.call_attempts as later
      where later.lead_id = attempt.lead_id
        and later.status in ('sending', 'accepted', 'unknown', 'ended')
        and (later.opened_at, later.id) > (attempt.opened_at, attempt.id)
    )
  then
    select max(closing.opened_at) into series_began
    from public.call_attempts as closing
    join public.recall_rules as closed on closed.outcome = closing.outcome and closed.is_terminal
    where closing.lead_id = attempt.lead_id and closing.status = 'ended';

    select array_agg(placed.opened_at), count(*) filter (where placed.outcome = attempt.outcome)
    into tries, tries_like_this
    from public.call_attempts as placed
    where placed.lead_id = attempt.lead_id
      and placed.status in ('sending', 'accepted', 'unknown', 'ended')
      and (series_began is null or placed.opened_at > series_began);

    if cardinality(tries) < settings.max_calls_per_series
      and tries_like_this <= rule.max_recalls
    then
      wanted_at := public.recall_moment(
        attempt.ended_at + rule.delay, public.lead_time_zone(lead.time_zone::text), tries
      );
    end if;
  end if;

  -- A recall follows the newest knowledge of the call: it moves, or, as long as nobody was rung for it,
  -- it is as if it had never been planned.
  if wanted_at is null then
    perform public.withdraw_recall(plan_recall.attempt_id, is_callback => false);
    return;
  end if;

  update public.follow_ups as planned
  set due_at = wanted_at,
    reason = public.recall_reason(rule.outcome, tries_like_this),
    updated_at = plan_recall.as_of
  where planned.recall_of = plan_recall.attempt_id
    and planned.status = 'pending'
    and planned.attempts = 0
    and planned.lease_token is null
    and not planned.is_callback;

  insert into public.follow_ups
    (lead_id, due_at, channel, message, status, source, recall_of, reason, created_at, updated_at)
  select
    attempt.lead_id, wanted_at, 'voice_call', called_for.message, 'pending', 'recall', attempt.id,
    public.recall_reason(rule.outcome, tries_like_this), plan_recall.as_of, plan_recall.as_of
  from (select) as one
  left join public.follow_ups as called_for on called_for.id = attempt.follow_up_id
  where not exists (
    select
    from public.follow_ups as planned
    where planned.recall_of = attempt.id
  )
  -- One open follow-up per lead: what is open already is the next try. But for a seed, which is not called any
  -- more, and for the one that was called, unless it has been given a later time.
  and not exists (
    select
    from public.follow_ups as open_one
    where open_one.lead_id = attempt.lead_id
      and open_one.status = 'pending'
      and open_one.channel = 'voice_call'
      and open_one.source::text is distinct from 'seed'
      and (
        open_one.id <> attempt.follow_up_id
        or coalesce(open_one.first_due_at, open_one.due_at::timestamptz) > attempt.opened_at
      )
  )
  on conflict (recall_of) where recall_of is not null do nothing;
end
$$;

revoke all on function public.plan_recall from public, anon, authenticated;
grant execute on function public.plan_recall to service_role;

comment on function public.plan_recall is
  'Plans the next try after this call, by recall_rules, or moves it, or takes it back when the outcome is another by now; never a callback, and never one for which somebody was rung. At most one for each attempt, and none while the lead has another open follow-up. Locks the lead. Called by follow_settled_call and plan_recall_of_lead.';

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
  -- It is gone: the app may have merged it into another, be it while this waited for its row.
  if lead.id is null and public.rehome_calls(array[attempt.id]) > 0 then
    return public.plan_callback(
      attempt.id, plan_callback.callback_text, plan_callback.local_time, plan_callback.moment,
      plan_callback.as_of
    );
  end if;

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
      -- A seed is not called any more, now that somebody was.
      and candidate.source::text is distinct from 'seed'
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

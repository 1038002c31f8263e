create function public.plan_recall(
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
  -- One open follow-up per lead: what is open already is the next try.
  and not exists (
    select
    from public.follow_ups as open_one
    where open_one.lead_id = attempt.lead_id
      and open_one.id <> attempt.follow_up_id
      and open_one.status = 'pending'
      and open_one.channel = 'voice_call'
  )
  on conflict do nothing;
end
$$;

create function public.withdraw_recall(
  attempt_id uuid,
  is_callback boolean
)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  -- The lock comes in a statement of its own: the next one then sees whether whoever held the row has
  -- opened an attempt for it. Without the row, a claim under way finds nothing to open.
  perform
  from public.follow_ups as planned
  where planned.recall_of = withdraw_recall.attempt_id
  for update;

  delete from public.follow_ups as planned
  where planned.recall_of = withdraw_recall.attempt_id
    and planned.source::text = 'recall'
    and planned.status = 'pending'
    and planned.is_callback = withdraw_recall.is_callback
    and not exists (
      select
      from public.call_attempts as attempt
      where attempt.follow_up_id = planned.id
        and attempt.status in ('sending', 'accepted', 'unknown', 'ended')
    );
end
$$;

create function public.plan_recall_of_lead(
  lead_id uuid,
  as_of timestamptz default now()
)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  newest uuid;
begin
  select attempt.id into newest
  from public.call_attempts as attempt
  where attempt.lead_id = plan_recall_of_lead.lead_id
    and attempt.status in ('sending', 'accepted', 'unknown', 'ended')
  order by attempt.opened_at desc, attempt.id desc
  limit 1;
  if newest is not null then
    perform public.plan_recall(newest, plan_recall_of_lead.as_of);
  end if;
end
$$;

revoke all on function public.withdraw_recall from public, anon, authenticated;
grant execute on function public.withdraw_recall to service_role;
revoke all on function public.plan_recall_of_lead from public, anon, authenticated;
grant execute on function public.plan_recall_of_lead to service_role;

comment on function public.withdraw_recall is
  'Takes back what was planned after this attempt, a recall or a callback, unless a call for it was, or may have been, placed. Called when a better report says otherwise.';
comment on function public.plan_recall_of_lead is
  'Asks once more what follows the lead''s newest call, when a newer attempt has come to nothing. Called by record_dispatch_results.';

create function public.recall_reason(
  outcome text,
  number integer
)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  select format(
    'Recall %s after %s', recall_reason.number, replace(recall_reason.outcome, '_', ' ')
  )
$$;

revoke all on function public.plan_recall from public, anon, authenticated;
grant execute on function public.plan_recall to service_role;
revoke all on function public.recall_reason from public, anon, authenticated;
grant execute on function public.recall_reason to service_role;

comment on function public.plan_recall is
  'Plans the next try after this call, by recall_rules, or moves it, or takes it back when the outcome is another by now; never a callback, and never one for which somebody was rung. At most one for each attempt, and none while the lead has another open follow-up. Locks the lead. Called by settle_call.';
comment on function public.recall_reason is
  'The text that tells an operator why a recall was planned.';

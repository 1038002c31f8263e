create function public.attempts_to_settle(
  batch_size integer default 100,
  as_of timestamptz default now()
)
returns table (
  attempt_id uuid,
  status text,
  to_number text,
  request_id text,
  opened_at timestamptz,
  sending_until timestamptz,
  over_by timestamptz
)
language sql
stable
security invoker
set search_path = ''
-- A few rows of large tables: through indexes, whatever the statistics say or do not say yet.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
  -- Two looks, each through an index of its own that begins with whose turn it is: without reports all
  -- the calls of three days may stand here, and only a few of them are asked for.
  with settings as (
    select * from public.dispatch_settings
  ),
  turn as (
    (
      select attempt.*
      from settings
      cross join public.call_attempts as attempt
      where attempt.looked_up_at is null
        and (
          attempt.status in ('unknown', 'accepted')
          or attempt.status = 'ended'
            and attempt.outcome is null
            and attempt.reported_by is distinct from 'operator'
        )
        and attempt.opened_at > attempts_to_settle.as_of - settings.settle_for
        and attempt.opened_at <= attempts_to_settle.as_of - settings.settle_after
      order by attempt.opened_at
      limit attempts_to_settle.batch_size
    )
    union all
    (
      select attempt.*
      from public.call_attempts as attempt
      where attempt.next_lookup_at <= attempts_to_settle.as_of
        and (
          attempt.status in ('unknown', 'accepted')
          or attempt.status = 'ended'
            and attempt.outcome is null
            and attempt.reported_by is distinct from 'operator'
        )
      order by attempt.next_lookup_at
      limit attempts_to_settle.batch_size
    )
  )
  select
    turn.id, turn.status, turn.to_number, turn.request_id, turn.opened_at, turn.sending_until,
    turn.sending_until + settings.longest_call
  from turn
  cross join settings
  order by turn.next_lookup_at nulls first, turn.opened_at
  limit attempts_to_settle.batch_size
$$;

create function public.known_calls(
  request_ids text[]
)
returns table (
  request_id text,
  attempt_id uuid,
  opened_at timestamptz
)
language sql
stable
security invoker
set search_path = ''
as $$
  select attempt.request_id, attempt.id, attempt.opened_at
  from public.call_attempts as attempt
  where attempt.request_id = any (known_calls.request_ids)
$$;

create function public.settle_call_attempts(
  verdicts jsonb,
  as_of timestamptz default now()
)
returns integer
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
  abandoned integer;
begin
  with told as materialized (
    select distinct on (verdict.attempt_id) verdict.*
    from jsonb_to_recordset(settle_call_attempts.verdicts)
      as verdict (attempt_id uuid, verdict text, reason text)
    where verdict.verdict in ('not_placed', 'cannot_tell')
    order by verdict.attempt_id, verdict.verdict
  ),
  found as materialized (
    select
      attempt.id,
      -- Asked once more under the lock: only a call that nobody has confirmed, and that would be over
      -- by now, can be known not to have been placed.
      attempt.status = 'unknown'
        and attempt.request_id is null
        and attempt.sending_until + settings.longest_call <= settle_call_attempts.as_of
        as can_be_not_placed
    from public.call_attempts as attempt
    cross join public.dispatch_settings as settings
    where attempt.id = any (array(select told.attempt_id from told))
      and attempt.status in ('unknown', 'accepted', 'ended')
    order by attempt.id
    for update of attempt
  ),
  noted as (
    update public.call_attempts as attempt
    set lookups = attempt.lookups + 1,
      looked_up_at = settle_call_attempts.as_of,
      lookup_note = told.reason,
      -- Twice as long after each look that told nothing, up to half a day, and not for ever.
      next_lookup_at = (
        select case
          when next.moment < attempt.opened_at + settings.settle_for
            and not (told.verdict = 'not_placed' and found.can_be_not_placed)
            then next.moment
        end
        from (
          select settle_call_attempts.as_of + least(
            settings.settle_after * power(2, least(attempt.lookups + 1, 10)), interval '12 hours'
          ) as moment
        ) as next
      ),
      status = case
        when told.verdict = 'not_placed' and found.can_be_not_placed then 'abandoned'
        else attempt.status
      end
    from found
    join told on told.attempt_id = found.id
    cross join public.dispatch_settings as settings
    where attempt.id = found.id
    returning attempt.id, attempt.follow_up_id, attempt.status, settings.redial_not_placed
  ),
  put_back as (
    update public.follow_ups as follow_up
    set status = case when noted.redial_not_placed then follow_up.status else 'failed' end,
      reason = case
        when noted.redial_not_placed then 'Omni''s call log shows that it was not called: next try'
        else 'Omni''s call log shows that it was not called: retry_follow_up calls it'
      end,
      lease_token = null,
      leased_until = null,
      updated_at = settle_call_attempts.as_of
    from noted
    where noted.status = 'abandoned'
      and follow_up.id = noted.follow_up_id
      and follow_up.status = 'pending'
  )
  select count(*) into abandoned from noted where noted.status = 'abandoned';
  return abandoned;
end
$$;

create or replace function public.resolve_call_attempt(
  attempt_id uuid,
  verdict text,
  as_of timestamptz default now()
)
returns boolean
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  if resolve_call_attempt.verdict is null
    or resolve_call_attempt.verdict not in ('placed', 'not_placed')
  then
    raise exception 'Cannot resolve the attempt with verdict "%"', resolve_call_attempt.verdict
      using hint = 'Use placed (the person was called) or not_placed (call them now).';
  end if;

  update public.call_attempts as attempt
  set status = case resolve_call_attempt.verdict when 'placed' then 'ended' else 'abandoned' end,
    ended_at = case resolve_call_attempt.verdict
      when 'placed' then resolve_call_attempt.as_of
    end,
    reported_by = 'operator',
    next_lookup_at = null
  where attempt.id = resolve_call_attempt.attempt_id and attempt.status = 'unknown';
  if not found then
    return false;
  end if;

  if resolve_call_attempt.verdict = 'placed' then
    perform public.mark_calls_placed(
      array[resolve_call_attempt.attempt_id], as_of => resolve_call_attempt.as_of
    );
  else
    update public.follow_ups as follow_up
    set reason = null,
      updated_at = resolve_call_attempt.as_of
    from public.call_attempts as attempt
    where attempt.id = resolve_call_attempt.attempt_id
      and follow_up.id = attempt.follow_up_id
      and follow_up.status = 'pending';
  end if;
  perform public.request_dispatch_run('call_ended');
  return true;
end
$$;

-- For the operator: what nobody has reported, and what will be done about it.
create view public.unsettled_calls
with (security_invoker = on)
as
select
  attempt.opened_at, lead.customer_name, attempt.to_number, attempt.status,
  case
    when attempt.status = 'unknown'
      then coalesce(attempt.error, 'The call may or may not have been placed')
    when attempt.status = 'accepted' then 'Omni took the call, and its end has not been reported'
    else 'The call is taken to be over, and nobody reported how it ended'
  end as what_is_known,
  attempt.lookup_note, attempt.looked_up_at, attempt.lookups,
  case
    when attempt.next_lookup_at is not null
      or attempt.looked_up_at is null and attempt.opened_at > now() - settings.settle_for
      then 'It is looked for again in Omni''s call log'
    when attempt.status = 'unknown'
      then format('Look into Omni''s call log, then: select resolve_call_attempt(%L, ''placed''), or ''not_placed'' to call again', attempt.id)
    else 'Nothing: it is not called again by itself'
  end as what_next,
  attempt.lead_id, attempt.follow_up_id, attempt.id as attempt_id
from public.call_attempts as attempt
cross join public.dispatch_settings as settings
left join public.leads as lead on lead.id = attempt.lead_id
where (
    attempt.status = 'unknown'
    or attempt.status = 'accepted' and attempt.opened_at < now() - settings.settle_after
    or attempt.status = 'ended'
      and attempt.outcome is null
      and attempt.reported_by is distinct from 'operator'
      and attempt.opened_at > now() - interval '30 days'
  )
order by attempt.opened_at desc;

revoke all on table public.unsettled_calls from public, anon, authenticated;
grant select on table public.unsettled_calls to service_role;
comment on view public.unsettled_calls is
  'For the operator: calls whose end nobody has reported, newest first, with what is known and what comes next. An unknown one holds its number and its follow-up until it is settled.';

revoke all on function public.attempts_to_settle from public, anon, authenticated;
grant execute on function public.attempts_to_settle to service_role;
revoke all on function public.known_calls from public, anon, authenticated;
grant execute on function public.known_calls to service_role;
revoke all on function public.settle_call_attempts from public, anon, authenticated;
grant execute on function public.settle_call_attempts to service_role;

comment on function public.attempts_to_settle is
  'The attempts whose end nobody has reported and whose turn it is to be looked for in Omni''s call log: unknown, accepted, or ended without an outcome, opened between settle_for and settle_after ago. A call for one was placed, if at all, between opened_at and sending_until, and is over by over_by. Asked by each run.';
comment on function public.known_calls is
  'Which of these request ids of Omni are ours, and when each call was placed. Asked by the settling step, to tell our rows of the call log from others and to read its clock.';
comment on function public.settle_call_attempts is
  'Notes what a look into Omni''s call log told of attempts that were not found there. verdicts: array of {attempt_id, verdict: not_placed | cannot_tell, reason}. not_placed moves an unknown attempt to abandoned, once its call would be over; its follow-up fails with a reason, or is dialled again when redial_not_placed is set. cannot_tell leaves everything held. Each look makes the next one wait longer. Returns how many were abandoned. Called by the settling step of each run.';
comment on function public.resolve_call_attempt is
  'For the operator: settles an attempt whose call may or may not have been placed. verdict placed: the follow-up is completed and the lead contacted; not_placed: the attempt is abandoned, and the follow-up is dialled by the next run, which starts at once. Returns false, and changes nothing, when the attempt is not unknown.';

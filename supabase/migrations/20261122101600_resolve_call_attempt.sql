create function public.resolve_call_attempt(
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
declare
  resolved public.call_attempts;
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
    end
  where attempt.id = resolve_call_attempt.attempt_id and attempt.status = 'unknown'
  returning * into resolved;
  if not found then
    return false;
  end if;

  update public.follow_ups as follow_up
  set status = case resolve_call_attempt.verdict
      when 'placed' then 'completed'
      else follow_up.status
    end,
    completed_at = case resolve_call_attempt.verdict when 'placed' then resolved.opened_at end,
    reason = null,
    updated_at = resolve_call_attempt.as_of
  where follow_up.id = resolved.follow_up_id and follow_up.status = 'pending';

  update public.leads as lead
  set stage = 'contacted',
    updated_at = resolve_call_attempt.as_of
  where lead.id = resolved.lead_id
    and lead.stage::text = 'new'
    and resolve_call_attempt.verdict = 'placed';
  return true;
end
$$;

revoke all on function public.resolve_call_attempt from public, anon, authenticated;
grant execute on function public.resolve_call_attempt to service_role;

comment on function public.resolve_call_attempt is
  'For the operator: settles an attempt whose call may or may not have been placed. verdict placed: the follow-up is completed and the lead contacted; not_placed: the attempt is abandoned, and the follow-up is dialled by the next run. Returns false, and changes nothing, when the attempt is not unknown.';

-- Whoever resolves an attempt knows better than the app's database: when that refused the lead or the follow-up, the
-- attempt could not be resolved, and its number stayed held.
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
    perform public.mark_calls_placed_apart(
      array[resolve_call_attempt.attempt_id], resolve_call_attempt.as_of
    );
  else
    begin
      update public.follow_ups as follow_up
      set reason = null,
        updated_at = resolve_call_attempt.as_of
      from public.call_attempts as attempt
      where attempt.id = resolve_call_attempt.attempt_id
        and follow_up.id = attempt.follow_up_id
        and follow_up.status = 'pending';
    exception
      -- These pass: whoever called asks again.
      when deadlock_detected or lock_not_available or serialization_failure then
        raise;
      -- Only a reason: the follow-up is free with its attempt.
      when others then
        perform public.note_refused_part(
          resolve_call_attempt.attempt_id, 'Its follow-up could not be written', sqlerrm
        );
    end;
  end if;
  perform public.request_dispatch_run('call_ended');
  return true;
end
$$;

revoke all on function public.resolve_call_attempt from public, anon, authenticated;
grant execute on function public.resolve_call_attempt to service_role;

comment on function public.resolve_call_attempt is
  'For the operator: settles an attempt whose call may or may not have been placed. verdict placed: the follow-up is completed and the lead contacted; not_placed: the attempt is abandoned, and the follow-up is dialled by the next run, which starts at once. What the app''s database refuses of follow-up or lead is noted in the attempt''s error, and the attempt is resolved. Returns false, and changes nothing, when the attempt is not unknown.';

create function public.retry_follow_up(
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

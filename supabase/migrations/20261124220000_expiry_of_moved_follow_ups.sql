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

-- A phone that somebody corrects made due again only what had never been tried: not what Omni had refused, nor what had
-- waited for a free line before. What was claimed with the old number, and failed for it a moment later, was missed. And
-- where the app allows a lead one pending follow-up, its own correction could fail on ours.
create or replace function public.note_updated_lead()
returns trigger
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  if old.stage::text = 'new' and new.stage::text = 'contacted'
    and old.phone is not distinct from new.phone
    and old.call_date is not distinct from new.call_date
  then
    -- Both are active stages: what can be seeded now could be seeded before.
    return null;
  end if;
  if public.is_seedable_lead(new.stage::text, new.phone::text, new.call_date)
    and not public.is_seedable_lead(old.stage::text, old.phone::text, old.call_date)
  then
    insert into public.seed_candidates (lead_id) values (new.id);
    perform public.request_dispatch_run('new_lead');
  end if;
  if old.phone is distinct from new.phone and public.call_with_corrected_phone(new.id) then
    perform public.request_dispatch_run('new_lead');
  end if;
  return null;
end
$$;

revoke all on function public.note_updated_lead from public, anon, authenticated;
grant execute on function public.note_updated_lead to service_role;

comment on function public.note_updated_lead is
  'Trigger on leads without a call_date: notes a lead that has become seedable, such as one that was given a phone or was reopened, makes due again what failed for a number that has been changed since, and asks for a run.';

create function public.call_with_corrected_phone(
  lead_id uuid
)
returns boolean
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  waiting_id uuid;
  is_due boolean := false;
begin
  -- A row that is failed for the old number just now has failed when this lock is had, and the statement below,
  -- which comes after it, sees so. What is being sent is left alone: whoever records it waits for the lead.
  for waiting_id in
    select follow_up.id
    from public.follow_ups as follow_up
    where follow_up.lead_id = call_with_corrected_phone.lead_id
      and follow_up.channel = 'voice_call'
      and (
        follow_up.status::text = 'failed'
        or follow_up.status::text = 'pending' and follow_up.lease_token is not null
      )
      and not public.has_called(follow_up.id)
    order by follow_up.id
    for update
  loop
    -- Each by itself: an app may allow one pending follow-up a lead, and one is enough.
    begin
      update public.follow_ups as follow_up
      set status = 'pending',
        reason = null,
        due_at = now(),
        updated_at = now()
      where follow_up.id = waiting_id
        and follow_up.status::text = 'failed'
        -- What was given up for its number, and not for the person's wish or for its age.
        and (follow_up.reason like 'Phone number %' or follow_up.reason like 'Refused by Omni: %')
        and not public.has_called(follow_up.id);
      is_due := is_due or found;
    exception
      when deadlock_detected or lock_not_available or serialization_failure then
        raise;
      -- The correction is the app's, and stands.
      when others then
        raise warning 'A follow-up stays failed though its lead''s phone was corrected: %', sqlerrm;
    end;
  end loop;
  return is_due;
end
$$;

revoke all on function public.call_with_corrected_phone from public, anon, authenticated;
grant execute on function public.call_with_corrected_phone to service_role;

comment on function public.call_with_corrected_phone is
  'Makes due again the voice follow-ups of this lead that failed for its number before anybody was, or may have been, called for them. One that the app''s database refuses stays failed, with a warning. Returns whether one is due. Called by note_updated_lead.';

create function public.has_called(
  follow_up_id uuid
)
returns boolean
language sql
stable
security invoker
set search_path = ''
as $$
  select exists (
    select
    from public.call_attempts as attempt
    where attempt.follow_up_id = has_called.follow_up_id
      and attempt.status in ('sending', 'accepted', 'unknown', 'ended')
  )
$$;

revoke all on function public.has_called from public, anon, authenticated;
grant execute on function public.has_called to service_role;

comment on function public.has_called is
  'Whether somebody was, or may have been, called for this follow-up.';

-- A phone that somebody corrects made due again only what had never been tried, and not what Omni had refused; all of it,
-- where a lead had several, and one that was open besides. And where the app allows a lead one pending follow-up, its own
-- correction could fail on ours.
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
  -- Written in another way it is the same number.
  if old.phone is distinct from new.phone
    and (
      public.number_as_written(old.phone::text) is null
      or public.number_as_written(old.phone::text) is distinct from public.number_as_written(new.phone::text)
    )
    and public.call_with_corrected_phone(new.id)
  then
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
begin
  -- One is enough, and none where another is open: one correction is one call.
  update public.follow_ups as follow_up
  set status = 'pending',
    reason = null,
    due_at = now(),
    updated_at = now()
  where follow_up.id = (
      select given_up.id
      from public.follow_ups as given_up
      where given_up.lead_id = call_with_corrected_phone.lead_id
        and given_up.channel = 'voice_call'
        and given_up.status::text = 'failed'
        -- For its number, and not for the person's wish or for its age.
        and (given_up.reason like 'Phone number %' or given_up.reason like 'Refused by Omni: %')
        and not exists (
          select
          from public.call_attempts as attempt
          where attempt.follow_up_id = given_up.id
            and attempt.status in ('sending', 'accepted', 'unknown', 'ended')
        )
      order by given_up.due_at desc, given_up.id
      limit 1
    )
    and follow_up.status::text = 'failed'
    and not exists (
      select
      from public.follow_ups as open_one
      where open_one.lead_id = call_with_corrected_phone.lead_id
        and open_one.channel = 'voice_call'
        and open_one.status = 'pending'
    );
  return found;
exception
  when deadlock_detected or lock_not_available or serialization_failure then
    raise;
  -- The correction is the app's, and stands.
  when others then
    raise warning 'A follow-up stays failed though its lead''s phone was corrected: %', sqlerrm;
    return false;
end
$$;

revoke all on function public.call_with_corrected_phone from public, anon, authenticated;
grant execute on function public.call_with_corrected_phone to service_role;

comment on function public.call_with_corrected_phone is
  'Makes due again the last voice follow-up of this lead that failed for its number before anybody was, or may have been, called for it, unless another is open. One that the app''s database refuses stays failed, with a warning. Returns whether one is due. Called by note_updated_lead.';

-- Every accepted call moves its lead from new to contacted, which is nothing to note. To find that out by
-- the rule for seeding, asked twice, cost as much as all else that recording a result does to the lead.
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
  -- Its number was the only thing wrong with it, and somebody has mended that.
  if old.phone is distinct from new.phone then
    update public.follow_ups as follow_up
    set status = 'pending',
      reason = null,
      due_at = now(),
      updated_at = now()
    where follow_up.lead_id = new.id
      and follow_up.status::text = 'failed'
      and follow_up.channel = 'voice_call'
      and follow_up.attempts = 0
      and follow_up.reason like 'Phone number %';
    if found then
      perform public.request_dispatch_run('new_lead');
    end if;
  end if;
  return null;
end
$$;

revoke all on function public.note_updated_lead from public, anon, authenticated;
grant execute on function public.note_updated_lead to service_role;

comment on function public.note_updated_lead is
  'Trigger on leads: notes a lead that has become seedable, such as one that was given a phone or was reopened, makes due again what failed for a number that has been changed since, and asks for a run.';

-- A lead in an active stage has a follow-up, or is noted to be given one. Two ways led out of this, until the
-- daily look: a follow-up that was deleted or skipped while its call was being sent, and the call then came
-- to nothing; and a follow-up that an app gave to another lead.

create or replace function public.note_freed_lead()
returns trigger
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  if tg_op = 'UPDATE' and new.status::text = 'failed' and old.status is distinct from new.status then
    insert into public.given_up_follow_ups (follow_up_id) values (new.id);
  elsif tg_op = 'DELETE' then
    -- A reference with on delete cascade would need a lock on the app's table.
    delete from public.given_up_follow_ups as noted where noted.follow_up_id = old.id;
  end if;
  if public.blocks_seeding(old.status::text)
    and (
      tg_op = 'DELETE'
      or not public.blocks_seeding(new.status::text)
      or old.lead_id is distinct from new.lead_id
    )
  then
    insert into public.seed_candidates (lead_id)
    select lead.id
    from public.leads as lead
    where lead.id = old.lead_id
      and public.is_seedable_lead(lead.stage::text, lead.phone::text, lead.call_date);
  end if;
  return null;
end
$$;

revoke all on function public.note_freed_lead from public, anon, authenticated;
grant execute on function public.note_freed_lead to service_role;

comment on function public.note_freed_lead is
  'Trigger on follow_ups, when the status or the lead has changed or the row is deleted: notes the lead of a follow-up that no longer keeps it from being seeded, and that a follow-up was given up, which is forgotten with the row. Security definer, because an app''s own role may write follow_ups without any right on our tables.';

create or replace trigger note_closed_follow_up
  after update on public.follow_ups
  for each row
  when (old.status is distinct from new.status or old.lead_id is distinct from new.lead_id)
  execute function public.note_freed_lead();

create function public.note_uncalled_lead()
returns trigger
language plpgsql
volatile
security invoker
set search_path = ''
set enable_seqscan = off
set jit = off
as $$
begin
  -- Mostly its follow-up is there, put back or given up, and stays as it is until this is committed. One
  -- that somebody else is changing may be gone then: a lead that is noted for nothing costs a look.
  perform
  from public.follow_ups as follow_up
  where follow_up.lead_id = new.lead_id and public.blocks_seeding(follow_up.status::text)
  limit 1
  for share skip locked;
  if not found then
    insert into public.seed_candidates (lead_id)
    select lead.id
    from public.leads as lead
    where lead.id = new.lead_id
      and public.is_seedable_lead(lead.stage::text, lead.phone::text, lead.call_date);
  end if;
  return null;
end
$$;

revoke all on function public.note_uncalled_lead from public, anon, authenticated;
grant execute on function public.note_uncalled_lead to service_role;

comment on function public.note_uncalled_lead is
  'Trigger on call_attempts, when it is known that a call was not placed: notes its lead when no follow-up keeps it from being seeded any more. While the attempt was under way, the seed passed the lead over as called.';

create trigger note_uncalled_lead
  after update on public.call_attempts
  for each row
  when (
    new.status in ('postponed', 'not_sent', 'refused', 'abandoned')
    and old.status is distinct from new.status
  )
  execute function public.note_uncalled_lead();

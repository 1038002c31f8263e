-- The leads that the seed phase has still to look at. Without it, every tick would read every lead
-- that was ever seeded; with it, the cost of a tick follows the leads that changed.
create table public.seed_candidates (
  id bigint generated always as identity primary key,
  lead_id uuid not null,
  noted_at timestamptz not null default now()
);

alter table public.seed_candidates enable row level security;
create policy service_role_manages_seed_candidates on public.seed_candidates
  to service_role using (true) with check (true);
revoke all on table public.seed_candidates from public, anon, authenticated;
grant select, insert, update, delete on table public.seed_candidates to service_role;

comment on table public.seed_candidates is
  'Leads to be looked at by the next seed phase. Filled by triggers, emptied by seed_follow_ups. A lead may stand here twice or for nothing: the seed phase decides, this only says where to look.';
comment on column public.seed_candidates.id is 'Order of noting.';
comment on column public.seed_candidates.lead_id is
  'The lead. No foreign key: noting must never wait for a lock on the lead.';
comment on column public.seed_candidates.noted_at is 'When it was noted.';

create function public.is_seedable_lead(
  stage text,
  phone text,
  call_date timestamptz
)
returns boolean
language sql
immutable
security invoker
set search_path = ''
as $$
  select is_seedable_lead.call_date is null
    and coalesce(is_seedable_lead.stage, '') in ('new', 'contacted', 'visit_scheduled')
    and public.lead_refusal_reason(
      is_seedable_lead.stage, is_seedable_lead.phone, is_seedable_lead.call_date, 'seed'
    ) is null
$$;

revoke all on function public.is_seedable_lead from public, anon, authenticated;
grant execute on function public.is_seedable_lead to service_role;

comment on function public.is_seedable_lead is
  'True for a lead in an active stage, with a phone, never called: the lead''s own half of the rule for seeding. The other half, its follow-ups, is in seed_follow_ups.';

create function public.blocks_seeding(
  status text
)
returns boolean
language sql
immutable
security invoker
set search_path = ''
as $$
  select coalesce(blocks_seeding.status, '') <> 'skipped'
$$;

revoke all on function public.blocks_seeding from public, anon, authenticated;
grant execute on function public.blocks_seeding to service_role;

comment on function public.blocks_seeding is
  'True when a follow-up with this status keeps its lead from being seeded. Only a skipped one does not: the lead may have been reopened. A cancelled one does, because a person said no; so does a word that only other programs know.';

-- The four trigger functions below are security definer: an app's own role may write leads and
-- follow_ups without any right on seed_candidates, and its write must not fail for that.

create function public.was_called(
  lead_id uuid
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
    where attempt.lead_id = was_called.lead_id
      and attempt.status in ('sending', 'accepted', 'unknown', 'ended')
  )
$$;

revoke all on function public.was_called from public, anon, authenticated;
grant execute on function public.was_called to service_role;

comment on function public.was_called is
  'True when a call to this lead was, or may have been, placed: then it is never seeded again, also after somebody has tidied its finished follow-ups away.';

create index call_attempts_that_called_a_lead on public.call_attempts (lead_id)
  where status in ('sending', 'accepted', 'unknown', 'ended');

create function public.note_inserted_leads()
returns trigger
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  insert into public.seed_candidates (lead_id)
  select lead.id
  from inserted as lead
  where public.is_seedable_lead(lead.stage::text, lead.phone::text, lead.call_date);
  return null;
end
$$;

create function public.note_updated_lead()
returns trigger
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  if public.is_seedable_lead(new.stage::text, new.phone::text, new.call_date)
    and not public.is_seedable_lead(old.stage::text, old.phone::text, old.call_date)
  then
    insert into public.seed_candidates (lead_id) values (new.id);
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
  end if;
  return null;
end
$$;

create function public.note_freed_lead()
returns trigger
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  if public.blocks_seeding(old.status::text)
    and (tg_op = 'DELETE' or not public.blocks_seeding(new.status::text))
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

create function public.note_all_leads()
returns trigger
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  insert into public.seed_candidates (lead_id)
  select lead.id
  from public.leads as lead
  where public.is_seedable_lead(lead.stage::text, lead.phone::text, lead.call_date);
  return null;
end
$$;

revoke all on function public.note_inserted_leads from public, anon, authenticated;
revoke all on function public.note_updated_lead from public, anon, authenticated;
revoke all on function public.note_freed_lead from public, anon, authenticated;
revoke all on function public.note_all_leads from public, anon, authenticated;
grant execute on function public.note_inserted_leads to service_role;
grant execute on function public.note_updated_lead to service_role;
grant execute on function public.note_freed_lead to service_role;
grant execute on function public.note_all_leads to service_role;

comment on function public.note_inserted_leads is
  'Trigger on leads: notes the inserted leads that can be seeded.';
comment on function public.note_updated_lead is
  'Trigger on leads: notes a lead that has become seedable, such as one that was given a phone or was reopened, and makes due again what failed for a number that has been changed since.';
comment on function public.note_freed_lead is
  'Trigger on follow_ups: notes the lead of a follow-up that no longer keeps it from being seeded.';
comment on function public.note_all_leads is
  'Trigger on follow_ups: after a truncate every lead has to be looked at again.';

create trigger note_inserted_leads
  after insert on public.leads
  referencing new table as inserted
  for each statement execute function public.note_inserted_leads();

create trigger note_updated_lead
  after update on public.leads
  for each row
  when (
    new.call_date is null
    and (
      old.call_date is not null
      or old.stage is distinct from new.stage
      or old.phone is distinct from new.phone
    )
  )
  execute function public.note_updated_lead();

create trigger note_closed_follow_up
  after update on public.follow_ups
  for each row
  when (old.status is distinct from new.status)
  execute function public.note_freed_lead();

create trigger note_deleted_follow_up
  after delete on public.follow_ups
  for each row execute function public.note_freed_lead();

create trigger note_truncated_follow_ups
  after truncate on public.follow_ups
  for each statement execute function public.note_all_leads();

create function public.note_unseeded_leads()
returns integer
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  noted integer;
begin
  insert into public.seed_candidates (lead_id)
  select lead.id
  from public.leads as lead
  where public.is_seedable_lead(lead.stage::text, lead.phone::text, lead.call_date)
    and not exists (
      select
      from public.follow_ups as follow_up
      where follow_up.lead_id = lead.id and public.blocks_seeding(follow_up.status::text)
    )
    and not public.was_called(lead.id)
    and not exists (
      select from public.seed_candidates as candidate where candidate.lead_id = lead.id
    );
  get diagnostics noted = row_count;
  return noted;
end
$$;

revoke all on function public.note_unseeded_leads from public, anon, authenticated;
grant execute on function public.note_unseeded_leads to service_role;

comment on function public.note_unseeded_leads is
  'Reads all leads and notes those that should be seeded and are not noted: once at installation and daily by purge_dispatch_history, for leads written while triggers were switched off. Returns how many.';

select public.note_unseeded_leads();

-- "How many were given up today?" without an index over follow_ups.updated_at: PostgreSQL writes a changed row
-- to all indexes of its table anew as soon as one of them, a partial one too, holds a column that was
-- changed, and updated_at changes each time.
create table public.given_up_follow_ups (
  id bigint generated always as identity primary key,
  follow_up_id uuid not null,
  given_up_at timestamptz not null default now()
);

create index given_up_follow_ups_by_time on public.given_up_follow_ups (given_up_at);
create index given_up_follow_ups_of_one on public.given_up_follow_ups (follow_up_id);

alter table public.given_up_follow_ups enable row level security;
create policy service_role_manages_given_up_follow_ups on public.given_up_follow_ups
  to service_role using (true) with check (true);
revoke all on table public.given_up_follow_ups from public, anon, authenticated;
grant select, insert, update, delete on table public.given_up_follow_ups to service_role;

comment on table public.given_up_follow_ups is
  'When the status of a follow-up became failed, one row each time. Written by a trigger, counted by call_status, kept for dispatch_settings.history_kept and no longer than the follow-up.';
comment on column public.given_up_follow_ups.id is 'Order of noting.';
comment on column public.given_up_follow_ups.follow_up_id is
  'The follow-up. It may have been made pending again since.';
comment on column public.given_up_follow_ups.given_up_at is 'When its status became failed.';

-- By the trigger that is there: one more would need a lock on the app's table.
create or replace function public.note_freed_lead()
returns trigger
language plpgsql
volatile
security definer
set search_path = ''
as $$
begin
  if tg_op = 'UPDATE' and new.status::text = 'failed' then
    insert into public.given_up_follow_ups (follow_up_id) values (new.id);
  elsif tg_op = 'DELETE' then
    -- A reference with on delete cascade would need a lock on the app's table.
    delete from public.given_up_follow_ups as noted where noted.follow_up_id = old.id;
  end if;
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

revoke all on function public.note_freed_lead from public, anon, authenticated;
grant execute on function public.note_freed_lead to service_role;

comment on function public.note_freed_lead is
  'Trigger on follow_ups, when the status has changed or the row is deleted: notes the lead of a follow-up that no longer keeps it from being seeded, and that a follow-up was given up, which is forgotten with the row. Security definer, because an app''s own role may write follow_ups without any right on our tables.';

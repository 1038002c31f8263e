-- The reasons to call. The words pending and completed keep the meaning that other programs give
-- them: being worked on is a lease, not a status. A table that is already there is kept as it is.
do $$
declare
  is_new constant boolean := to_regclass('public.follow_ups') is null;
begin
  if is_new then
    create table public.follow_ups (
      id uuid primary key default gen_random_uuid(),
      lead_id uuid not null references public.leads on delete cascade,
      due_at timestamptz not null default now(),
      status text not null default 'pending'
        constraint status_is_known
        check (status in ('pending', 'completed', 'skipped', 'failed', 'cancelled'))
    );
    alter table public.follow_ups enable row level security;
    create policy service_role_manages_follow_ups on public.follow_ups
      to service_role using (true) with check (true);
    revoke all on table public.follow_ups from public, anon, authenticated;
  end if;
end
$$;

alter table public.follow_ups
  add column if not exists created_at timestamptz not null default now(),
  add column if not exists updated_at timestamptz not null default now(),
  add column if not exists due_at timestamptz not null default now(),
  add column if not exists channel text not null default 'voice_call',
  add column if not exists message text,
  add column if not exists status text not null default 'pending',
  add column if not exists completed_at timestamptz,
  add column if not exists source text not null default 'manual'
    constraint source_is_known check (source in ('seed', 'recall', 'manual')),
  add column if not exists attempts integer not null default 0
    constraint attempts_are_not_negative check (attempts >= 0),
  add column if not exists reason text,
  add column if not exists lease_token uuid,
  add column if not exists leased_until timestamptz;

grant select, insert, update, delete on table public.follow_ups to service_role;

-- Due first: with due_at in front a poll costs the same at a million future rows as at none.
create index if not exists follow_ups_due_for_a_call
  on public.follow_ups (due_at, id)
  where status = 'pending' and channel = 'voice_call';

create index if not exists follow_ups_of_a_lead on public.follow_ups (lead_id, due_at);

create index if not exists follow_ups_with_a_lease
  on public.follow_ups (leased_until)
  where status = 'pending' and lease_token is not null;

-- Seeding twice, or twenty times at once, seeds once: the database refuses the second. A cancelled
-- seed counts, because a person's "no" must not be undone by the next tick.
create unique index if not exists follow_ups_seeded_once_per_lead
  on public.follow_ups (lead_id)
  where source = 'seed' and status <> 'skipped';

comment on table public.follow_ups is
  'The reasons to call a lead, one row each. Written by the seed phase, by people and by other programs; claimed and closed by Call Dispatch.';
comment on column public.follow_ups.id is 'Key of the follow-up.';
comment on column public.follow_ups.created_at is 'When the follow-up was made.';
comment on column public.follow_ups.updated_at is
  'Last change by Call Dispatch or by another program that sets it.';
comment on column public.follow_ups.lead_id is 'The lead to call; deleted with it.';
comment on column public.follow_ups.due_at is
  'Not called before this moment; a retry moves it. Oldest first.';
comment on column public.follow_ups.channel is
  'voice_call is dialled; every other channel belongs to other programs and is never touched.';
comment on column public.follow_ups.message is
  'What this call is about; given to the voice agent as {{message}}.';
comment on column public.follow_ups.status is
  'pending = to be called; completed = Omni accepted the call; skipped = the lead must not be called; failed = given up; cancelled = a person said no. See reason.';
comment on column public.follow_ups.completed_at is 'When Omni accepted the call.';
comment on column public.follow_ups.source is
  'Who made it: seed (the seed phase), recall (after an unanswered call), manual (a person or another program).';
comment on column public.follow_ups.attempts is
  'Attempts used up. Being turned away because all lines were busy uses none.';
comment on column public.follow_ups.reason is
  'Why the row is where it is, as a sentence for the operator; null = nothing to say.';
comment on column public.follow_ups.lease_token is
  'Token of the run that works on the row now; null = nobody does.';
comment on column public.follow_ups.leased_until is
  'Until when the claim holds; past it, any run may claim the row again.';

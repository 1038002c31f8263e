-- The people to call. A project that already has a leads table keeps it as it is: only missing
-- columns are added, and its own row level security and grants stay untouched.
do $$
declare
  is_new constant boolean := to_regclass('public.leads') is null;
begin
  if is_new then
    create table public.leads (
      id uuid primary key default gen_random_uuid(),
      stage text not null default 'new'
        constraint stage_is_known
        check (stage in ('new', 'contacted', 'visit_scheduled', 'visit_done', 'closed', 'lost'))
    );
    alter table public.leads enable row level security;
    create policy service_role_manages_leads on public.leads
      to service_role using (true) with check (true);
    revoke all on table public.leads from public, anon, authenticated;
  end if;
end
$$;

alter table public.leads
  add column if not exists created_at timestamptz not null default now(),
  add column if not exists updated_at timestamptz not null default now(),
  add column if not exists customer_name text,
  add column if not exists phone text,
  add column if not exists stage text not null default 'new',
  add column if not exists call_date timestamptz,
  add column if not exists source text,
  add column if not exists time_zone text,
  add column if not exists raw_payload jsonb not null default '{}';

grant select, insert, update, delete on table public.leads to service_role;

comment on table public.leads is
  'The people to call. Sales staff and their programs write it; Call Dispatch reads it, moves stage from new to contacted when a call is accepted, and merges raw_payload.dispatch.';
comment on column public.leads.id is 'Key of the lead.';
comment on column public.leads.created_at is 'When the lead was entered.';
comment on column public.leads.updated_at is
  'Last change by Call Dispatch or by another program that sets it.';
comment on column public.leads.customer_name is 'Name that the voice agent is given; may be empty.';
comment on column public.leads.phone is
  'Phone number as somebody wrote it: with + and country code, or national when dispatch_settings.default_country is set. Empty = not called.';
comment on column public.leads.stage is
  'Where the sale stands: new, contacted, visit_scheduled, visit_done, closed, lost. Follow-ups are seeded in the first three; closed and lost are never called.';
comment on column public.leads.call_date is
  'When the lead was last spoken to; null = never called, and only then a follow-up is seeded.';
comment on column public.leads.source is 'Where the lead came from, in the team''s own words.';
comment on column public.leads.time_zone is
  'IANA name of the lead''s time zone, such as Asia/Kolkata; null = the default.';
comment on column public.leads.raw_payload is
  'What other programs keep about the lead. Call Dispatch writes the key dispatch and leaves every other key alone.';

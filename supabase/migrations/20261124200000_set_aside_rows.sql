-- One bad row does not stop the others: a row of the app's tables that cannot be written, because a check or a
-- trigger of the app refuses it, is set aside, and the queue goes on without it.
create table public.set_aside_rows (
  row_id uuid primary key,
  kind text not null,
  error text not null,
  set_aside_at timestamptz not null default now(),
  until timestamptz not null,
  row_version text,
  constraint kind_is_known check (kind in ('follow_up', 'lead')),
  constraint error_is_short check (length(error) <= 500)
);

alter table public.set_aside_rows enable row level security;
create policy service_role_manages_set_aside_rows on public.set_aside_rows
  to service_role using (true) with check (true);
revoke all on table public.set_aside_rows from public, anon, authenticated;
grant select, insert, update, delete on table public.set_aside_rows to service_role;

comment on table public.set_aside_rows is
  'Follow-ups that could not be written and leads for which no follow-up could be made, because the database refused it: a check or a trigger of the app. Each is tried again after a while. To have one tried at once: update the follow-up, or delete its row here; of a lead, set until to now.';
comment on column public.set_aside_rows.row_id is
  'The follow-up or the lead. No reference: that would need a lock on the app''s table.';
comment on column public.set_aside_rows.kind is
  'follow_up: it could not be claimed, skipped, put off or freed. lead: no follow-up could be made for it.';
comment on column public.set_aside_rows.error is 'What the database said, cut to 500 characters.';
comment on column public.set_aside_rows.set_aside_at is 'When it was refused last.';
comment on column public.set_aside_rows.until is 'It is not tried before then.';
comment on column public.set_aside_rows.row_version is
  'Of a follow-up: its xmin when it was refused. Whoever changes the follow-up changes it, and it is tried again at once.';

create function public.set_aside(
  row_id uuid,
  kind text,
  error text,
  as_of timestamptz default now()
)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  -- So many are not the fault of a row. When that is mended, nobody should wait for an hour.
  many constant integer := 100;
  are_many boolean;
begin
  select count(*) = many into are_many
  from (
    select
    from public.set_aside_rows as aside
    where aside.until > set_aside.as_of
    limit many
  ) as others;

  insert into public.set_aside_rows (row_id, kind, error, set_aside_at, until, row_version)
  values (
    set_aside.row_id, set_aside.kind, left(set_aside.error, 500), set_aside.as_of,
    set_aside.as_of + case when are_many then interval '5 minutes' else interval '1 hour' end,
    (
      select follow_up.xmin::text
      from public.follow_ups as follow_up
      where follow_up.id = set_aside.row_id
    )
  )
  on conflict on constraint set_aside_rows_pkey do update
  set error = excluded.error,
    set_aside_at = excluded.set_aside_at,
    until = excluded.until,
    row_version = excluded.row_version;
end
$$;

revoke all on function public.set_aside from public, anon, authenticated;
grant execute on function public.set_aside to service_role;

comment on function public.set_aside is
  'Notes that a row of the app''s tables could not be written, and with what error, so that the others are not kept waiting: for an hour, or for five minutes when 100 are set aside already. kind: see set_aside_rows. Called by claim_due_follow_ups, seed_follow_ups and rescue_stale_attempts, which hold the row.';

create or replace view public.dispatchable_follow_ups
with (security_invoker = on)
as
select
  follow_up.id, follow_up.lead_id, follow_up.due_at, follow_up.lease_token, follow_up.leased_until,
  follow_up.is_callback
from public.follow_ups as follow_up
where follow_up.status = 'pending'
  and follow_up.channel = 'voice_call'
  -- Asked of each as one look by its key: as a join it may be planned, while call_attempts has no
  -- statistics yet, to read all live calls for each follow-up that is due.
  and (
    select attempt.id
    from public.call_attempts as attempt
    where attempt.follow_up_id = follow_up.id
      and attempt.status in ('sending', 'accepted', 'unknown')
    limit 1
  ) is null
  -- Also by its key, in a table that is empty as long as every row can be written. What an app has changed
  -- since is another version of the row, and is tried at once.
  and (
    select true
    from public.set_aside_rows as aside
    where aside.row_id = follow_up.id
      and aside.until > now()
      and aside.row_version = follow_up.xmin::text
  ) is not true
  -- One per lead: only the oldest. While a run works on that one, or it is held, the others wait.
  -- Asked as one look into the index on lead_id: as an anti join it is planned through the due index
  -- while the tables have no statistics yet, which takes time by the square of their size.
  and (
    follow_up.lead_id is null
    or follow_up.id = (
      select oldest.id
      from public.follow_ups as oldest
      where oldest.lead_id = follow_up.lead_id
        and oldest.status = 'pending'
        and oldest.channel = 'voice_call'
      order by oldest.due_at, oldest.id
      limit 1
    )
  );

-- What the app's database said when it refused somebody's rows may name them, and goes with the rest.
create or replace function public.forget_leads(
  lead_ids uuid[]
)
returns table (
  leads integer,
  follow_ups integer
)
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  pointing text;
  by_constraint text;
begin
  -- While the follow-ups are there to be asked whose they are. Of those that are gone already nobody can tell,
  -- and nothing of them is tried again.
  delete from public.set_aside_rows as aside
  where aside.row_id = any (forget_leads.lead_ids)
    or aside.row_id in (
      select follow_up.id
      from public.follow_ups as follow_up
      where follow_up.lead_id = any (forget_leads.lead_ids)
    )
    or not exists (select from public.follow_ups as follow_up where follow_up.id = aside.row_id)
      and not exists (select from public.leads as lead where lead.id = aside.row_id);
  begin
    -- First, because a project's own table may point at its leads without cascading.
    delete from public.follow_ups as follow_up
    where follow_up.lead_id = any (forget_leads.lead_ids);
    get diagnostics follow_ups = row_count;
    delete from public.leads as lead where lead.id = any (forget_leads.lead_ids);
    get diagnostics leads = row_count;
    -- A key of the app's that is asked at the end of the transaction is asked here.
    set constraints all immediate;
  exception
    when foreign_key_violation or restrict_violation then
      get stacked diagnostics
        pointing = table_name,
        by_constraint = constraint_name;
      raise exception
        'Cannot erase the person: the app''s table "%" points at the lead (constraint "%"), and nothing has been erased',
        pointing, by_constraint
        using hint = 'Delete those rows, or take the lead out of them, then ask again.';
  end;
  -- The follow-ups have noted their lead on their way out.
  delete from public.seed_candidates as noted where noted.lead_id = any (forget_leads.lead_ids);
  delete from public.shadow_decisions as noted where noted.lead_id = any (forget_leads.lead_ids);
  return next;
end
$$;

revoke all on function public.forget_leads from public, anon, authenticated;
grant execute on function public.forget_leads to service_role;

comment on function public.forget_leads is
  'Deletes leads, what waits for them, what was noted of them, and what the app''s database said of their rows (see set_aside_rows). Fails in words when a foreign key of the app forbids it. Called by erase_person.';

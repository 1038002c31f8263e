-- An app that merges two leads may move the follow-ups of one to the other: no index of ours refuses it.
create or replace function public.arrange_indexes()
returns text[]
language plpgsql
volatile
security invoker
set search_path = ''
-- Below deadlock_timeout (1 s): in a circle of waiting this gives up, and nobody else is ended.
set lock_timeout = '700ms'
as $$
declare
  wanted record;
  not_done text[] := array[]::text[];
begin
  for wanted in
    select *
    from (
      values
        -- call_queue, in the order of the claim. The last condition holds for every row, and only the view
        -- states it: to a planner without statistics each index of pending rows seems to hold one row, and
        -- to look up an id in it seems as good as in the key.
        (1, 'follow_ups_in_order_of_the_claim', true, '
create index follow_ups_in_order_of_the_claim on public.follow_ups (is_callback desc, due_at, id)
  where status = ''pending'' and channel = ''voice_call'' and is_callback is not null;'),
        -- In place of follow_ups_due_for_a_call, with such a condition.
        (2, 'follow_ups_due', true, '
create index follow_ups_due on public.follow_ups (due_at, id)
  where status = ''pending'' and channel = ''voice_call'' and due_at is not null;'),
        (3, 'follow_ups_due_for_a_call', false, '
drop index public.follow_ups_due_for_a_call;'),
        -- Counted from given_up_follow_ups. Without it an opening writes to no index of follow_ups.
        (4, 'follow_ups_failed_by_day', false, '
drop index public.follow_ups_failed_by_day;'),
        -- call_status: which time zones are stated? Of the zone''s beginning, because what a form lets
        -- through may be longer than an index can hold; no zone''s name is.
        (5, 'leads_by_stated_zone', true, '
create index leads_by_stated_zone on public.leads (left(time_zone::text, 64))
  where time_zone is not null;'),
        -- An app that merges two leads moves the follow-ups of one to the other, and both may have been seeded. That
        -- a lead is seeded once, its lock sees to, under which seed_follow_ups looks for an earlier one.
        (6, 'follow_ups_seeded_once_per_lead', false, '
drop index public.follow_ups_seeded_once_per_lead;')
    ) as step (position, name, is_wanted, statement)
    order by step.position
  loop
    continue when (to_regclass('public.' || wanted.name) is not null) = wanted.is_wanted
      -- The old one goes when the new one is there.
      or wanted.name = 'follow_ups_due_for_a_call' and to_regclass('public.follow_ups_due') is null;
    begin
      execute wanted.statement;
    exception
      when lock_not_available or insufficient_privilege then
        not_done := array_append(not_done, wanted.name);
      when invalid_object_definition then
        -- Zones kept as an enum cannot be indexed so: then call_status reads all leads.
        null;
    end;
  end loop;
  return not_done;
end
$$;

revoke all on function public.arrange_indexes from public, anon, authenticated;
grant execute on function public.arrange_indexes to service_role;

comment on function public.arrange_indexes is
  'Makes the indexes on leads and follow_ups that the views want, and drops those that nothing needs any more. Waits for a lock on the table for at most 0.7 s each; while an index is built, writes to the table wait. Returns those that were not done: another try may. Called by the last migrations and daily by purge_dispatch_history. To be run as the owner of the tables.';

do $$
declare
  not_done constant text[] := public.arrange_indexes();
begin
  if cardinality(not_done) > 0 then
    raise warning 'In use, and tried again at 03:17 UTC: % (or now: select public.arrange_indexes())',
      array_to_string(not_done, ', ');
  end if;
end
$$;

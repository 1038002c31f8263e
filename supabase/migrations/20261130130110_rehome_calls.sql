-- An app that merges two leads moves the follow-ups of one to the other and deletes it. What came of a call that was under
-- way was written to the lead that is gone: it was not tried again, nor was the lead that is kept marked as called.
create function public.rehome_calls(
  attempt_ids uuid[]
)
returns integer
language plpgsql
volatile
security invoker
set search_path = ''
-- A few rows of large tables: through indexes, whatever the statistics say or do not say yet.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
set max_parallel_workers_per_gather = 0
as $$
declare
  rehomed integer;
begin
  -- With all calls of that lead, or the tries of its person would be counted anew.
  with gone as materialized (
    select distinct named.lead_id
    from public.call_attempts as named
    where named.id = any (rehome_calls.attempt_ids)
      -- As long as the lead is there, the call is its own: the phone that rang was its.
      and not exists (select from public.leads as lead where lead.id = named.lead_id)
  )
  update public.call_attempts as attempt
  set lead_id = follow_up.lead_id
  from gone, public.follow_ups as follow_up
  where attempt.lead_id = gone.lead_id
    and attempt.status in ('sending', 'accepted', 'unknown', 'ended')
    and follow_up.id = attempt.follow_up_id
    and follow_up.lead_id <> attempt.lead_id;
  get diagnostics rehomed = row_count;
  return rehomed;
end
$$;

revoke all on function public.rehome_calls from public, anon, authenticated;
grant execute on function public.rehome_calls to service_role;

comment on function public.rehome_calls is
  'Gives the calls of those leads of these attempts that are gone to the lead that their follow-ups have been moved to, as an app does that merges two leads. Expects the attempts locked. Returns how many calls were moved. Called by mark_calls_placed, follow_settled_call, plan_recall and plan_callback.';

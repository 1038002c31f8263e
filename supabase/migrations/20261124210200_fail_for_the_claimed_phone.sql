-- A phone that is corrected between the claim and this keeps its follow-up.
create or replace function public.fail_follow_ups(
  items jsonb,
  run_id uuid default null,
  as_of timestamptz default now()
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
-- As in open_call_attempts: it is never an app's statement that dies.
set lock_timeout = '700ms'
as $$
declare
  failed_now integer;
begin
  with item as materialized (
    select item.*
    from jsonb_to_recordset(fail_follow_ups.items)
      as item (follow_up_id uuid, lease_token uuid, reason text, phone text)
  ),
  moved as (
    update public.follow_ups as follow_up
    -- A phone that has been corrected since the claim is not the one that was read: the next claim reads it.
    set status = case when phone.has_changed then follow_up.status else 'failed' end,
      reason = case when phone.has_changed then follow_up.reason else item.reason end,
      lease_token = null,
      leased_until = null,
      updated_at = fail_follow_ups.as_of
    from item
    cross join lateral (
      select item.phone is not null and item.phone is distinct from (
        select lead.phone::text
        from public.leads as lead
        join public.follow_ups as asked on asked.lead_id = lead.id
        where asked.id = item.follow_up_id
      ) as has_changed
    ) as phone
    where follow_up.id = item.follow_up_id
      and follow_up.lease_token = item.lease_token
      and follow_up.status = 'pending'
      and not exists (
        select
        from public.call_attempts as attempt
        where attempt.follow_up_id = follow_up.id
          and attempt.status in ('sending', 'accepted', 'unknown')
      )
    returning phone.has_changed
  )
  select count(*) filter (where not moved.has_changed) into failed_now from moved;

  update public.dispatch_runs as run
  set failed = run.failed + failed_now
  where run.id = fail_follow_ups.run_id and failed_now > 0;
  return failed_now;
end
$$;

revoke all on function public.fail_follow_ups from public, anon, authenticated;
grant execute on function public.fail_follow_ups to service_role;

comment on function public.fail_follow_ups is
  'Gives up claimed follow-ups that cannot be called, such as for a number that is not valid. items: array of {follow_up_id, lease_token, reason, phone (as the claim returned it; absent = not compared)}. One whose lead has another phone by now is given back instead. A row that is not claimed under that token stays as it is. Returns how many were failed.';

-- Several rows in no order: as in open_call_attempts, it is never an app's statement that dies.
alter function public.release_follow_ups(uuid[], timestamptz) set lock_timeout = '700ms';

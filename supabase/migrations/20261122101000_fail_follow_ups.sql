create function public.fail_follow_ups(
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
as $$
declare
  failed_now integer;
begin
  update public.follow_ups as follow_up
  set status = 'failed',
    reason = item.reason,
    lease_token = null,
    leased_until = null,
    updated_at = fail_follow_ups.as_of
  from jsonb_to_recordset(fail_follow_ups.items)
    as item (follow_up_id uuid, lease_token uuid, reason text)
  where follow_up.id = item.follow_up_id
    and follow_up.lease_token = item.lease_token
    and follow_up.status = 'pending'
    and not exists (
      select
      from public.call_attempts as attempt
      where attempt.follow_up_id = follow_up.id
        and attempt.status in ('sending', 'accepted', 'unknown')
    );
  get diagnostics failed_now = row_count;

  update public.dispatch_runs as run
  set failed = run.failed + failed_now
  where run.id = fail_follow_ups.run_id and failed_now > 0;
  return failed_now;
end
$$;

revoke all on function public.fail_follow_ups from public, anon, authenticated;
grant execute on function public.fail_follow_ups to service_role;

comment on function public.fail_follow_ups is
  'Gives up claimed follow-ups that cannot be called, such as for a number that is not valid. items: array of {follow_up_id, lease_token, reason}. A row that is not claimed under that token stays as it is. Returns how many were failed.';

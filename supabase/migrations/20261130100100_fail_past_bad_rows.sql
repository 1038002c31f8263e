-- A follow-up that cannot be given up, because the app's database refuses it, keeps no other from being given up.
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
  kept bigint;
  to_be_written bigint;
  refusal text;
begin
  -- Held until the end: what is set aside is the row that was refused.
  perform
  from public.follow_ups as follow_up
  where follow_up.id in (
    select item.follow_up_id
    from jsonb_to_recordset(fail_follow_ups.items) as item (follow_up_id uuid)
  )
  order by follow_up.id
  for update;

  begin
    with item as materialized (
      select item.*
      from jsonb_to_recordset(fail_follow_ups.items)
        as item (follow_up_id uuid, lease_token uuid, reason text, phone text)
    ),
    held as materialized (
      select
        follow_up.id, item.reason,
        item.phone is not null and item.phone is distinct from (
          select lead.phone::text from public.leads as lead where lead.id = follow_up.lead_id
        ) as has_changed
      from item
      join public.follow_ups as follow_up on follow_up.id = item.follow_up_id
      where follow_up.lease_token = item.lease_token
        and follow_up.status = 'pending'
        and not exists (
          select
          from public.call_attempts as attempt
          where attempt.follow_up_id = follow_up.id
            and attempt.status in ('sending', 'accepted', 'unknown')
        )
    ),
    moved as (
      update public.follow_ups as follow_up
      -- A phone that has been corrected since the claim is not the one that was read: the next claim reads it.
      set status = case when held.has_changed then follow_up.status else 'failed' end,
        reason = case when held.has_changed then follow_up.reason else held.reason end,
        lease_token = null,
        leased_until = null,
        updated_at = fail_follow_ups.as_of
      from held
      where follow_up.id = held.id
      returning held.has_changed, follow_up.status::text = 'failed' as has_failed
    )
    select
      count(*) filter (where moved.has_failed and not moved.has_changed),
      count(*) filter (where moved.has_failed or moved.has_changed),
      (select count(*) from held)
    into failed_now, kept, to_be_written
    from moved;
    perform public.assert_kept(to_be_written, kept);
  exception
    -- A check or a trigger of the app refuses one of these rows: each is failed by itself then, and the one that
    -- stands alone is set aside.
    when others then
      refusal := sqlerrm;
      if public.is_no_rows_fault(sqlstate) then
        raise;
      elsif jsonb_array_length(fail_follow_ups.items) > 1 then
        return (
          select sum(public.fail_follow_ups(
            jsonb_build_array(item.alone), fail_follow_ups.run_id, fail_follow_ups.as_of
          ))
          from jsonb_array_elements(fail_follow_ups.items) as item (alone)
        );
      else
        perform public.set_aside_claimed(
          (fail_follow_ups.items -> 0 ->> 'follow_up_id')::uuid, refusal, fail_follow_ups.as_of
        );
        return 0;
      end if;
  end;

  update public.dispatch_runs as run
  set failed = run.failed + failed_now
  where run.id = fail_follow_ups.run_id and failed_now > 0;
  return failed_now;
end
$$;

revoke all on function public.fail_follow_ups from public, anon, authenticated;
grant execute on function public.fail_follow_ups to service_role;

comment on function public.fail_follow_ups is
  'Gives up claimed follow-ups that cannot be called, such as for a number that is not valid. items: array of {follow_up_id, lease_token, reason, phone (as the claim returned it; absent = not compared)}. One whose lead has another phone by now is given back instead. A row that is not claimed under that token stays as it is. One that the database refuses to write, or does not keep as it was written (see assert_kept), is set aside (see set_aside_rows), and the others are failed. Returns how many were failed.';

create or replace function public.mark_calls_placed(
  attempt_ids uuid[],
  completing boolean default true,
  as_of timestamptz default now()
)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
-- A few rows of large tables: through indexes, whatever the statistics say or do not say yet.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_material = off
set enable_bitmapscan = off
set plan_cache_mode = force_generic_plan
set max_parallel_workers_per_gather = 0
set jit = off
as $$
declare
  completed integer;
  marked integer;
begin
  -- Follow-ups before leads, as in every function that writes both: two that meet then wait and do not
  -- deadlock. Only a person's cancellation stands against the call that was placed for a follow-up,
  -- whoever has claimed it meanwhile, and whatever an earlier report made of it.
  if mark_calls_placed.completing then
    with placed as materialized (
      select attempt.follow_up_id, attempt.opened_at
      from public.call_attempts as attempt
      where attempt.id = any (mark_calls_placed.attempt_ids)
    )
    update public.follow_ups as follow_up
    set status = 'completed',
      completed_at = placed.opened_at,
      reason = null,
      lease_token = null,
      leased_until = null,
      updated_at = mark_calls_placed.as_of
    from placed
    where follow_up.id = placed.follow_up_id
      and follow_up.status::text in ('pending', 'failed');
    get diagnostics completed = row_count;

    -- Asked only when one was passed over, because this is done for every few calls.
    if completed < cardinality(mark_calls_placed.attempt_ids) then
      begin
        with placed as materialized (
          select attempt.follow_up_id, attempt.lease_token, attempt.opened_at
          from public.call_attempts as attempt
          where attempt.id = any (mark_calls_placed.attempt_ids)
        )
        update public.follow_ups as follow_up
        set completed_at = coalesce(follow_up.completed_at, placed.opened_at),
          reason = concat('Its call was placed all the same, though it was ', follow_up.status),
          lease_token = null,
          leased_until = null,
          updated_at = mark_calls_placed.as_of
        from placed
        where follow_up.id = placed.follow_up_id
          -- Without the lease of this call it was completed by another one.
          and (
            follow_up.status::text not in ('pending', 'failed', 'completed')
            or follow_up.status::text = 'completed' and follow_up.lease_token = placed.lease_token
          );
      exception
        when lock_not_available or deadlock_detected then
          raise;
        -- The app may allow no change of what is closed. That the calls were placed must not be lost for it.
        when others then
          raise warning 'A closed follow-up does not say that its call was placed: %', sqlerrm;
      end;
    end if;
  end if;

  -- Once more where the app has merged a lead into another, be it while this waited for its row.
  for look in 1..2
  loop
    with placed as materialized (
      select attempt.id, attempt.follow_up_id, attempt.lead_id, attempt.request_id, attempt.opened_at
      from public.call_attempts as attempt
      where attempt.id = any (mark_calls_placed.attempt_ids)
    )
    update public.leads as lead
    set stage = case when lead.stage::text = 'new' then 'contacted' else lead.stage end,
      raw_payload = public.merge_payload(
        lead.raw_payload, 'dispatch',
        jsonb_build_object(
          'status', 'accepted',
          'request_id', newest.request_id,
          'attempt_id', newest.id,
          'follow_up_id', newest.follow_up_id,
          'dispatched_at', newest.opened_at
        )
      ),
      updated_at = mark_calls_placed.as_of
    from (
      select distinct on (placed.lead_id) placed.*
      from placed
      -- A late report of an older call says nothing about the newer one.
      where not exists (
        select
        from public.call_attempts as later
        where later.lead_id = placed.lead_id
          and later.status in ('accepted', 'ended')
          and (later.opened_at, later.id) > (placed.opened_at, placed.id)
      )
      order by placed.lead_id, placed.opened_at desc, placed.id desc
    ) as newest
    where lead.id = newest.lead_id;
    get diagnostics marked = row_count;
    exit when marked >= cardinality(mark_calls_placed.attempt_ids)
      or public.rehome_calls(mark_calls_placed.attempt_ids) = 0;
  end loop;
end
$$;

revoke all on function public.mark_calls_placed from public, anon, authenticated;
grant execute on function public.mark_calls_placed to service_role;

comment on function public.mark_calls_placed is
  'What follows when it is known that these attempts'' calls were placed, whoever told it: a call whose lead an app has merged into another becomes that one''s (see rehome_calls), the follow-up is completed, or, where somebody has closed it, keeps its status and says in completed_at and reason that it was called, the lead moves from new to contacted, and raw_payload.dispatch tells of the newest. completing false: the follow-up is left alone, because it was completed before, and a person may have reopened it since. Called by record_dispatch_results, settle_call and resolve_call_attempt.';

-- Who asked to be called at a certain time is called before everybody else.
create or replace view public.dispatchable_follow_ups
with (security_invoker = on)
as
select
  follow_up.id, follow_up.lead_id, follow_up.due_at, follow_up.lease_token, follow_up.leased_until,
  follow_up.is_callback
from public.follow_ups as follow_up
where follow_up.status = 'pending'
  and follow_up.channel = 'voice_call'
  and not exists (
    select
    from public.call_attempts as attempt
    where attempt.follow_up_id = follow_up.id
      and attempt.status in ('sending', 'accepted', 'unknown')
  )
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

create or replace function public.claim_due_follow_ups(
  batch_size integer default 20,
  lease interval default '2 minutes',
  run_id uuid default null,
  as_of timestamptz default now()
)
returns table (
  follow_up_id uuid,
  lead_id uuid,
  lease_token uuid,
  due_at timestamptz,
  attempts integer,
  message text,
  phone text,
  customer_name text,
  default_country text
)
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
  settings public.dispatch_settings;
  wanted integer := least(claim_due_follow_ups.batch_size, 500);
  picked_size integer;
  picked_ids uuid[];
  claimed_now integer;
  claimed_in_all integer := 0;
  skipped_now integer;
  skipped_in_all integer := 0;
begin
  select * into strict settings from public.dispatch_settings;
  if settings.max_concurrent_calls is not null then
    -- Counting and claiming must be one act: two claims that count at the same time would share
    -- the same free slot. Without a limit there is nothing to count, and claims run side by side.
    select * into strict settings from public.dispatch_settings for update;
    wanted := least(wanted, public.free_call_slots(claim_due_follow_ups.as_of));
  end if;
  if settings.paused or wanted <= 0 then
    return;
  end if;

  -- Leads that must not be called are closed on the way and use up nothing of the batch. Each round
  -- that finds only such leads doubles its reach, so that a long run of them costs few rounds; the
  -- rounds end after two seconds, far below the statement timeout.
  picked_size := wanted;
  loop
    -- A promised time goes before all that has waited longer. Two looks, each into an index of its own
    -- that leads with due_at: one index over both would be read through from its beginning.
    with called_back as materialized (
      select candidate.id
      from public.dispatchable_follow_ups as candidate
      where candidate.is_callback
        and candidate.due_at <= claim_due_follow_ups.as_of
        and (
          candidate.leased_until is null or candidate.leased_until <= claim_due_follow_ups.as_of
        )
      order by candidate.due_at, candidate.id
      for update skip locked
      limit picked_size
    ),
    others as materialized (
      select candidate.id
      from public.dispatchable_follow_ups as candidate
      where not candidate.is_callback
        and candidate.due_at <= claim_due_follow_ups.as_of
        and (
          candidate.leased_until is null or candidate.leased_until <= claim_due_follow_ups.as_of
        )
      order by candidate.due_at, candidate.id
      for update skip locked
      limit picked_size - (select count(*) from called_back)
    ),
    picked as materialized (
      select called_back.id from called_back
      union all
      select others.id from others
    ),
    judged as materialized (
      select
        picked.id,
        case
          when lead.id is null then 'Lead does not exist'
          else public.lead_refusal_reason(
            lead.stage::text, lead.phone::text, lead.call_date, follow_up.source::text
          )
        end as reason
      from picked
      join public.follow_ups as follow_up on follow_up.id = picked.id
      left join public.leads as lead on lead.id = follow_up.lead_id
    ),
    skipped as (
      update public.follow_ups as follow_up
      set status = 'skipped',
        reason = judged.reason,
        lease_token = null,
        leased_until = null,
        updated_at = claim_due_follow_ups.as_of
      from judged
      where follow_up.id = judged.id and judged.reason is not null
      returning follow_up.id
    ),
    callable as (
      select follow_up.id
      from judged
      join public.follow_ups as follow_up on follow_up.id = judged.id
      where judged.reason is null
      order by follow_up.is_callback desc, follow_up.due_at, follow_up.id
      limit wanted - claimed_in_all
    ),
    claimed as (
      update public.follow_ups as follow_up
      set lease_token = gen_random_uuid(),
        leased_until = claim_due_follow_ups.as_of + claim_due_follow_ups.lease
      from callable
      where follow_up.id = callable.id
      returning follow_up.id
    )
    select (select array_agg(claimed.id) from claimed), (select count(*) from skipped)
    into picked_ids, skipped_now;

    claimed_now := coalesce(cardinality(picked_ids), 0);
    claimed_in_all := claimed_in_all + claimed_now;
    skipped_in_all := skipped_in_all + skipped_now;

    return query
      select
        follow_up.id, follow_up.lead_id, follow_up.lease_token, follow_up.due_at::timestamptz,
        coalesce(follow_up.attempts, 0)::integer, follow_up.message::text, lead.phone::text, lead.customer_name::text,
        settings.default_country
      from public.follow_ups as follow_up
      join public.leads as lead on lead.id = follow_up.lead_id
      where follow_up.id = any (picked_ids)
      order by follow_up.is_callback desc, follow_up.due_at, follow_up.id;

    exit when claimed_in_all >= wanted
      or skipped_now = 0
      or clock_timestamp() - statement_timestamp() > interval '2 seconds';
    picked_size := case
      when claimed_now = 0 then least(picked_size * 2, 1000)
      else wanted - claimed_in_all
    end;
  end loop;

  update public.dispatch_runs as run
  set claimed = run.claimed + claimed_in_all,
    skipped = run.skipped + skipped_in_all
  where run.id = claim_due_follow_ups.run_id and claimed_in_all + skipped_in_all > 0;
end
$$;

revoke all on function public.claim_due_follow_ups from public, anon, authenticated;
grant execute on function public.claim_due_follow_ups to service_role;

comment on function public.claim_due_follow_ups is
  'Takes up to batch_size (at most 500) due follow-ups under a fresh lease token each, callbacks before all others and then the oldest first, one per lead, and closes as skipped those whose lead must not be called. Locks the rows it takes and passes over rows that others hold. Returns the claimed rows; none when paused, when no slot is free or when nothing is due: dispatch_backlog tells which.';

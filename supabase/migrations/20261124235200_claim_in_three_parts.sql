-- Which errors are no row's fault stands once. The claim's three tasks are three functions: to find and lock what is
-- due, to judge and lease it, and to go on past what the database refuses.
create function public.is_no_rows_fault(
  sqlstate text
)
returns boolean
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  return left(is_no_rows_fault.sqlstate, 2) in ('40', '53', '57')
    or is_no_rows_fault.sqlstate in ('55P03', '42501', 'CD001');
end
$$;

revoke all on function public.is_no_rows_fault from public, anon, authenticated;
grant execute on function public.is_no_rows_fault to service_role;

comment on function public.is_no_rows_fault is
  'True when an error with this SQLSTATE concerns no row by itself, so that none is to be set aside for it. Either it passes, and whoever called asks again: a deadlock or a failure of serialization (40…), no memory or connection (53…), a server that ends (57…), a lock that was not to be had (55P03). Or the operator has to mend it, and the run has to say so: a grant that is missing (42501), or a part of the engine itself (CD001). Asked where a row that is refused is set aside: claim_follow_ups_apart, seed_follow_ups, free_follow_ups, open_call_attempts and set_aside_claimed.';

create function public.assert_kept(
  written bigint,
  kept bigint
)
returns void
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  if assert_kept.kept is distinct from assert_kept.written then
    raise exception 'A trigger of the app did not keep what was written';
  end if;
end
$$;

revoke all on function public.assert_kept from public, anon, authenticated;
grant execute on function public.assert_kept to service_role;

comment on function public.assert_kept is
  'Raises unless as many rows stand as they were written: a trigger of the app may leave a row as it was, or write something else in it, and what is then still due would be taken again and again. Called by what writes follow-ups and goes on past a row that is refused: such a row is no other than one that a check refuses.';

create function public.claim_follow_ups(
  follow_up_ids uuid[],
  most integer,
  lease interval,
  as_of timestamptz default now()
)
returns table (
  claimed_ids uuid[],
  skipped integer,
  put_off integer
)
language plpgsql
volatile
rows 1
security invoker
set search_path = ''
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
set enable_material = off
set enable_bitmapscan = off
set plan_cache_mode = force_generic_plan
set max_parallel_workers_per_gather = 0
as $$
declare
  settings public.dispatch_settings;
  to_be_written bigint;
begin
  select * into strict settings from public.dispatch_settings;

  with judged as materialized (
    select
      picked.id, follow_up.due_at::timestamptz as due_at, refusal.reason, refusal.until,
      refusal.zones, refusal.ending, lead.phone::text as phone
    from unnest(claim_follow_ups.follow_up_ids) as picked (id)
    join public.follow_ups as follow_up on follow_up.id = picked.id
    left join public.leads as lead on lead.id = follow_up.lead_id
    left join lateral public.call_refusal(
      follow_up, lead,
      public.number_as_written(lead.phone::text),
      claim_follow_ups.as_of
    ) as refusal on true
  ),
  skipped as (
    update public.follow_ups as follow_up
    -- With the column among its results, the words are of its type: it may be an enum of the app's.
    set status = case judged.ending
        when 'failed' then 'failed'
        when 'skipped' then 'skipped'
        else follow_up.status
      end,
      reason = judged.reason,
      lease_token = null,
      leased_until = null,
      updated_at = claim_follow_ups.as_of
    from judged
    where follow_up.id = judged.id and judged.reason is not null and judged.until is null
    returning follow_up.status::text is not distinct from judged.ending as is_kept
  ),
  -- What may not be called yet is not looked at again before it may: it stands in nobody's way. Spread
  -- over some minutes, because the hours of many open at the same moment.
  put_off as (
    update public.follow_ups as follow_up
    set due_at = judged.until + random() * settings.hours_jitter
        * (judged.reason = 'Outside the calling hours')::integer,
      first_due_at = coalesce(follow_up.first_due_at, judged.due_at),
      reason = judged.reason,
      lease_token = null,
      leased_until = null,
      updated_at = claim_follow_ups.as_of
    from judged
    where follow_up.id = judged.id and judged.until is not null
    returning follow_up.due_at::timestamptz > claim_follow_ups.as_of as is_kept
  ),
  remembered as (
    insert into public.calling_openings (hours_key, zones, closed_from, opens_at)
    select distinct on (closed.hours_key, closed.zones)
      closed.hours_key, closed.zones, claim_follow_ups.as_of, closed.until
    from (
      select
        public.hours_key(written.number, public.number_country(written.number)) as hours_key,
        judged.zones, judged.until
      from judged
      cross join lateral (
        select public.number_as_written(judged.phone) as number
      ) as written
      where judged.reason = 'Outside the calling hours'
    ) as closed
    -- What is remembered already is not written again: claims that run side by side would wait.
    where not exists (
      select
      from public.calling_openings as known
      where known.hours_key = closed.hours_key
        and known.zones = closed.zones
        and known.closed_from <= claim_follow_ups.as_of
        and known.opens_at > claim_follow_ups.as_of
    )
    on conflict (hours_key, zones) do update
    set closed_from = excluded.closed_from,
      opens_at = excluded.opens_at
    where calling_openings.opens_at <= excluded.closed_from
      or calling_openings.closed_from > excluded.closed_from
  ),
  callable as (
    select follow_up.id
    from judged
    join public.follow_ups as follow_up on follow_up.id = judged.id
    where judged.reason is null
    order by follow_up.is_callback desc, follow_up.due_at, follow_up.id
    limit claim_follow_ups.most
  ),
  claimed as (
    update public.follow_ups as follow_up
    set lease_token = gen_random_uuid(),
      leased_until = claim_follow_ups.as_of + claim_follow_ups.lease
    from callable
    where follow_up.id = callable.id
    returning
      follow_up.id,
      follow_up.lease_token is not null and follow_up.leased_until is not null as is_kept
  )
  select
    array(select claimed.id from claimed where claimed.is_kept),
    (select count(*) from skipped where skipped.is_kept)::integer,
    (select count(*) from put_off where put_off.is_kept)::integer,
    (select count(*) from judged where judged.reason is not null)
      + (select count(*) from callable)
  into claimed_ids, skipped, put_off, to_be_written;

  perform public.assert_kept(to_be_written, cardinality(claimed_ids) + skipped + put_off);
  return next;
end
$$;

revoke all on function public.claim_follow_ups from public, anon, authenticated;
grant execute on function public.claim_follow_ups to service_role;

comment on function public.claim_follow_ups is
  'Judges these due follow-ups, which the caller has locked, by call_refusal: closes as skipped or failed those that may never be called, puts off those that may not be called now, and gives at most `most` of the others a lease, callbacks before all others and then the oldest first. claimed_ids: those. Fails when a trigger of the app does not keep one of these changes (see assert_kept). Called by claim_follow_ups_apart.';

create function public.claim_follow_ups_apart(
  follow_up_ids uuid[],
  most integer,
  lease interval,
  as_of timestamptz default now()
)
returns table (
  claimed_ids uuid[],
  skipped integer,
  put_off integer,
  set_aside integer
)
language plpgsql
volatile
rows 1
security invoker
set search_path = ''
as $$
declare
  left_over uuid[] := claim_follow_ups_apart.follow_up_ids;
  part uuid[];
  part_size integer := cardinality(claim_follow_ups_apart.follow_up_ids);
  written record;
begin
  claimed_ids := '{}';
  skipped := 0;
  put_off := 0;
  set_aside := 0;
  while cardinality(left_over) > 0 loop
    part := left_over[1:part_size];
    -- The rows are locked already and stay so when the block fails: what is set aside is the row that was
    -- refused, and not one that another claim has left in its place.
    begin
      select * into strict written
      from public.claim_follow_ups(
        part, claim_follow_ups_apart.most - cardinality(claimed_ids), claim_follow_ups_apart.lease,
        claim_follow_ups_apart.as_of
      );
      claimed_ids := claimed_ids || written.claimed_ids;
      skipped := skipped + written.skipped;
      put_off := put_off + written.put_off;
      left_over := left_over[part_size + 1:];
      part_size := part_size * 2;
    exception
      -- A check or a trigger of the app refuses one of these rows. The rows before it are written in smaller
      -- parts, until it stands alone; the others go on without it.
      when others then
        if public.is_no_rows_fault(sqlstate) then
          raise;
        elsif cardinality(part) > 1 then
          part_size := cardinality(part) / 2;
        else
          perform public.set_aside(part[1], 'follow_up', sqlerrm, claim_follow_ups_apart.as_of);
          set_aside := set_aside + 1;
          left_over := left_over[2:];
        end if;
    end;
    exit when cardinality(claimed_ids) >= claim_follow_ups_apart.most;
    exit when cardinality(claimed_ids) + skipped + put_off + set_aside > 0
      and clock_timestamp() - statement_timestamp() > interval '2 seconds';
  end loop;
  return next;
end
$$;

revoke all on function public.claim_follow_ups_apart from public, anon, authenticated;
grant execute on function public.claim_follow_ups_apart to service_role;

comment on function public.claim_follow_ups_apart is
  'As claim_follow_ups, and past the rows that the database refuses to write: those are set aside (see set_aside_rows), and the others are claimed. Two seconds after the beginning of the statement it ends as soon as it has come further; what is left is not touched. Called by claim_due_follow_ups.';

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
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
set enable_material = off
set enable_bitmapscan = off
set plan_cache_mode = force_generic_plan
set max_parallel_workers_per_gather = 0
as $$
declare
  settings public.dispatch_settings;
  wanted integer := least(claim_due_follow_ups.batch_size, 500);
  picked_size integer;
  due_ids uuid[];
  written record;
  claimed_now integer;
  claimed_in_all integer := 0;
  skipped_in_all integer := 0;
  put_off_in_all integer := 0;
begin
  select * into strict settings from public.dispatch_settings;
  if public.is_allowance_bounded(
    claim_due_follow_ups.run_id, as_of => claim_due_follow_ups.as_of
  ) then
    -- Counting and claiming must be one act: two claims that count at the same time would share
    -- what is left. Without a limit there is nothing to count, and claims run side by side. Not by a lock
    -- on the settings: whoever leaves a change of them uncommitted would stop all calls.
    perform pg_advisory_xact_lock(hashtext('call_dispatch.claim_due_follow_ups'));
    select * into strict settings from public.dispatch_settings;
    -- No bound any more is null, which the least of several passes over.
    select least(wanted, allowance.calls) into wanted
    from public.call_allowance(
      claim_due_follow_ups.run_id, as_of => claim_due_follow_ups.as_of
    ) as allowance;
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
    )
    select array(select called_back.id from called_back union all select others.id from others)
    into due_ids;

    select * into strict written
    from public.claim_follow_ups_apart(
      due_ids, wanted - claimed_in_all, claim_due_follow_ups.lease, claim_due_follow_ups.as_of
    );
    claimed_now := cardinality(written.claimed_ids);
    claimed_in_all := claimed_in_all + claimed_now;
    skipped_in_all := skipped_in_all + written.skipped;
    put_off_in_all := put_off_in_all + written.put_off;

    return query
      select
        follow_up.id, follow_up.lead_id, follow_up.lease_token, follow_up.due_at::timestamptz,
        coalesce(follow_up.attempts, 0)::integer, follow_up.message::text,
        -- The app may have emptied it at this moment: read as no number, and given back for having changed.
        coalesce(lead.phone::text, ''), lead.customer_name::text, settings.default_country
      from public.follow_ups as follow_up
      join public.leads as lead on lead.id = follow_up.lead_id
      where follow_up.id = any (written.claimed_ids)
      order by follow_up.is_callback desc, follow_up.due_at, follow_up.id;

    exit when claimed_in_all >= wanted
      or written.skipped + written.put_off + written.set_aside = 0
      or clock_timestamp() - statement_timestamp() > interval '2 seconds';
    picked_size := case
      when claimed_now = 0 then least(picked_size * 2, 1000)
      else wanted - claimed_in_all
    end;
  end loop;

  update public.dispatch_runs as run
  set claimed = run.claimed + claimed_in_all,
    skipped = run.skipped + skipped_in_all,
    put_off = run.put_off + put_off_in_all
  where run.id = claim_due_follow_ups.run_id
    and claimed_in_all + skipped_in_all + put_off_in_all > 0;
end
$$;

revoke all on function public.claim_due_follow_ups from public, anon, authenticated;
grant execute on function public.claim_due_follow_ups to service_role;

comment on function public.claim_due_follow_ups is
  'Takes up to batch_size (at most 500) due follow-ups under a fresh lease token each, callbacks before all others and then the oldest first, one per lead, closes as skipped or failed those that may never be called, and puts off those that may not be called now: see call_refusal. Locks the rows it takes and passes over rows that others hold. A row that the database refuses to write is set aside (see set_aside_rows), and the others are claimed. Returns the claimed rows; none when paused, when call_allowance leaves no call or when nothing is due: claim_stop_reason tells which.';

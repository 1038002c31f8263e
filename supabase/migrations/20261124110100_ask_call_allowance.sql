-- The claim and the dry run keep to the limits of the whole account.

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
set jit = off
as $$
declare
  settings public.dispatch_settings;
  wanted integer := least(claim_due_follow_ups.batch_size, 500);
  picked_size integer;
  picked_ids uuid[];
  claimed_now integer;
  claimed_in_all integer := 0;
  skipped_now integer;
  put_off_now integer;
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
    ),
    picked as materialized (
      select called_back.id from called_back
      union all
      select others.id from others
    ),
    judged as materialized (
      select
        picked.id, follow_up.due_at::timestamptz as due_at, refusal.reason, refusal.until,
        refusal.zones, refusal.ending,
        public.number_as_written(lead.phone::text) as number
      from picked
      join public.follow_ups as follow_up on follow_up.id = picked.id
      left join public.leads as lead on lead.id = follow_up.lead_id
      left join lateral public.call_refusal(
        follow_up, lead,
        public.number_as_written(lead.phone::text),
        claim_due_follow_ups.as_of
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
        updated_at = claim_due_follow_ups.as_of
      from judged
      where follow_up.id = judged.id and judged.reason is not null and judged.until is null
      returning follow_up.id
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
        updated_at = claim_due_follow_ups.as_of
      from judged
      where follow_up.id = judged.id and judged.until is not null
      returning follow_up.id
    ),
    remembered as (
      insert into public.calling_openings (hours_key, zones, closed_from, opens_at)
      select distinct on (closed.hours_key, closed.zones)
        closed.hours_key, closed.zones, claim_due_follow_ups.as_of, closed.until
      from (
        select public.hours_key(
          judged.number, public.number_country(judged.number)
        ) as hours_key, judged.zones, judged.until
        from judged
        where judged.reason = 'Outside the calling hours'
      ) as closed
      -- What is remembered already is not written again: claims that run side by side would wait.
      where not exists (
        select
        from public.calling_openings as known
        where known.hours_key = closed.hours_key
          and known.zones = closed.zones
          and known.closed_from <= claim_due_follow_ups.as_of
          and known.opens_at > claim_due_follow_ups.as_of
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
    select
      (select array_agg(claimed.id) from claimed),
      (select count(*) from skipped), (select count(*) from put_off)
    into picked_ids, skipped_now, put_off_now;

    claimed_now := coalesce(cardinality(picked_ids), 0);
    claimed_in_all := claimed_in_all + claimed_now;
    skipped_in_all := skipped_in_all + skipped_now;
    put_off_in_all := put_off_in_all + put_off_now;

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
      or skipped_now + put_off_now = 0
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
  'Takes up to batch_size (at most 500) due follow-ups under a fresh lease token each, callbacks before all others and then the oldest first, one per lead, closes as skipped or failed those that may never be called, and puts off those that may not be called now: see call_refusal. Locks the rows it takes and passes over rows that others hold. Returns the claimed rows; none when paused, when call_allowance leaves no call or when nothing is due: claim_stop_reason tells which.';

create function public.waits_for_an_older(
  follow_up_id uuid,
  as_of timestamptz default now()
)
returns boolean
language sql
stable
security invoker
set search_path = ''
-- A few rows of large tables: through indexes, whatever the statistics say or do not say yet.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
  select exists (
    select
    from public.follow_ups as younger
    join public.follow_ups as older
      on older.lead_id = younger.lead_id
      and (older.due_at, older.id) < (younger.due_at, younger.id)
    join public.leads as lead on lead.id = older.lead_id
    where younger.id = waits_for_an_older.follow_up_id
      and older.status = 'pending'
      and older.channel = 'voice_call'
      and (
        older.leased_until > waits_for_an_older.as_of
        or (
          select attempt.id
          from public.call_attempts as attempt
          where attempt.follow_up_id = older.id
            and attempt.status in ('sending', 'accepted', 'unknown')
          limit 1
        ) is not null
        -- What may not be called is closed or put off by the claim, which then looks at the next.
        or not exists (
          select
          from public.call_refusal(
            older, lead, public.number_as_written(lead.phone::text), waits_for_an_older.as_of
          )
        )
      )
  )
$$;

revoke all on function public.waits_for_an_older from public, anon, authenticated;
grant execute on function public.waits_for_an_older to service_role;

comment on function public.waits_for_an_older is
  'True when the lead has an older pending voice follow-up that is called first: a run works on it, its call is under way, or it may be called at as_of. False for one whose older ones may not be called, because the claim closes or puts off those and takes this one. Asked by preview_dispatch and call_queue.';

create or replace function public.preview_dispatch(
  batch_size integer default 500,
  as_of timestamptz default now()
)
returns table (
  follow_up_id uuid,
  lead_id uuid,
  due_at timestamptz,
  customer_name text,
  phone text,
  default_country text,
  refusal text
)
language sql
stable
security invoker
set search_path = ''
set jit = off
as $$
  with settings as (
    select * from public.dispatch_settings
  ),
  allowance as materialized (
    select *
    from public.call_allowance(
      '00000000-0000-0000-0000-000000000000', as_of => preview_dispatch.as_of
    )
  ),
  -- Two looks, as the claim: callbacks go before all that has waited longer.
  due as (
    (
      select follow_up.id, follow_up.lead_id, follow_up.due_at::timestamptz as due_at,
        follow_up.leased_until, follow_up.reason, follow_up.is_callback
      from public.follow_ups as follow_up
      where follow_up.status = 'pending'
        and follow_up.channel = 'voice_call'
        and follow_up.is_callback
        and follow_up.due_at <= preview_dispatch.as_of
      order by follow_up.due_at, follow_up.id
      limit least(preview_dispatch.batch_size, 500)
    )
    union all
    (
      select follow_up.id, follow_up.lead_id, follow_up.due_at::timestamptz as due_at,
        follow_up.leased_until, follow_up.reason, follow_up.is_callback
      from public.follow_ups as follow_up
      where follow_up.status = 'pending'
        and follow_up.channel = 'voice_call'
        and not follow_up.is_callback
        and follow_up.due_at <= preview_dispatch.as_of
      order by follow_up.due_at, follow_up.id
      limit least(preview_dispatch.batch_size, 500)
    )
  ),
  to_seed as (
    select distinct null::uuid as id, lead.id as lead_id, preview_dispatch.as_of as due_at
    from (
      select candidate.lead_id
      from public.seed_candidates as candidate
      order by candidate.id
      limit least(preview_dispatch.batch_size, 500)
    ) as candidate
    join public.leads as lead on lead.id = candidate.lead_id
    where public.is_seedable_lead(lead.stage::text, lead.phone::text, lead.call_date)
      and not exists (
        select
        from public.follow_ups as follow_up
        where follow_up.lead_id = lead.id and public.blocks_seeding(follow_up.status::text)
      )
      and not public.was_called(lead.id)
  ),
  listed as (
    select
      due.id, due.lead_id, due.due_at, due.is_callback,
      case
        when due.leased_until > preview_dispatch.as_of then 'Another run is working on it'
        when exists (
          select from public.dispatchable_follow_ups as open_one where open_one.id = due.id
        ) then null
        when exists (
          select
          from public.call_attempts as attempt
          where attempt.follow_up_id = due.id
            and attempt.status in ('sending', 'accepted', 'unknown')
        ) then coalesce(due.reason, 'Its call is under way')
        when public.waits_for_an_older(due.id, preview_dispatch.as_of)
          then 'An older follow-up of the same lead comes first'
      end as wait
    from due
    union all
    select to_seed.id, to_seed.lead_id, to_seed.due_at, false, null from to_seed
  ),
  judged as (
    select
      listed.*, lead.customer_name::text as customer_name, lead.phone::text as phone,
      coalesce(
        case when refusal.until is null then refusal.reason end,
        listed.wait,
        refusal.reason,
        case when settings.paused then 'Paused: dispatch_settings.paused is true' end
      ) as refusal
    from listed
    left join public.leads as lead on lead.id = listed.lead_id
    left join public.follow_ups as follow_up on follow_up.id = listed.id
    cross join settings
    left join lateral public.call_refusal(
      follow_up, lead, public.number_as_written(lead.phone::text),
      preview_dispatch.as_of
    ) as refusal on true
  )
  select
    judged.id, judged.lead_id, judged.due_at, judged.customer_name, judged.phone,
    settings.default_country,
    case
      when judged.refusal is not null then judged.refusal
      -- As many as may be called, in the order of the claim.
      when count(*) filter (where judged.refusal is null) over (
        order by judged.is_callback desc, judged.due_at, judged.id
      ) > allowance.calls then allowance.reason
    end
  from judged
  cross join settings
  cross join allowance
  order by judged.is_callback desc, judged.due_at, judged.id
  limit least(preview_dispatch.batch_size, 500)
$$;

revoke all on function public.preview_dispatch from public, anon, authenticated;
grant execute on function public.preview_dispatch to service_role;

comment on function public.preview_dispatch is
  'For the dry run: the follow-ups that are due at as_of and those that would be seeded (follow_up_id null), at most batch_size and 500, in the order of the claim, each with why it would not be called, or null: what call_refusal says, or that call_allowance leaves no more calls. Changes and locks nothing. Whether the number is valid and free is not judged here: see numbers_in_live_calls.';

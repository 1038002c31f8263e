-- Between the claim and the opening an app may give a follow-up a later time or another channel: it does not ring today
-- then. And a row that can be claimed but not opened, because the app's database refuses it, keeps nobody else from
-- being called.
create function public.set_aside_claimed(
  follow_up_id uuid,
  error text,
  as_of timestamptz default now()
)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  -- First, because the row is tried again as soon as it is changed.
  begin
    update public.follow_ups as follow_up
    set lease_token = null,
      leased_until = null,
      updated_at = set_aside_claimed.as_of
    where follow_up.id = set_aside_claimed.follow_up_id;
  exception
    when others then
      if public.is_no_rows_fault(sqlstate) then
        raise;
      end if;
      raise warning 'A lease is not given back and ends by itself: %', sqlerrm;
  end;
  perform public.set_aside(
    set_aside_claimed.follow_up_id, 'follow_up', set_aside_claimed.error, set_aside_claimed.as_of
  );
end
$$;

revoke all on function public.set_aside_claimed from public, anon, authenticated;
grant execute on function public.set_aside_claimed to service_role;

comment on function public.set_aside_claimed is
  'Gives back the lease of a follow-up that could be claimed and not opened, and sets it aside with that error. The caller holds the row. Called by open_call_attempts.';
comment on function public.set_aside is
  'Notes that a row of the app''s tables could not be written, and with what error, so that the others are not kept waiting: for an hour, or for five minutes when 100 are set aside already. kind: see set_aside_rows. Called by claim_follow_ups_apart, seed_follow_ups, free_follow_ups and set_aside_claimed; the caller holds the row.';
comment on column public.set_aside_rows.kind is
  'follow_up: it could not be claimed, opened, skipped, put off or freed. lead: no follow-up could be made for it.';

create or replace function public.open_call_attempts(
  items jsonb,
  run_id uuid default null,
  sending_for interval default '2 minutes',
  as_of timestamptz default now()
)
returns table (
  attempt_id uuid,
  follow_up_id uuid
)
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
-- Below the second after which PostgreSQL ends one of two that wait for each other: it is never an app's
-- statement that dies. Whoever called asks again.
set lock_timeout = '700ms'
as $$
declare
  settings public.dispatch_settings;
  may_open integer;
  judged_at timestamptz;
  skipped_now integer;
  kept bigint;
  to_be_written bigint;
  refusal text;
begin
  -- The lock comes in a statement of its own: the next one then sees what whoever held the row before
  -- has done, such as an earlier call with these very items whose answer was lost.
  perform
  from public.follow_ups as follow_up
  where follow_up.id in (
    select requested.follow_up_id
    from jsonb_to_recordset(open_call_attempts.items) as requested (follow_up_id uuid)
  )
  order by follow_up.id
  for update;

  -- A run opens several flocks at once: counting and opening must be one act.
  perform
  from public.dispatch_runs as run
  where run.id = open_call_attempts.run_id
    and exists (
      select from public.dispatch_settings as limited where limited.max_calls_per_run is not null
    )
  for update;
  -- Asked for only now: whoever has stopped the calls, or whose lease has run out, while this waited must
  -- not see one begin.
  select * into strict settings from public.dispatch_settings;
  judged_at := open_call_attempts.as_of + (clock_timestamp() - now());
  if settings.max_calls_per_run is not null and open_call_attempts.run_id is not null then
    select greatest(0, settings.max_calls_per_run - count(*)) into may_open
    from public.dispatch_runs as run
    join public.call_attempts as attempt
      on attempt.run_id = run.id
      and attempt.opened_at >= run.started_at
      and attempt.status in ('sending', 'accepted', 'unknown', 'ended')
    where run.id = open_call_attempts.run_id;
  end if;

  begin
    with item as materialized (
      select distinct on (requested.follow_up_id) requested.*
      from jsonb_to_recordset(open_call_attempts.items)
        as requested (attempt_id uuid, follow_up_id uuid, lease_token uuid, to_number text, phone text)
      order by requested.follow_up_id
    ),
    -- Found by their keys and judged afterwards: with the lease among the conditions the planner likes the
    -- index over leases better, which holds what all runs have claimed.
    found as materialized (
      select
        follow_up.id, follow_up.lead_id, follow_up.status::text as status, follow_up.lease_token,
        follow_up.leased_until
      from public.follow_ups as follow_up
      where follow_up.id = any (array(select item.follow_up_id from item))
    ),
    held as materialized (
      select found.id, found.lead_id
      from found
      join item on item.follow_up_id = found.id and item.lease_token = found.lease_token
      where found.status = 'pending'
        and found.leased_until > judged_at
        -- Looked up for each, by its key: as a join it may be planned, in a young project, to read all live
        -- calls.
        and (
          select attempt.id
          from public.call_attempts as attempt
          where attempt.follow_up_id = found.id
            and attempt.status in ('sending', 'accepted', 'unknown')
          limit 1
        ) is null
    ),
    judged as materialized (
      select
        item.attempt_id, item.follow_up_id, item.lease_token, item.to_number, held.lead_id,
        follow_up.due_at::timestamptz as due_at, refusal.reason as refusal, refusal.until, refusal.ending,
        settings.paused
          or plan.has_changed
          or row_number() over (
            partition by refusal.reason is null and not plan.has_changed
            order by item.to_number, item.attempt_id
          ) > may_open
          as is_held_back
      from held
      join item on item.follow_up_id = held.id
      join public.follow_ups as follow_up on follow_up.id = held.id
      join public.leads as lead on lead.id = held.lead_id
      -- The number was read from a phone that is the lead's no more, or the app has given the follow-up a later
      -- time or another channel: the next claim reads it as it is then.
      cross join lateral (
        select item.phone is not null and lead.phone::text is distinct from item.phone
          or (follow_up.due_at::timestamptz <= judged_at) is not true
          or follow_up.channel is distinct from 'voice_call' as has_changed
      ) as plan
      -- Here the number is known as it is dialled.
      left join lateral public.call_refusal(
        follow_up, lead, item.to_number, judged_at
      ) as refusal on not plan.has_changed
    ),
    -- In the order of the numbers, so that two runs that meet on two numbers wait and do not deadlock.
    inserted as (
      insert into public.call_attempts
        (id, follow_up_id, lead_id, run_id, lease_token, to_number, opened_at, sending_until)
      select
        judged.attempt_id, judged.follow_up_id, judged.lead_id, open_call_attempts.run_id,
        judged.lease_token, judged.to_number, open_call_attempts.as_of,
        open_call_attempts.as_of + open_call_attempts.sending_for
      from judged
      where judged.refusal is null and judged.is_held_back is not true
      order by judged.to_number, judged.attempt_id
      on conflict do nothing
      returning call_attempts.id, call_attempts.follow_up_id
    ),
    moved as (
      update public.follow_ups as follow_up
      set attempts = coalesce(follow_up.attempts, 0) + (inserted.id is not null)::integer,
        status = case
          when judged.ending = 'failed' then 'failed'
          when judged.ending = 'skipped' then 'skipped'
          else follow_up.status
        end,
        reason = case
          when judged.refusal is not null then judged.refusal
          when inserted.id is null and judged.is_held_back is not true
            then 'Number is in another live call'
          else follow_up.reason
        end,
        first_due_at = case
          when judged.until is not null then coalesce(follow_up.first_due_at, judged.due_at)
          else follow_up.first_due_at
        end,
        due_at = case
          when judged.until is not null then judged.until
          when judged.refusal is null and inserted.id is null and judged.is_held_back is not true
            then open_call_attempts.as_of + settings.number_busy_delay
          else follow_up.due_at
        end,
        lease_token = case when inserted.id is not null then follow_up.lease_token end,
        leased_until = case when inserted.id is not null then follow_up.leased_until end,
        updated_at = open_call_attempts.as_of
      from judged
      left join inserted on inserted.id = judged.attempt_id
      where follow_up.id = judged.follow_up_id
      returning
        judged.refusal, judged.until, judged.is_held_back, inserted.id as attempt_id,
        follow_up.status::text is not distinct from judged.ending as has_ended,
        follow_up.due_at::timestamptz > open_call_attempts.as_of as is_later
    )
    select
      count(*) filter (where moved.refusal is not null and moved.until is null),
      count(*) filter (
        where moved.attempt_id is not null
          or case
            when moved.refusal is not null and moved.until is null then moved.has_ended
            else moved.is_later or moved.is_held_back
          end
      ),
      (select count(*) from judged)
    into skipped_now, kept, to_be_written
    from moved;
    perform public.assert_kept(to_be_written, kept);
  exception
    -- A check or a trigger of the app refuses one of these rows: each is opened by itself then, and the one that
    -- stands alone is set aside.
    when others then
      refusal := sqlerrm;
      if public.is_no_rows_fault(sqlstate) then
        raise;
      elsif jsonb_array_length(open_call_attempts.items) > 1 then
        perform
        from jsonb_array_elements(open_call_attempts.items) as item (alone)
        cross join lateral public.open_call_attempts(
          jsonb_build_array(item.alone), open_call_attempts.run_id, open_call_attempts.sending_for,
          open_call_attempts.as_of
        );
      else
        perform public.set_aside_claimed(
          (open_call_attempts.items -> 0 ->> 'follow_up_id')::uuid, refusal, open_call_attempts.as_of
        );
      end if;
  end;

  if skipped_now > 0 then
    update public.dispatch_runs as run
    set skipped = run.skipped + skipped_now
    where run.id = open_call_attempts.run_id;
  end if;

  -- Also what an earlier call with the same items opened and whose answer was lost on the way.
  return query
    with requested as materialized (
      select *
      from jsonb_to_recordset(open_call_attempts.items) as item (attempt_id uuid, lease_token uuid)
    ),
    known as materialized (
      select attempt.id, attempt.follow_up_id, attempt.lease_token, attempt.status
      from public.call_attempts as attempt
      where attempt.id = any (array(select requested.attempt_id from requested))
    )
    select known.id, known.follow_up_id
    from known
    join requested
      on requested.attempt_id = known.id and requested.lease_token = known.lease_token
    where known.status = 'sending';
end
$$;

revoke all on function public.open_call_attempts from public, anon, authenticated;
grant execute on function public.open_call_attempts to service_role;

comment on function public.open_call_attempts is
  'Commits an attempt for each claimed follow-up before its request leaves, and counts it. items: array of {attempt_id, follow_up_id, lease_token, to_number (E.164), phone (as the claim returned it; absent = not compared)}. Nothing is opened while paused, beyond dispatch_settings.max_calls_per_run, when since the claim the lead''s phone has changed, or the follow-up has been given a later time or another channel (given back as it is), without the lease, for what call_refusal refuses for this very number (skipped, or put off with the reason) or for a number in another live call (put back). A follow-up that the database refuses to write, or does not keep as it was written (see assert_kept), is set aside (see set_aside_rows), and the others are opened. Judges by the moment at which the rows are held. Waits 0.7 s for a row that others hold, then fails with 55P03, to be asked again. Asking again with the same items gives the same answer. Returns the attempts that may be sent now, and only those.';

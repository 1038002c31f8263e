create function public.seed_follow_ups(
  batch_size integer default 500,
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
  made_in_all integer := 0;
  made_now integer;
  last_id bigint := 0;
begin
  -- A batch of candidates may hold none that is still seedable, so go on until the batch is full or
  -- no candidate is left. Each round begins behind the last one: the entries that this transaction
  -- has deleted would else be read again and again. After two seconds what is done is kept, and the
  -- next call goes on, far below the statement timeout.
  loop
    with candidate as materialized (
      select noted.id, noted.lead_id
      from public.seed_candidates as noted
      where noted.id > last_id
      order by noted.id
      for update skip locked
      limit greatest(seed_follow_ups.batch_size - made_in_all, 0)
    ),
    -- A lead that another program or another seed holds stays noted: seeding waits for nobody, and so
    -- cannot deadlock. It does not stand in the way of a follow-up that an app inserts.
    reachable as materialized (
      select lead.id
      from public.leads as lead
      where lead.id in (select candidate.lead_id from candidate)
      for no key update skip locked
    ),
    looked_at as (
      delete from public.seed_candidates as noted
      using candidate
      where noted.id = candidate.id
        and (
          exists (select from reachable where reachable.id = candidate.lead_id)
          or not exists (select from public.leads as lead where lead.id = candidate.lead_id)
        )
    ),
    inserted as (
      insert into public.follow_ups
        (lead_id, due_at, channel, status, source, created_at, updated_at)
      select
        lead.id, seed_follow_ups.as_of, 'voice_call', 'pending', 'seed',
        seed_follow_ups.as_of, seed_follow_ups.as_of
      from public.leads as lead
      join reachable on reachable.id = lead.id
      where public.is_seedable_lead(lead.stage::text, lead.phone::text, lead.call_date)
        and not exists (
          select
          from public.follow_ups as follow_up
          where follow_up.lead_id = lead.id and public.blocks_seeding(follow_up.status::text)
        )
        and not public.was_called(lead.id)
      on conflict do nothing
      returning 1
    )
    select (select max(candidate.id) from candidate), (select count(*) from inserted)
    into last_id, made_now;

    made_in_all := made_in_all + made_now;
    exit when last_id is null
      or made_in_all >= seed_follow_ups.batch_size
      or clock_timestamp() - statement_timestamp() > interval '2 seconds';
  end loop;

  update public.dispatch_runs as run
  set seeded = run.seeded + made_in_all
  where run.id = seed_follow_ups.run_id and made_in_all > 0;

  return made_in_all;
end
$$;

revoke all on function public.seed_follow_ups from public, anon, authenticated;
grant execute on function public.seed_follow_ups to service_role;

comment on function public.seed_follow_ups is
  'Phase 1: makes a follow-up, due at as_of, for each lead that has never been called and has none. Called by each run; locks the candidates it takes, skips those of others. Counts them in the run and returns how many were made: fewer than batch_size means that nothing is left, or that two seconds were not enough and the next run goes on.';

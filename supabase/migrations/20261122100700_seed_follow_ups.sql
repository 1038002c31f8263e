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
as $$
declare
  made_in_all integer := 0;
  made_now integer;
  taken_now integer;
begin
  -- A batch of candidates may hold none that is still seedable, so go on until the batch is full or
  -- no candidate is left: fewer than batch_size then means that nothing is left to seed.
  loop
    with candidate as materialized (
      select noted.id, noted.lead_id
      from public.seed_candidates as noted
      order by noted.id
      for update skip locked
      limit seed_follow_ups.batch_size - made_in_all
    ),
    looked_at as (
      delete from public.seed_candidates as noted
      using candidate
      where noted.id = candidate.id
      returning noted.lead_id
    ),
    inserted as (
      insert into public.follow_ups
        (lead_id, due_at, channel, status, source, created_at, updated_at)
      select
        lead.id, seed_follow_ups.as_of, 'voice_call', 'pending', 'seed',
        seed_follow_ups.as_of, seed_follow_ups.as_of
      from public.leads as lead
      join (select distinct looked_at.lead_id from looked_at) as due on due.lead_id = lead.id
      where public.is_seedable_lead(lead.stage::text, lead.phone::text, lead.call_date)
        and not exists (
          select
          from public.follow_ups as follow_up
          where follow_up.lead_id = lead.id and public.blocks_seeding(follow_up.status::text)
        )
      on conflict do nothing
      returning 1
    )
    select (select count(*) from looked_at), (select count(*) from inserted)
    into taken_now, made_now;

    made_in_all := made_in_all + made_now;
    exit when taken_now = 0 or made_in_all >= seed_follow_ups.batch_size;
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
  'Phase 1: makes a follow-up, due at as_of, for each lead that has never been called and has none. Called by each run; locks the candidates it takes, skips those of others. Counts them in the run and returns how many were made: fewer than batch_size means that nothing is left.';

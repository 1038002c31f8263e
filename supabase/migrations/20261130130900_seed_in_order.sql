-- In a project with a million leads half of what a seeded follow-up cost was two pages of the log: one of the key's index,
-- where an id in no order falls anywhere, and one of its lead's. The first is spared.
create or replace function public.seed_follow_ups(
  batch_size integer default 500,
  run_id uuid default null,
  as_of timestamptz default now()
)
returns integer
language plpgsql
volatile
security invoker
set search_path = ''
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
set max_parallel_workers_per_gather = 0
as $$
declare
  made_in_all integer := 0;
  made_now integer;
  last_id bigint := 0;
  lead_ids uuid[];
  looked_at bigint[];
  kept_leads uuid[];
  part uuid[];
  part_size integer;
  used_up boolean := false;
  out_of_time boolean := false;
begin
  -- Tried again: noted like any other.
  with over as materialized (
    select aside.row_id
    from public.set_aside_rows as aside
    where aside.kind = 'lead' and aside.until <= seed_follow_ups.as_of
    for update skip locked
  ),
  tried_again as (
    delete from public.set_aside_rows as aside
    using over
    where aside.row_id = over.row_id
  )
  insert into public.seed_candidates (lead_id)
  select over.row_id from over;

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
    )
    select
      (select max(candidate.id) from candidate),
      array(select reachable.id from reachable),
      array(
        select candidate.id
        from candidate
        where exists (select from reachable where reachable.id = candidate.lead_id)
          or not exists (select from public.leads as lead where lead.id = candidate.lead_id)
      )
    into last_id, lead_ids, looked_at;
    exit when last_id is null;

    -- The follow-up that keeps a lead from being seeded may be just about to be closed, by a claim that
    -- has seen the lead as it was before: then its lead has to be looked at again. Who holds a row has
    -- left its id in xmax; without one there is nobody to be asked for.
    with marked as materialized (
      select follow_up.id, follow_up.lead_id
      from public.follow_ups as follow_up
      where follow_up.lead_id = any (lead_ids)
        and public.blocks_seeding(follow_up.status::text)
        and follow_up.xmax::text <> '0'
    ),
    settled as materialized (
      select follow_up.id
      from public.follow_ups as follow_up
      where follow_up.id in (select marked.id from marked)
      for share skip locked
    )
    select array(
      select marked.lead_id
      from marked
      where not exists (select from settled where settled.id = marked.id)
    )
    into kept_leads;

    part_size := cardinality(lead_ids);
    while cardinality(lead_ids) > 0 loop
      part := lead_ids[1:part_size];
      begin
        insert into public.follow_ups
          (id, lead_id, due_at, channel, status, source, created_at, updated_at)
        select
          -- Version 7, by time: of a million ids in no order each new one changes a page of its own.
          overlay(
            overlay(
              replace(gen_random_uuid()::text, '-', '')
              placing lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0')
              from 1
            )
            placing '7' from 13
          )::uuid,
          lead.id, seed_follow_ups.as_of, 'voice_call', 'pending', 'seed',
          seed_follow_ups.as_of, seed_follow_ups.as_of
        from public.leads as lead
        where lead.id = any (part)
          and public.is_seedable_lead(lead.stage::text, lead.phone::text, lead.call_date)
          and not exists (
            select
            from public.follow_ups as follow_up
            where follow_up.lead_id = lead.id and public.blocks_seeding(follow_up.status::text)
          )
          and not public.was_called(lead.id)
        on conflict do nothing;
        get diagnostics made_now = row_count;
        made_in_all := made_in_all + made_now;
        lead_ids := lead_ids[part_size + 1:];
        part_size := part_size * 2;
      exception
        when others then
          if public.is_no_rows_fault(sqlstate) then
            raise;
          elsif cardinality(part) > 1 then
            part_size := cardinality(part) / 2;
          else
            perform public.set_aside(part[1], 'lead', sqlerrm, seed_follow_ups.as_of);
            lead_ids := lead_ids[2:];
            used_up := true;
          end if;
      end;
      out_of_time := clock_timestamp() - statement_timestamp() > interval '2 seconds';
      exit when out_of_time and (used_up or made_in_all > 0);
    end loop;

    -- What has not been tried stays noted as well.
    kept_leads := kept_leads || lead_ids;
    delete from public.seed_candidates as noted
    where noted.id = any (looked_at)
      and not (noted.lead_id = any (kept_leads));
    used_up := used_up or found;

    out_of_time := clock_timestamp() - statement_timestamp() > interval '2 seconds';
    exit when made_in_all >= seed_follow_ups.batch_size or out_of_time;
  end loop;

  update public.dispatch_runs as run
  set seeded = run.seeded + made_in_all
  where run.id = seed_follow_ups.run_id and made_in_all > 0;

  -- A call that has used up nothing met nothing but what others hold: asking again at once would not end.
  return case
    when out_of_time and used_up then greatest(made_in_all, seed_follow_ups.batch_size)
    else made_in_all
  end;
end
$$;

revoke all on function public.seed_follow_ups from public, anon, authenticated;
grant execute on function public.seed_follow_ups to service_role;

comment on function public.seed_follow_ups is
  'Phase 1: makes a follow-up, due at as_of, for each lead that has never been called and has none. Called by each run; locks the candidates it takes, skips those of others, and keeps those whose lead or follow-up others hold. A lead whose follow-up the database refuses is set aside (see set_aside_rows). Counts those made in the run. Returns batch_size when it was not through, because so many were made or two seconds were over, and has come further: ask again at once. Fewer, the number made: every candidate that nobody holds has been looked at, or two seconds brought only such as others hold.';

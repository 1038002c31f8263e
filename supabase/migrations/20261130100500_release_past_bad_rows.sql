-- A follow-up that the app's database refuses to give back keeps no other from being given back.
create or replace function public.release_follow_ups(
  lease_tokens uuid[],
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
set lock_timeout = '700ms'
as $$
declare
  released integer;
begin
  begin
    update public.follow_ups as follow_up
    set lease_token = null,
      leased_until = null,
      updated_at = release_follow_ups.as_of
    where follow_up.status = 'pending'
      -- Said once more for the planner: the index holds only rows with a lease, which are few.
      and follow_up.lease_token is not null
      and follow_up.lease_token = any (release_follow_ups.lease_tokens)
      and not exists (
        select
        from public.call_attempts as attempt
        where attempt.follow_up_id = follow_up.id
          and attempt.status in ('sending', 'accepted', 'unknown')
      );
    get diagnostics released = row_count;
  exception
    -- A check or a trigger of the app refuses one of these rows: each is released by itself then. The lease of the one
    -- that stands alone ends by itself.
    when others then
      if public.is_no_rows_fault(sqlstate) then
        raise;
      elsif cardinality(release_follow_ups.lease_tokens) > 1 then
        return (
          select sum(public.release_follow_ups(array[token.alone], release_follow_ups.as_of))
          from unnest(release_follow_ups.lease_tokens) as token (alone)
        );
      end if;
      return 0;
  end;
  return released;
end
$$;

revoke all on function public.release_follow_ups from public, anon, authenticated;
grant execute on function public.release_follow_ups to service_role;

comment on function public.release_follow_ups is
  'Gives back claims under which nothing was opened, so that the next claim takes them at once. Called by a run that stops before it has used all it claimed. A token that is no longer valid changes nothing. Returns how many rows were freed. A row that the database refuses to write keeps no other from being released: its lease ends by itself.';

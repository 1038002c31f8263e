create function public.release_follow_ups(
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
as $$
declare
  released integer;
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
  return released;
end
$$;

revoke all on function public.release_follow_ups from public, anon, authenticated;
grant execute on function public.release_follow_ups to service_role;

comment on function public.release_follow_ups is
  'Gives back claims under which nothing was opened, so that the next claim takes them at once. Called by a run that stops before it has used all it claimed. A token that is no longer valid changes nothing. Returns how many rows were freed.';

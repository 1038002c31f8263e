-- Each of these is for the rows of one key. To a planner that has no statistics yet, in a young project,
-- an index whose condition covers the query's states looks as good as the one that also has the key, and
-- it may choose to read all of it: a claim that takes 2 ms then takes 300, and every call makes it worse
-- until the next analyze. "The key is not null" is true of every row, but only of a query that asks for
-- the key does the planner know it, so that no other is planned over the index.

drop index public.call_attempts_that_called_a_lead;
create index call_attempts_that_called_a_lead on public.call_attempts (lead_id)
  where status in ('sending', 'accepted', 'unknown', 'ended') and lead_id is not null;

drop index public.call_attempts_to_a_number;
create index call_attempts_to_a_number on public.call_attempts (to_number, opened_at)
  where status in ('sending', 'accepted', 'unknown', 'ended') and to_number is not null;

drop index public.call_attempts_placed_by_time;
create index call_attempts_placed_by_time on public.call_attempts (opened_at)
  include (run_id, call_cost)
  where status in ('sending', 'accepted', 'unknown', 'ended') and opened_at is not null;

drop index public.call_attempts_live_of_a_follow_up;
create index call_attempts_live_of_a_follow_up on public.call_attempts (follow_up_id)
  where status in ('sending', 'accepted', 'unknown') and follow_up_id is not null;

drop index public.call_attempts_sending;
create index call_attempts_sending on public.call_attempts (sending_until)
  where status = 'sending' and sending_until is not null;

-- Of all that live, not of the accepted ones alone: what may still be begun counts them, and must not read
-- whatever has ended within the hour.
drop index public.call_attempts_accepted;
create index call_attempts_live_by_time on public.call_attempts (opened_at)
  where status in ('sending', 'accepted', 'unknown') and opened_at is not null;

-- The law itself: the new one holds before the old one goes.
create unique index call_attempts_one_live_call_per_number_keyed
  on public.call_attempts (to_number)
  where status in ('sending', 'accepted', 'unknown') and to_number is not null;
drop index public.call_attempts_one_live_call_per_number;
alter index public.call_attempts_one_live_call_per_number_keyed
  rename to call_attempts_one_live_call_per_number;

-- A follow-up that is set aside keeps no later one of its lead from being called.
create or replace view public.dispatchable_follow_ups
with (security_invoker = on)
as
select
  follow_up.id, follow_up.lead_id, follow_up.due_at, follow_up.lease_token, follow_up.leased_until,
  follow_up.is_callback
from public.follow_ups as follow_up
where follow_up.status = 'pending'
  and follow_up.channel = 'voice_call'
  -- Asked of each as one look by its key: as a join it may be planned, while call_attempts has no
  -- statistics yet, to read all live calls for each follow-up that is due.
  and (
    select attempt.id
    from public.call_attempts as attempt
    where attempt.follow_up_id = follow_up.id
      and attempt.status in ('sending', 'accepted', 'unknown')
    limit 1
  ) is null
  -- Also by its key, in a table that is empty as long as every row can be written. What an app has changed
  -- since is another version of the row, and is tried at once.
  and (
    select true
    from public.set_aside_rows as aside
    where aside.row_id = follow_up.id
      and aside.until > now()
      and aside.row_version = follow_up.xmin::text
  ) is not true
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
        -- One that is set aside, for longer than anybody knows, keeps no other of its lead waiting, unless its call
        -- may be under way.
        and (
          select true
          from public.set_aside_rows as aside
          where aside.row_id = oldest.id
            and aside.until > now()
            and aside.row_version = oldest.xmin::text
            and not exists (
              select
              from public.call_attempts as attempt
              where attempt.follow_up_id = oldest.id
                and attempt.status in ('sending', 'accepted', 'unknown')
            )
        ) is not true
      order by oldest.due_at, oldest.id
      limit 1
    )
  );

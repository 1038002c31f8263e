create or replace function public.follow_settled_call(
  attempt_id uuid,
  completing boolean default false,
  withdrawing boolean default false,
  planning boolean default true,
  as_of timestamptz default now()
)
returns void
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
as $$
declare
  settled public.call_attempts;
  refused text[] := array[]::text[];
begin
  perform public.rehome_calls(array[follow_settled_call.attempt_id]);
  select * into strict settled
  from public.call_attempts as attempt
  where attempt.id = follow_settled_call.attempt_id;
  -- What was refused the last time is due now, whether a run or a further report asks.
  if settled.error is not null then
    update public.call_attempts as attempt
    set error = null
    where attempt.id = follow_settled_call.attempt_id;
  end if;

  -- Follow-ups before the lead, as everywhere: plan_recall, below, moves this one.
  perform
  from public.follow_ups as planned
  where planned.recall_of = follow_settled_call.attempt_id
  for update;
  -- The wish for another time, or for none, was read from a report that is not the best any more.
  if (follow_settled_call.withdrawing or 'callback' = any (settled.refused_parts))
    and settled.callback_status is distinct from 'planned'
  then
    begin
      perform public.withdraw_recall(follow_settled_call.attempt_id, is_callback => true);
    exception
      -- These pass, here as below: whoever called asks again.
      when deadlock_detected or lock_not_available or serialization_failure then
        raise;
      when others then
        refused := refused || 'callback'::text;
        perform public.note_refused_part(
          follow_settled_call.attempt_id, 'The callback could not be taken back', sqlerrm
        );
    end;
  end if;

  if follow_settled_call.completing
    or 'follow_up' = any (settled.refused_parts)
    -- Since it was refused, somebody may have given the follow-up a later time: that is another call.
    and not exists (
      select
      from public.follow_ups as follow_up
      where follow_up.id = settled.follow_up_id
        and follow_up.status = 'pending'
        and coalesce(follow_up.first_due_at, follow_up.due_at::timestamptz) > settled.opened_at
    )
  then
    perform public.mark_calls_placed_apart(
      array[follow_settled_call.attempt_id], follow_settled_call.as_of
    );
    select refused || array_agg(part.name) into refused
    from public.call_attempts as attempt
    cross join lateral (
      select 'lead' as name
      union all
      select 'follow_up'
      from public.follow_ups as follow_up
      where follow_up.id = attempt.follow_up_id and follow_up.status::text in ('pending', 'failed')
    ) as part
    where attempt.id = follow_settled_call.attempt_id and attempt.error is not null;
  else
    begin
      perform public.mark_calls_placed(
        array[follow_settled_call.attempt_id],
        completing => false,
        as_of => follow_settled_call.as_of
      );
    exception
      when deadlock_detected or lock_not_available or serialization_failure then
        raise;
      when others then
        refused := refused || 'lead'::text;
        perform public.note_refused_part(
          follow_settled_call.attempt_id, 'The lead could not be marked as called', sqlerrm
        );
    end;
  end if;

  begin
    for look in 1..2
    loop
      update public.leads as lead
      set call_date = greatest(lead.call_date, settled.opened_at),
        raw_payload = case
          when exists (
            select
            from public.call_attempts as later
            where later.lead_id = settled.lead_id
              and later.status = 'ended'
              and later.reported_by is not null
              and (later.opened_at, later.id) > (settled.opened_at, settled.id)
          ) then lead.raw_payload
          else public.merge_payload(
            lead.raw_payload, 'call',
            jsonb_build_object(
              'outcome', settled.outcome,
              'call_id', settled.call_id,
              'request_id', settled.request_id,
              'attempt_id', settled.id,
              'follow_up_id', settled.follow_up_id,
              'called_at', settled.opened_at,
              'ended_at', settled.ended_at,
              'duration_seconds', settled.duration_seconds,
              'recording_url', settled.recording_url,
              'summary', settled.summary,
              'callback', settled.callback_text
            )
          )
        end,
        updated_at = follow_settled_call.as_of
      where lead.id = settled.lead_id;
      exit when found;
      -- It is gone: the app may have merged it into another while this waited for its row.
      perform public.rehome_calls(array[follow_settled_call.attempt_id]);
      select attempt.lead_id into strict settled.lead_id
      from public.call_attempts as attempt
      where attempt.id = follow_settled_call.attempt_id;
    end loop;
  exception
    when deadlock_detected or lock_not_available or serialization_failure then
      raise;
    when others then
      refused := refused || 'result'::text;
      perform public.note_refused_part(
        follow_settled_call.attempt_id, 'The call''s result could not be written to the lead', sqlerrm
      );
  end;

  if follow_settled_call.planning or 'next_call' = any (settled.refused_parts) then
    begin
      perform public.plan_recall(follow_settled_call.attempt_id, follow_settled_call.as_of);
    exception
      when deadlock_detected or lock_not_available or serialization_failure then
        raise;
      when others then
        refused := refused || 'next_call'::text;
        perform public.note_refused_part(
          follow_settled_call.attempt_id, 'The next call could not be planned', sqlerrm
        );
    end;
  end if;

  update public.call_attempts as attempt
  set refused_parts = refused
  where attempt.id = follow_settled_call.attempt_id and attempt.refused_parts <> refused;
end
$$;

revoke all on function public.follow_settled_call from public, anon, authenticated;
grant execute on function public.follow_settled_call to service_role;

comment on function public.follow_settled_call is
  'Brings the app''s tables into line with how a call ended, as it stands in its attempt: takes back a callback that was read from a worse report, marks follow-up and lead, writes the result to the lead, plans the recall. Each part by itself: what a trigger or a constraint of the app refuses is noted in the attempt''s error and refused_parts, by which each run, and each further report, tries it again. Harmless to repeat. completing: also complete the follow-up, the first time that the call is known to have been placed. withdrawing: the wish is another than before, what was planned for that one goes. planning false: leave the recall alone, which was planned before, and somebody may have deleted it since. Expects the attempt locked; locks follow-ups, then the lead. Called by settle_call and retry_refused_parts.';

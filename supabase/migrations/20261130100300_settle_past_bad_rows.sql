-- A follow-up that the app's database refuses keeps no other attempt from being settled.
create or replace function public.settle_call_attempts(
  verdicts jsonb,
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
  abandoned integer;
  kept bigint;
  to_be_written bigint;
  refusal text;
begin
  begin
    with told as materialized (
      select distinct on (verdict.attempt_id) verdict.*
      from jsonb_to_recordset(settle_call_attempts.verdicts)
        as verdict (attempt_id uuid, verdict text, reason text)
      where verdict.verdict in ('not_placed', 'cannot_tell')
      order by verdict.attempt_id, verdict.verdict
    ),
    found as materialized (
      select
        attempt.id,
        -- Asked once more under the lock: only a call that nobody has confirmed, and that would be over
        -- by now, can be known not to have been placed.
        attempt.status = 'unknown'
          and attempt.request_id is null
          and attempt.sending_until + settings.longest_call <= settle_call_attempts.as_of
          as can_be_not_placed
      from public.call_attempts as attempt
      cross join public.dispatch_settings as settings
      where attempt.id = any (array(select told.attempt_id from told))
        and attempt.status in ('unknown', 'accepted', 'ended')
      order by attempt.id
      for update of attempt
    ),
    noted as (
      update public.call_attempts as attempt
      set lookups = attempt.lookups + 1,
        looked_up_at = settle_call_attempts.as_of,
        lookup_note = told.reason,
        -- Twice as long after each look that told nothing, up to half a day, and not for ever.
        next_lookup_at = (
          select case
            when next.moment < attempt.opened_at + settings.settle_for
              and not (told.verdict = 'not_placed' and found.can_be_not_placed)
              then next.moment
          end
          from (
            select settle_call_attempts.as_of + least(
              settings.settle_after * power(2, least(attempt.lookups + 1, 10)), interval '12 hours'
            ) as moment
          ) as next
        ),
        status = case
          when told.verdict = 'not_placed' and found.can_be_not_placed then 'abandoned'
          else attempt.status
        end
      from found
      join told on told.attempt_id = found.id
      cross join public.dispatch_settings as settings
      where attempt.id = found.id
      returning attempt.id, attempt.follow_up_id, attempt.status, settings.redial_not_placed
    ),
    put_back as (
      update public.follow_ups as follow_up
      set status = case when noted.redial_not_placed then follow_up.status else 'failed' end,
        reason = case
          when noted.redial_not_placed then 'Omni''s call log shows that it was not called: next try'
          else 'Omni''s call log shows that it was not called: retry_follow_up calls it'
        end,
        lease_token = null,
        leased_until = null,
        updated_at = settle_call_attempts.as_of
      from noted
      where noted.status = 'abandoned'
        and follow_up.id = noted.follow_up_id
        and follow_up.status = 'pending'
      returning noted.redial_not_placed or follow_up.status::text = 'failed' as is_kept
    )
    select
      (select count(*) from noted where noted.status = 'abandoned'),
      (
        select count(*)
        from noted
        join public.follow_ups as follow_up on follow_up.id = noted.follow_up_id
        where noted.status = 'abandoned' and follow_up.status = 'pending'
      ),
      (select count(*) from put_back where put_back.is_kept)
    into abandoned, to_be_written, kept;
    perform public.assert_kept(to_be_written, kept);
  exception
    -- A check or a trigger of the app refuses one of the follow-ups: each attempt is settled by itself then. The one
    -- that stands alone stays held, or it would be dialled again.
    when others then
      refusal := sqlerrm;
      if public.is_no_rows_fault(sqlstate) then
        raise;
      elsif jsonb_array_length(settle_call_attempts.verdicts) > 1 then
        return (
          select sum(public.settle_call_attempts(
            jsonb_build_array(verdict.alone), settle_call_attempts.as_of
          ))
          from jsonb_array_elements(settle_call_attempts.verdicts) as verdict (alone)
        );
      elsif settle_call_attempts.verdicts -> 0 ->> 'verdict' = 'not_placed' then
        return public.settle_call_attempts(
          jsonb_build_array(settle_call_attempts.verdicts -> 0 || jsonb_build_object(
            'verdict', 'cannot_tell',
            'reason', concat(
              settle_call_attempts.verdicts -> 0 ->> 'reason',
              '. Its follow-up could not be written: ', refusal
            )
          )),
          settle_call_attempts.as_of
        );
      else
        raise;
      end if;
  end;
  return abandoned;
end
$$;

revoke all on function public.settle_call_attempts from public, anon, authenticated;
grant execute on function public.settle_call_attempts to service_role;

comment on function public.settle_call_attempts is
  'Notes what a look into Omni''s call log told of attempts that were not found there. verdicts: array of {attempt_id, verdict: not_placed | cannot_tell, reason}. not_placed moves an unknown attempt to abandoned, once its call would be over; its follow-up fails with a reason, or is dialled again when redial_not_placed is set. cannot_tell leaves everything held. One whose follow-up the database refuses to write, or does not keep as it was written (see assert_kept), stays held as well, and the others are settled. Each look makes the next one wait longer. Returns how many were abandoned. Called by the settling step of each run.';

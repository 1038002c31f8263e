-- Beside an older dispatcher: what would be called is noted, nobody is called, and a view compares.

alter table public.dispatch_settings
  add column shadow boolean not null default false,
  add column shadow_since timestamptz,
  -- Whoever lifts the pause without ending the shadow mode would call everybody a second time.
  add constraint in_shadow_mode_it_stays_paused check (paused or not shadow);

comment on column public.dispatch_settings.shadow is
  'True: nothing is called, seeded or changed, and shadow_decisions tells what would have been. Switched by use_shadow_mode; paused stays true as long.';
comment on column public.dispatch_settings.shadow_since is
  'When shadow mode was last switched on; null = never.';

create table public.shadow_decisions (
  id bigint generated always as identity primary key,
  lead_id uuid not null,
  follow_up_id uuid,
  decided_at timestamptz not null,
  decision text not null
    constraint decision_is_known check (decision in ('call', 'wait', 'skip')),
  reason text,
  ask_again_at timestamptz,
  seen_status text,
  seen_completed_at timestamptz,
  seen_call_date timestamptz,
  seen_dispatch jsonb,
  constraint one_decision_per_reason_to_call unique nulls not distinct (lead_id, follow_up_id)
);

alter table public.shadow_decisions enable row level security;
create policy service_role_manages_shadow_decisions on public.shadow_decisions
  to service_role using (true) with check (true);
revoke all on table public.shadow_decisions from public, anon, authenticated;
grant select, insert, update, delete on table public.shadow_decisions to service_role;

comment on table public.shadow_decisions is
  'In shadow mode: what would have been done for each reason to call that was due, and what the rows looked like then. Written by note_shadow_decisions, compared by shadow_report, emptied when shadow mode is switched on anew.';
comment on column public.shadow_decisions.id is 'Order of deciding.';
comment on column public.shadow_decisions.lead_id is
  'The lead. No foreign key: an app that deletes it must not wait for this table.';
comment on column public.shadow_decisions.follow_up_id is
  'The follow-up; null = none is there, and the seed phase would have made one.';
comment on column public.shadow_decisions.decided_at is 'When this was decided.';
comment on column public.shadow_decisions.decision is
  'call; wait = not now, and asked again; skip = never, as things are.';
comment on column public.shadow_decisions.reason is
  'Why not, as call_refusal says; for a call, what is still open.';
comment on column public.shadow_decisions.ask_again_at is 'For wait: when it is decided anew.';
comment on column public.shadow_decisions.seen_status is
  'Status of the follow-up when it was first decided.';
comment on column public.shadow_decisions.seen_completed_at is 'Its completed_at then; the next two likewise.';
comment on column public.shadow_decisions.seen_call_date is 'call_date of the lead then.';
comment on column public.shadow_decisions.seen_dispatch is 'raw_payload.dispatch of the lead then.';

create function public.note_shadow_decisions(
  batch_size integer default 1000,
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
as $$
declare
  -- The other dispatcher may be quicker than a look every minute: what will be due before the next look
  -- but one is decided now, for the moment at which it will be.
  ahead constant interval := interval '2 minutes';
  decided integer;
begin
  if not (select settings.shadow from public.dispatch_settings as settings) then
    return 0;
  end if;

  with due as (
    select open_one.id as follow_up_id, open_one.lead_id,
      greatest(open_one.due_at::timestamptz, note_shadow_decisions.as_of) as moment
    from public.dispatchable_follow_ups as open_one
    where open_one.due_at <= note_shadow_decisions.as_of + ahead
      and open_one.lead_id is not null
      and not exists (
        select
        from public.shadow_decisions as known
        where known.lead_id = open_one.lead_id
          and known.follow_up_id = open_one.id
          and (known.ask_again_at is null or known.ask_again_at > note_shadow_decisions.as_of)
      )
    order by open_one.due_at, open_one.id
    limit note_shadow_decisions.batch_size
  ),
  to_seed as (
    select distinct null::uuid as follow_up_id, lead.id as lead_id, note_shadow_decisions.as_of as moment
    from public.seed_candidates as candidate
    join public.leads as lead on lead.id = candidate.lead_id
    where public.is_seedable_lead(lead.stage::text, lead.phone::text, lead.call_date)
      and not exists (
        select
        from public.follow_ups as follow_up
        where follow_up.lead_id = lead.id and public.blocks_seeding(follow_up.status::text)
      )
      and not public.was_called(lead.id)
      and not exists (
        select
        from public.shadow_decisions as known
        where known.lead_id = lead.id
          and known.follow_up_id is null
          and (known.ask_again_at is null or known.ask_again_at > note_shadow_decisions.as_of)
      )
    limit note_shadow_decisions.batch_size
  ),
  reason_to_call as (
    select * from due
    union all
    select * from to_seed
  )
  insert into public.shadow_decisions (
    lead_id, follow_up_id, decided_at, decision, reason, ask_again_at, seen_status,
    seen_completed_at, seen_call_date, seen_dispatch
  )
  select
    reason_to_call.lead_id, reason_to_call.follow_up_id, note_shadow_decisions.as_of,
    case
      when refusal.reason is null then 'call'
      when refusal.until is null then 'skip'
      else 'wait'
    end,
    coalesce(
      refusal.reason,
      case when number.written is null then 'If its number can be read' end
    ),
    refusal.until, own.status::text, own.completed_at::timestamptz, lead.call_date::timestamptz,
    lead.raw_payload -> 'dispatch'
  from reason_to_call
  left join public.leads as lead on lead.id = reason_to_call.lead_id
  left join public.follow_ups as own on own.id = reason_to_call.follow_up_id
  -- As the seed phase would make it, so that a pause of that source counts.
  cross join lateral jsonb_populate_record(
    own, case
      when own.id is null then jsonb_build_object(
        'lead_id', reason_to_call.lead_id, 'source', 'seed', 'due_at', reason_to_call.moment
      )
      else '{}'
    end
  ) as follow_up
  cross join lateral (select public.number_as_written(lead.phone::text) as written) as number
  left join lateral public.call_refusal(
    follow_up, lead, number.written, reason_to_call.moment
  ) as refusal on true
  on conflict on constraint one_decision_per_reason_to_call do update
  set decided_at = excluded.decided_at,
    decision = excluded.decision,
    reason = excluded.reason,
    ask_again_at = excluded.ask_again_at
  -- Never over a call that would have been placed. What was seen first stays, or a call that the other
  -- has placed meanwhile would look like one of before.
  where shadow_decisions.decision = 'wait';
  get diagnostics decided = row_count;
  return decided;
end
$$;

revoke all on function public.note_shadow_decisions from public, anon, authenticated;
grant execute on function public.note_shadow_decisions to service_role;

comment on function public.note_shadow_decisions is
  'In shadow mode, every minute by the schedule: asks call_refusal, as the claim does, for each reason to call that is due or will be within two minutes and has not been decided, at most batch_size follow-ups and as many leads to be seeded, and notes the answers. Writes shadow_decisions and nothing else. Returns how many were decided; 0 when shadow mode is off. What it cannot know: whether a number that is written without its country can be read, and calls that the other dispatcher has placed, which count for no budget of ours.';

create view public.shadow_report
with (security_invoker = on)
as
with noted as (
  select
    decision.lead_id, decision.follow_up_id, decision.decision, decision.reason, decision.decided_at,
    nullif(
      concat_ws(
        ', ',
        case when follow_up.status::text = 'completed'
          and decision.seen_status is distinct from 'completed' then 'its follow-up was completed' end,
        case when decision.follow_up_id is null and exists (
          select
          from public.follow_ups as other
          where other.lead_id = decision.lead_id
            and other.channel::text = 'voice_call'
            and other.status::text = 'completed'
            and other.completed_at::timestamptz >= decision.decided_at
        ) then 'a follow-up was completed' end,
        case when lead.call_date is not null
          and lead.call_date::timestamptz is distinct from decision.seen_call_date
          then 'call_date was set' end,
        case when jsonb_typeof(lead.raw_payload -> 'dispatch') is not null
          and lead.raw_payload -> 'dispatch' is distinct from decision.seen_dispatch
          then 'raw_payload.dispatch was written' end
      ),
      ''
    ) as other_did,
    decision.seen_completed_at is not null or decision.seen_dispatch is not null
      or decision.seen_call_date is not null as was_marked
  from public.shadow_decisions as decision
  left join public.leads as lead on lead.id = decision.lead_id
  left join public.follow_ups as follow_up on follow_up.id = decision.follow_up_id
),
-- Called by the other, and never decided here: it was not due by our rules, or the other was quicker.
unseen as (
  select follow_up.lead_id, follow_up.id as follow_up_id, 'its follow-up was completed' as other_did,
    follow_up.completed_at::timestamptz as at
  from public.follow_ups as follow_up
  cross join public.dispatch_settings as settings
  where follow_up.channel::text = 'voice_call'
    and follow_up.status::text = 'completed'
    and follow_up.completed_at::timestamptz >= settings.shadow_since
  union all
  select lead.id, null, 'call_date was set', lead.call_date::timestamptz
  from public.leads as lead
  cross join public.dispatch_settings as settings
  where lead.call_date::timestamptz >= settings.shadow_since
    and not exists (
      select
      from public.follow_ups as follow_up
      where follow_up.lead_id = lead.id
        and follow_up.channel::text = 'voice_call'
        and follow_up.status::text = 'completed'
        and follow_up.completed_at::timestamptz >= settings.shadow_since
    )
)
select
  case
    when noted.decision = 'call' and noted.other_did is not null then 'both'
    when noted.decision = 'call' and noted.decided_at > now() - interval '30 minutes' then 'not_yet'
    when noted.decision = 'call' then 'only_us'
    when noted.other_did is not null then 'only_them'
    else 'neither'
  end as verdict,
  noted.lead_id, noted.follow_up_id, noted.decision, noted.reason, noted.decided_at, noted.other_did,
  noted.was_marked
from noted
union all
select
  'not_judged', unseen.lead_id, unseen.follow_up_id, null,
  'It was not due by our rules, or the other was quicker', unseen.at, unseen.other_did, false
from unseen
where not exists (
  select from public.shadow_decisions as known where known.lead_id = unseen.lead_id
);

revoke all on table public.shadow_report from public, anon, authenticated;
grant select on table public.shadow_report to service_role;
comment on view public.shadow_report is
  'For the operator, in and after shadow mode: each reason to call, what we would have done and what the other dispatcher did. verdict: both; only_us; not_yet = we would have called within the last 30 minutes, and the other may still; only_them = the other called, and reason says why we would not; neither; not_judged = the other called somebody of whom nothing was decided here. other_did: by what the other''s call shows, null = by nothing. was_marked: the row bore marks of an earlier call when it was decided: with verdict only_us, somebody whom we might call again. Reads all follow-ups and leads.';

create function public.use_shadow_mode(
  is_on boolean
)
returns text
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  was_on boolean;
begin
  select settings.shadow into strict was_on from public.dispatch_settings as settings for update;
  if not use_shadow_mode.is_on then
    update public.dispatch_settings as settings set shadow = false where settings.id;
    if to_regclass('cron.job') is not null then
      perform cron.unschedule(job.jobname)
      from cron.job as job
      where job.jobname = 'call-dispatch-shadow' and job.username = current_user;
    end if;
    return 'Shadow mode is off, and the engine still paused: set dispatch_settings.paused to false to call';
  end if;

  if exists (
    select
    from public.call_attempts as attempt
    where attempt.status in ('sending', 'accepted', 'unknown')
  ) or exists (select from public.runs_under_way(now())) then
    raise exception 'Cannot begin shadow mode: calls of our own are under way or unsettled'
      using hint = 'Pause, wait until they are over, and settle the rest: see unsettled_calls.';
  end if;
  update public.dispatch_settings as settings
  set paused = true,
    shadow = true,
    shadow_since = case when was_on then settings.shadow_since else now() end
  where settings.id;
  if not was_on then
    delete from public.shadow_decisions as decision where decision.id is not null;
  end if;
  if to_regclass('cron.job') is null then
    return 'Shadow mode is on; pg_cron is not here: select note_shadow_decisions() every minute';
  end if;
  perform cron.schedule(
    'call-dispatch-shadow', '* * * * *', 'select public.note_shadow_decisions()'
  );
  return 'Shadow mode is on: nobody is called; see shadow_report';
end
$$;

revoke all on function public.use_shadow_mode from public, anon, authenticated;
grant execute on function public.use_shadow_mode to service_role;

comment on function public.use_shadow_mode is
  'Switches shadow mode, and its cron job call-dispatch-shadow, on or off. On: pauses the engine, which then cannot be resumed before shadow mode is off, and forgets earlier decisions; again while on: puts the job right. Off: leaves the engine paused, because going live is an act of its own. Raises while calls of our own are under way or unsettled. Run it as the role that owns the jobs, which is postgres. Returns what is so now, in words.';

-- No run begins: a run that finds the engine paused calls nobody, but would seed.
create or replace function public.begin_dispatch_run(
  run_id uuid default null,
  source text default 'manual',
  as_of timestamptz default now(),
  contract integer default null
)
returns table (
  id uuid,
  start_with_one boolean
)
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  begun uuid;
begin
  -- Before anything is changed.
  perform public.check_dispatch_contract(begin_dispatch_run.contract);
  if (select settings.shadow from public.dispatch_settings as settings) then
    raise exception 'Shadow mode is on, so no run is begun: to go live, select use_shadow_mode(false), then set dispatch_settings.paused to false';
  end if;

  -- What was asked for before this moment is this run's own work.
  delete from public.dispatch_requests as asked where asked.requested_at <= clock_timestamp();

  update public.dispatch_runs as run
  set begun_at = begin_dispatch_run.as_of
  where run.id = begin_dispatch_run.run_id and run.finished_at is null
  returning run.id into begun;

  if begun is null then
    insert into public.dispatch_runs (source, started_at, begun_at)
    values (
      begin_dispatch_run.source, begin_dispatch_run.as_of, begin_dispatch_run.as_of
    )
    returning dispatch_runs.id into begun;
  end if;

  return query
    select
      begun,
      coalesce(
        (
          select run.stop_reason = 'halted'
          from public.dispatch_runs as run
          where run.claimed > 0 and run.finished_at is not null
          order by run.started_at desc
          limit 1
        ),
        false
      );
end
$$;

revoke all on function public.begin_dispatch_run from public, anon, authenticated;
grant execute on function public.begin_dispatch_run to service_role;

comment on function public.begin_dispatch_run is
  'First act of every run: takes up the row that invoke_call_dispatch wrote, or, for a manual run or an id that is unknown or already finished, writes a new one. Raises, and changes nothing, when contract is not the number of dispatch_contract (the function is older or newer than the database), and in shadow mode. start_with_one is true when the last run that claimed anything was halted: then a single call shows whether the cause is mended.';

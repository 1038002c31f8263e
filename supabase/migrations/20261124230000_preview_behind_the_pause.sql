-- While paused the dry run tells whom the engine would call without the pause: the account's limits are applied
-- as they would be then, and the pause is given as the reason only where there is no other.

create or replace function public.preview_dispatch(
  batch_size integer default 500,
  as_of timestamptz default now()
)
returns table (
  follow_up_id uuid,
  lead_id uuid,
  due_at timestamptz,
  customer_name text,
  phone text,
  default_country text,
  refusal text
)
language sql
stable
security invoker
set search_path = ''
set jit = off
as $$
  with settings as (
    select * from public.dispatch_settings
  ),
  allowance as materialized (
    select *
    from public.call_allowance(
      '00000000-0000-0000-0000-000000000000', as_of => preview_dispatch.as_of
    )
  ),
  -- Two looks, as the claim: callbacks go before all that has waited longer.
  due as (
    (
      select follow_up.id, follow_up.lead_id, follow_up.due_at::timestamptz as due_at,
        follow_up.leased_until, follow_up.reason, follow_up.is_callback
      from public.follow_ups as follow_up
      where follow_up.status = 'pending'
        and follow_up.channel = 'voice_call'
        and follow_up.is_callback
        and follow_up.due_at <= preview_dispatch.as_of
      order by follow_up.due_at, follow_up.id
      limit least(preview_dispatch.batch_size, 500)
    )
    union all
    (
      select follow_up.id, follow_up.lead_id, follow_up.due_at::timestamptz as due_at,
        follow_up.leased_until, follow_up.reason, follow_up.is_callback
      from public.follow_ups as follow_up
      where follow_up.status = 'pending'
        and follow_up.channel = 'voice_call'
        and not follow_up.is_callback
        and follow_up.due_at <= preview_dispatch.as_of
      order by follow_up.due_at, follow_up.id
      limit least(preview_dispatch.batch_size, 500)
    )
  ),
  to_seed as (
    select distinct null::uuid as id, lead.id as lead_id, preview_dispatch.as_of as due_at
    from (
      select candidate.lead_id
      from public.seed_candidates as candidate
      order by candidate.id
      limit least(preview_dispatch.batch_size, 500)
    ) as candidate
    join public.leads as lead on lead.id = candidate.lead_id
    where public.is_seedable_lead(lead.stage::text, lead.phone::text, lead.call_date)
      and not exists (
        select
        from public.follow_ups as follow_up
        where follow_up.lead_id = lead.id and public.blocks_seeding(follow_up.status::text)
      )
      and not public.was_called(lead.id)
  ),
  listed as (
    select
      due.id, due.lead_id, due.due_at, due.is_callback,
      case
        when due.leased_until > preview_dispatch.as_of then 'Another run is working on it'
        when exists (
          select from public.dispatchable_follow_ups as open_one where open_one.id = due.id
        ) then null
        when exists (
          select
          from public.call_attempts as attempt
          where attempt.follow_up_id = due.id
            and attempt.status in ('sending', 'accepted', 'unknown')
        ) then coalesce(due.reason, 'Its call is under way')
        when public.waits_for_an_older(due.id, preview_dispatch.as_of)
          then 'An older follow-up of the same lead comes first'
      end as wait
    from due
    union all
    select to_seed.id, to_seed.lead_id, to_seed.due_at, false, null from to_seed
  ),
  judged as (
    select
      listed.*, lead.customer_name::text as customer_name, lead.phone::text as phone,
      coalesce(
        case when refusal.until is null then refusal.reason end,
        listed.wait,
        refusal.reason
      ) as refusal
    from listed
    left join public.leads as lead on lead.id = listed.lead_id
    left join public.follow_ups as follow_up on follow_up.id = listed.id
    left join lateral public.call_refusal(
      follow_up, lead, public.number_as_written(lead.phone::text),
      preview_dispatch.as_of
    ) as refusal on true
  )
  select
    judged.id, judged.lead_id, judged.due_at, judged.customer_name, judged.phone,
    settings.default_country,
    case
      when judged.refusal is not null then judged.refusal
      -- As many as may be called, in the order of the claim.
      when count(*) filter (where judged.refusal is null) over (
        order by judged.is_callback desc, judged.due_at, judged.id
      ) > allowance.calls then allowance.reason
      -- Last, so that it stands only where nothing else is in the way.
      when settings.paused then 'Paused: dispatch_settings.paused is true'
    end
  from judged
  cross join settings
  cross join allowance
  order by judged.is_callback desc, judged.due_at, judged.id
  limit least(preview_dispatch.batch_size, 500)
$$;

revoke all on function public.preview_dispatch from public, anon, authenticated;
grant execute on function public.preview_dispatch to service_role;

comment on function public.preview_dispatch is
  'For the dry run: the follow-ups that are due at as_of and those that would be seeded (follow_up_id null), at most batch_size and 500, in the order of the claim, each with why it would not be called, or null: what call_refusal says, that call_allowance leaves no more calls or, where nothing but the pause is in the way, that all is paused. Changes and locks nothing. Whether the number is valid and free is not judged here: see numbers_in_live_calls.';

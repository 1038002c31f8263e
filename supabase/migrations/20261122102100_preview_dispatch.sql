create function public.preview_dispatch(
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
as $$
  with settings as (
    select * from public.dispatch_settings
  ),
  due as (
    select follow_up.id, follow_up.lead_id, follow_up.due_at::timestamptz as due_at,
      follow_up.leased_until, follow_up.reason, follow_up.source::text as source
    from public.follow_ups as follow_up
    where follow_up.status = 'pending'
      and follow_up.channel = 'voice_call'
      and follow_up.due_at <= preview_dispatch.as_of
    order by follow_up.due_at, follow_up.id
    limit least(preview_dispatch.batch_size, 500)
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
      due.id, due.lead_id, due.due_at, due.source,
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
        else 'An older follow-up of the same lead comes first'
      end as wait
    from due
    union all
    select to_seed.id, to_seed.lead_id, to_seed.due_at, 'seed', null from to_seed
  )
  select
    listed.id, listed.lead_id, listed.due_at, lead.customer_name::text, lead.phone::text,
    settings.default_country,
    coalesce(
      case when lead.id is null then 'Lead does not exist' end,
      public.lead_refusal_reason(
        lead.stage::text, lead.phone::text, lead.call_date, listed.source
      ),
      listed.wait,
      case when settings.paused then 'Paused: dispatch_settings.paused is true' end
    )
  from listed
  left join public.leads as lead on lead.id = listed.lead_id
  cross join settings
  order by listed.due_at, listed.id
  limit least(preview_dispatch.batch_size, 500)
$$;

revoke all on function public.preview_dispatch from public, anon, authenticated;
grant execute on function public.preview_dispatch to service_role;

comment on function public.preview_dispatch is
  'For the dry run: the follow-ups that are due at as_of and those that would be seeded (follow_up_id null), at most batch_size and 500, each with why it would not be called, or null. Changes and locks nothing. Whether the number is valid and free is not judged here: see numbers_in_live_calls.';

create function public.numbers_in_live_calls(
  numbers text[]
)
returns setof text
language sql
stable
security invoker
set search_path = ''
as $$
  select attempt.to_number
  from public.call_attempts as attempt
  where attempt.to_number = any (numbers_in_live_calls.numbers)
    and attempt.status in ('sending', 'accepted', 'unknown')
$$;

revoke all on function public.numbers_in_live_calls from public, anon, authenticated;
grant execute on function public.numbers_in_live_calls to service_role;

comment on function public.numbers_in_live_calls is
  'For the dry run: those of the given E.164 numbers that are in a live call now. The opening of an attempt does not ask here: it leaves the answer to the unique index.';

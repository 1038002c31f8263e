-- What is asked for every row. A function in SQL is parsed and planned anew in each transaction, one in plpgsql once for
-- each connection: that was a tenth of what the database does for a call.

create or replace function public.lead_refusal_reason(
  stage text,
  phone text,
  call_date timestamptz,
  source text
)
returns text
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  return case
    when lower(btrim(lead_refusal_reason.stage)) = 'closed' then 'Lead is closed'
    when lower(btrim(lead_refusal_reason.stage)) = 'lost' then 'Lead is lost'
    when coalesce(btrim(lead_refusal_reason.phone), '') = '' then 'Lead has no phone number'
    when lead_refusal_reason.source = 'seed' and lead_refusal_reason.call_date is not null
      then 'Lead has been called meanwhile'
  end;
end
$$;

revoke all on function public.lead_refusal_reason from public, anon, authenticated;
grant execute on function public.lead_refusal_reason to service_role;

comment on function public.lead_refusal_reason is
  'Why this lead must not be called for a follow-up of this source, as a sentence, or null when it may be. The claim, the opening of an attempt, the seed phase and the dry run ask here and nowhere else.';

create or replace function public.number_as_written(
  phone text
)
returns text
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
  written constant text := regexp_replace(coalesce(number_as_written.phone, ''), '[^0-9+]', '', 'g');
begin
  return case
    when written ~ '^\+[1-9][0-9]{7,14}$' then written
    when written ~ '^00[1-9][0-9]{7,14}$' then '+' || substr(written, 3)
  end;
end
$$;

revoke all on function public.number_as_written from public, anon, authenticated;
grant execute on function public.number_as_written to service_role;

comment on function public.number_as_written is
  'The number in E.164 as far as it can be read without a library: null for one that is written without its country. For the claim and the dry run, which look ahead; the opening of an attempt has the number as it is dialled.';

create or replace function public.blocks_seeding(
  status text
)
returns boolean
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  return coalesce(blocks_seeding.status, '') <> 'skipped';
end
$$;

revoke all on function public.blocks_seeding from public, anon, authenticated;
grant execute on function public.blocks_seeding to service_role;

comment on function public.blocks_seeding is
  'True when a follow-up with this status keeps its lead from being seeded. Only a skipped one does not: the lead may have been reopened. A cancelled one does, because a person said no; so does a word that only other programs know.';

create or replace function public.merge_payload(
  payload jsonb,
  key text,
  part jsonb
)
returns jsonb
language plpgsql
immutable
security invoker
set search_path = ''
as $$
begin
  return case
    -- A payload that is no object is somebody else's and stays as it is.
    when jsonb_typeof(coalesce(merge_payload.payload, '{}')) <> 'object' then merge_payload.payload
    else coalesce(merge_payload.payload, '{}') || jsonb_build_object(
      merge_payload.key,
      case
        when jsonb_typeof(merge_payload.payload -> merge_payload.key) = 'object'
          then merge_payload.payload -> merge_payload.key
        else '{}'
      end || merge_payload.part
    )
  end;
end
$$;

revoke all on function public.merge_payload from public, anon, authenticated;
grant execute on function public.merge_payload to service_role;

comment on function public.merge_payload is
  'The payload with part merged, key by key, into the object under key; every other key stays. A payload that is no object is returned as it is.';

create or replace function public.calls_summed_up_to()
returns timestamptz
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  return (
    select total.hour + interval '1 hour'
    from public.call_totals as total
    order by total.hour desc
    limit 1
  );
end
$$;

revoke all on function public.calls_summed_up_to from public, anon, authenticated;
grant execute on function public.calls_summed_up_to to service_role;

comment on function public.calls_summed_up_to is
  'Calls opened before this moment are in call_totals, all others are not. Null = none is.';

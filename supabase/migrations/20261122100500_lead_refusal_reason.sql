create function public.lead_refusal_reason(
  stage text,
  phone text,
  call_date timestamptz,
  source text
)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  select case
    when lower(btrim(lead_refusal_reason.stage)) = 'closed' then 'Lead is closed'
    when lower(btrim(lead_refusal_reason.stage)) = 'lost' then 'Lead is lost'
    when coalesce(btrim(lead_refusal_reason.phone), '') = '' then 'Lead has no phone number'
    when lead_refusal_reason.source = 'seed' and lead_refusal_reason.call_date is not null
      then 'Lead has been called meanwhile'
  end
$$;

revoke all on function public.lead_refusal_reason from public, anon, authenticated;
grant execute on function public.lead_refusal_reason to service_role;

comment on function public.lead_refusal_reason is
  'Why this lead must not be called for a follow-up of this source, as a sentence, or null when it may be. The claim, the opening of an attempt, the seed phase and the dry run ask here and nowhere else.';

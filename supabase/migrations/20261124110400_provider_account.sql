-- What Omni says of its lines and of what calls cost.

create function public.account_readings_due(
  as_of timestamptz default now()
)
returns table (
  headroom boolean,
  before_calling boolean,
  costs boolean,
  asked_at timestamptz
)
language plpgsql
volatile
security invoker
set search_path = ''
-- Who holds the account's row for longer has forgotten a transaction, and must not stop the calls.
set lock_timeout = '200ms'
as $$
declare
  settings public.dispatch_settings;
  is_full boolean;
begin
  select * into strict settings from public.dispatch_settings;
  select coalesce(allowance.calls = 0 and not allowance.is_limit, false) into is_full
  from public.call_allowance(as_of => account_readings_due.as_of) as allowance;

  asked_at := account_readings_due.as_of;
  -- Whoever asks says so first, by a row that is locked: runs side by side do not all ask. Where no line
  -- was free, only a new answer shows that one is: this run may be here because a call has just ended.
  begin
    update public.provider_account as account
    set asked_at = account_readings_due.as_of
    where account.id
      and coalesce(account.refused_at < account_readings_due.as_of - interval '1 hour', true)
      and (
        is_full
        or coalesce(account.asked_at < account_readings_due.as_of - interval '10 seconds', true)
      );
    headroom := found;
    -- There, and where lines are kept free, the answer is worth waiting for.
    before_calling := headroom and (is_full or settings.lines_left_free > 0);

    update public.provider_account as account
    set costs_read_at = account_readings_due.as_of
    where account.id
      and num_nonnulls(settings.max_spend_per_day, settings.max_spend_per_month) > 0
      and coalesce(
        account.costs_read_at < account_readings_due.as_of - interval '5 minutes', true
      );
    costs := found;
  exception
    when lock_not_available then
      headroom := false;
      before_calling := false;
      costs := false;
  end;
  return next;
end
$$;

revoke all on function public.account_readings_due from public, anon, authenticated;
grant execute on function public.account_readings_due to service_role;

comment on function public.account_readings_due is
  'What a run is to ask Omni about the account now, and notes that it asks. headroom: the lines and the balance, not within ten seconds after another run, unless no line was free, and not within an hour after a refusal; before_calling: it should know the answer before it claims; costs: the costs of calls, while a limit of money is set, every five minutes. Nothing is due while somebody holds the account''s row for 200 ms. asked_at goes back to record_provider_account.';

create function public.record_provider_account(
  reading jsonb,
  asked_at timestamptz
)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
-- As account_readings_due: a run may be waiting for this before it calls.
set lock_timeout = '200ms'
as $$
begin
  if record_provider_account.reading ? 'refusal' then
    update public.provider_account as account
    set refused_at = record_provider_account.asked_at,
      refusal = left(record_provider_account.reading ->> 'refusal', 500)
    where account.id;
    return;
  end if;
  update public.provider_account as account
  set read_at = record_provider_account.asked_at,
    lines_limit = (record_provider_account.reading ->> 'lines_limit')::integer,
    lines_in_use = (record_provider_account.reading ->> 'lines_in_use')::integer,
    lines_available = (record_provider_account.reading ->> 'lines_available')::integer,
    balance = (record_provider_account.reading ->> 'balance')::numeric,
    currency = record_provider_account.reading ->> 'currency',
    refused_at = null,
    refusal = null
  where account.id
    -- Answers may overtake each other.
    and coalesce(account.read_at < record_provider_account.asked_at, true);
end
$$;

revoke all on function public.record_provider_account from public, anon, authenticated;
grant execute on function public.record_provider_account to service_role;

comment on function public.record_provider_account is
  'Notes what Omni said of the account: {lines_limit, lines_in_use, lines_available, balance, currency}, null = not told, or {refusal} when the key may not read it. asked_at: what account_readings_due gave, the moment before the question. An answer older than the one that is known changes nothing. Raises lock_not_available when somebody holds the row for 200 ms: then nothing is noted, and the next reading is.';

create function public.calls_without_cost(
  batch_size integer default 1000,
  as_of timestamptz default now()
)
returns setof text
language sql
stable
security invoker
set search_path = ''
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
  -- In the log the newest stand on top. But those whose cost is never told must not stand before all
  -- others for three days, so half of the places are for the oldest.
  select known.request_id
  from (
    select
      attempt.request_id, attempt.opened_at,
      row_number() over (order by attempt.opened_at desc, attempt.id) as from_the_newest,
      row_number() over (order by attempt.opened_at, attempt.id) as from_the_oldest
    from public.call_attempts as attempt
    cross join public.dispatch_settings as settings
    where attempt.status in ('sending', 'accepted', 'unknown', 'ended')
      and attempt.status in ('accepted', 'ended')
      and attempt.opened_at > calls_without_cost.as_of - interval '3 days'
      and attempt.call_cost is null
      and attempt.request_id is not null
      -- Surely over, or its cost would be looked for in vain.
      and (
        attempt.status = 'ended' and attempt.ended_at <= calls_without_cost.as_of - interval '2 minutes'
        or attempt.opened_at <= calls_without_cost.as_of - settings.settle_after
      )
  ) as known
  where known.from_the_newest <= calls_without_cost.batch_size - calls_without_cost.batch_size / 2
    or known.from_the_oldest <= calls_without_cost.batch_size / 2
  order by known.opened_at desc
$$;

revoke all on function public.calls_without_cost from public, anon, authenticated;
grant execute on function public.calls_without_cost to service_role;

comment on function public.calls_without_cost is
  'Omni''s request ids of the calls of the last three days whose cost is not known and that are over: ended two minutes ago, or begun dispatch_settings.settle_after ago and not reported on. At most batch_size, half of them the newest and half the oldest, the newest first. The run looks for them in Omni''s call log.';

create function public.record_call_costs(
  costs jsonb
)
returns integer
language plpgsql
volatile
security invoker
set search_path = ''
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  noted integer;
begin
  -- In the order of their keys, as all who lock several.
  with told as materialized (
    select attempt.id, cost.cost
    from jsonb_to_recordset(record_call_costs.costs) as cost (request_id text, cost numeric)
    join public.call_attempts as attempt on attempt.request_id = cost.request_id
    where cost.cost >= 0
    order by attempt.id
    for update of attempt
  )
  update public.call_attempts as attempt
  set call_cost = told.cost
  from told
  where attempt.id = told.id and attempt.call_cost is distinct from told.cost;
  get diagnostics noted = row_count;
  return noted;
end
$$;

revoke all on function public.record_call_costs from public, anon, authenticated;
grant execute on function public.record_call_costs to service_role;

comment on function public.record_call_costs is
  'Notes what calls cost: array of {request_id, cost}, by Omni''s request id, in the account''s currency. Returns how many attempts were changed; repeating it changes nothing.';
